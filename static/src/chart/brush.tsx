/** The whole history in a strip, with the window on it: drag it, or its ends. */
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { formatDate, formatDateTime, hubNow } from "../lib/time";
import { loadLines, oldest } from "./load";
import { Strip, type Stretch } from "./strip";
import type { Line, SeriesSpec, View } from "./types";
import { windowOf } from "./view";

const POINTS = 500;
/** More lines than these would be a blot at that height. */
const MOST_LINES = 2;
const REFRESH_MS = 60_000;
/** Of a shorter history a strip says nothing that the chart does not. */
const SHORT_MS = 60_000;
/** The narrowest window. */
const LEAST_MS = 2_000;

interface BrushProps {
  series: SeriesSpec[];
  view: View;
  frame: { current: HTMLElement | null };
  preview(from_ms: number, to_ms: number): void;
  change(from_ms: number, to_ms: number): void;
}

type Part = "from" | "to" | "window";

export function Brush({ series, view, frame, preview, change }: BrushProps) {
  const strip = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<Stretch | null>(null);
  const { whole, lines } = useHistory(series);
  if (!whole) return null;
  const window_ = dragged ?? windowOf(view, hubNow());
  const span = whole.to_ms - whole.from_ms;
  const share = (ms: number) => Math.min(1, Math.max(0, (ms - whole.from_ms) / span));
  const [left, right] = [share(window_.from_ms), share(window_.to_ms)];
  const drag = (event: PointerEvent, part: Part) => {
    if (strip.current) followPointer(event, part, strip.current, whole, window_, {
      during: (now) => { setDragged(now); preview(now.from_ms, now.to_ms); },
      after: (now) => { setDragged(null); change(now.from_ms, now.to_ms); },
    });
  };
  const keyed = (event: KeyboardEvent, part: Part) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = moved(part, (by * span) / 100, window_);
    change(next.from_ms, next.to_ms);
  };
  const handle = (part: "from" | "to", at_ms: number, place: number) => (
    <div
      class={`brush-handle brush-${part}`}
      // Not beyond the strip, and so not beyond the card.
      style={{ left: `clamp(9px, ${place * 100}%, 100% - 9px)` }}
      role="slider"
      tabIndex={0}
      aria-label={t(`chart.brush.${part}`)}
      aria-valuemin={Math.round(Math.min(whole.from_ms, at_ms))}
      aria-valuemax={Math.round(Math.max(whole.to_ms, at_ms))}
      aria-valuenow={Math.round(at_ms)}
      aria-valuetext={formatDateTime(at_ms)}
      onPointerDown={(event) => drag(event, part)}
      onKeyDown={(event) => keyed(event, part)}
    />
  );
  return (
    <div class="brush-row">
      <div ref={strip} class="brush" role="group" aria-label={t("chart.brush")} onPointerDown={(event) => drag(event, "window")}>
        <Strip lines={lines} whole={whole} frame={frame} />
        <div class="brush-window" style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }} onPointerDown={(event) => drag(event, "window")} />
        {handle("from", window_.from_ms, left)}
        {handle("to", window_.to_ms, right)}
      </div>
      <div class="brush-ends" aria-hidden="true"><span>{formatDate(whole.from_ms)}</span><span>{formatDate(whole.to_ms)}</span></div>
    </div>
  );
}

/** From the press to the release. */
function followPointer(
  event: PointerEvent,
  part: Part,
  strip: HTMLElement,
  whole: Stretch,
  window_: Stretch,
  told: { during(now: Stretch): void; after(now: Stretch): void },
): void {
  if (event.button !== 0) return;
  event.preventDefault();
  event.stopPropagation();
  const box = strip.getBoundingClientRect();
  const perPixel = (whole.to_ms - whole.from_ms) / box.width;
  let begin = { ...window_ };
  if (event.target === strip || (event.target as Element).tagName === "CANVAS") {
    // Beside the window: it comes to where the strip was touched.
    const middle = whole.from_ms + (event.clientX - box.left) * perPixel;
    begin = moved("window", middle - (begin.from_ms + begin.to_ms) / 2, begin);
  }
  let now = begin;
  told.during(now);
  strip.setPointerCapture(event.pointerId);
  const move = (at: PointerEvent) => {
    now = moved(part, (at.clientX - event.clientX) * perPixel, begin);
    told.during(now);
  };
  const end = () => {
    strip.removeEventListener("pointermove", move);
    told.after(now);
  };
  strip.addEventListener("pointermove", move);
  strip.addEventListener("lostpointercapture", end, { once: true });
}

/** Where a part of the window comes to when it is moved by so much. */
function moved(part: Part, by_ms: number, from: Stretch): Stretch {
  const now = hubNow();
  if (part === "from") return { from_ms: Math.min(from.from_ms + by_ms, from.to_ms - LEAST_MS), to_ms: from.to_ms };
  if (part === "to") return { from_ms: from.from_ms, to_ms: Math.max(from.from_ms + LEAST_MS, Math.min(from.to_ms + by_ms, now)) };
  const by = Math.min(by_ms, now - from.to_ms);
  return { from_ms: from.from_ms + by, to_ms: from.to_ms + by };
}

/** From the oldest reading of the sensors up to now. */
function useHistory(series: SeriesSpec[]): { whole: Stretch | null; lines: Line[] } {
  const [whole, setWhole] = useState<Stretch | null>(null);
  const [lines, setLines] = useState<Line[]>([]);
  const shown = series.filter((spec) => !spec.shift_ms).slice(0, MOST_LINES);
  const key = JSON.stringify(shown.map(({ address, sensor, unit }) => [address, sensor, unit]));
  useEffect(() => {
    let over = false;
    const load = async () => {
      const from_ms = await oldest(shown);
      const to_ms = hubNow();
      if (over || from_ms === null || to_ms - from_ms < SHORT_MS) return;
      setWhole({ from_ms, to_ms });
      const loaded = await loadLines(shown, from_ms, to_ms, POINTS);
      if (!over) setLines(loaded);
    };
    void load();
    const timer = window.setInterval(() => setWhole((before) => before && { ...before, to_ms: hubNow() }), REFRESH_MS);
    return () => {
      over = true;
      window.clearInterval(timer);
    };
  }, [key]);
  return { whole, lines };
}
