/** The whole history in a strip, with the window on it: drag it, or its ends. */
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { onThemeChange } from "../lib/theme";
import { formatDate, formatDateTime, hubNow } from "../lib/time";
import { gapAfter, height } from "./data";
import { loadLines, oldest } from "./load";
import { colourOf } from "./palette";
import type { Line, SeriesSpec, View } from "./types";
import { windowOf } from "./view";

const POINTS = 500;
/** More lines than these would be a blot at that height. */
const MOST_LINES = 2;
const REFRESH_MS = 60_000;

interface BrushProps {
  series: SeriesSpec[];
  view: View;
  frame: { current: HTMLElement | null };
  preview(from_ms: number, to_ms: number): void;
  change(from_ms: number, to_ms: number): void;
}

type Part = "from" | "to" | "window";
interface Stretch { from_ms: number; to_ms: number }

export function Brush({ series, view, frame, preview, change }: BrushProps) {
  const strip = useRef<HTMLDivElement>(null);
  const [whole, setWhole] = useState<Stretch | null>(null);
  const [lines, setLines] = useState<Line[]>([]);
  const [dragged, setDragged] = useState<Stretch | null>(null);
  const shown = series.filter((spec) => !spec.shift_ms).slice(0, MOST_LINES);
  const key = JSON.stringify(shown.map(({ address, sensor, unit }) => [address, sensor, unit]));
  useEffect(() => {
    let over = false;
    const load = async () => {
      const from_ms = await oldest(shown);
      const to_ms = hubNow();
      if (over || from_ms === null || to_ms - from_ms < 60_000) return;
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
  if (!whole) return null;
  const window_ = dragged ?? windowOf(view, hubNow());
  const span = whole.to_ms - whole.from_ms;
  const share = (ms: number) => Math.min(1, Math.max(0, (ms - whole.from_ms) / span));
  const [left, right] = [share(window_.from_ms), share(window_.to_ms)];
  const bounded = (from_ms: number, to_ms: number): Stretch => ({ from_ms, to_ms: Math.max(from_ms + 2_000, to_ms) });
  const moved = (part: Part, by_ms: number, from: Stretch): Stretch => {
    if (part === "from") return bounded(Math.min(from.from_ms + by_ms, from.to_ms - 2_000), from.to_ms);
    if (part === "to") return bounded(from.from_ms, Math.max(from.from_ms + 2_000, Math.min(from.to_ms + by_ms, hubNow())));
    const by = Math.min(by_ms, hubNow() - from.to_ms);
    return { from_ms: from.from_ms + by, to_ms: from.to_ms + by };
  };
  const drag = (event: PointerEvent, part: Part) => {
    const element = strip.current;
    if (!element || event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    const box = element.getBoundingClientRect();
    let begin = { ...window_ };
    if (event.target === element || (event.target as Element).tagName === "CANVAS") {
      // Beside the window: it comes to where the strip was touched.
      const middle = whole.from_ms + ((event.clientX - box.left) / box.width) * span;
      begin = moved("window", middle - (begin.from_ms + begin.to_ms) / 2, begin);
    }
    let now = begin;
    setDragged(now);
    preview(now.from_ms, now.to_ms);
    element.setPointerCapture(event.pointerId);
    const move = (at: PointerEvent) => {
      now = moved(part, ((at.clientX - event.clientX) / box.width) * span, begin);
      setDragged(now);
      preview(now.from_ms, now.to_ms);
    };
    const end = () => {
      element.removeEventListener("pointermove", move);
      setDragged(null);
      change(now.from_ms, now.to_ms);
    };
    element.addEventListener("pointermove", move);
    element.addEventListener("lostpointercapture", end, { once: true });
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
      style={{ left: `${place * 100}%` }}
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

function Strip({ lines, whole, frame }: { lines: Line[]; whole: Stretch; frame: { current: HTMLElement | null } }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const draw = () => drawStrip(element, lines, whole, frame.current ?? element);
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    const stop = onThemeChange(() => setTimeout(draw, 30));
    return () => {
      observer.disconnect();
      stop();
    };
  }, [lines, whole]);
  return <canvas ref={canvas} class="brush-canvas" aria-hidden="true" />;
}

function drawStrip(canvas: HTMLCanvasElement, lines: Line[], whole: Stretch, themed: Element): void {
  const ratio = devicePixelRatio || 1;
  const [width, tall] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio];
  if (width === 0) return;
  canvas.width = width;
  canvas.height = tall;
  const context = canvas.getContext("2d");
  if (!context) return;
  const numbers = lines.some((line) => line.kind === "number" && line.at.length > 0);
  lines.forEach((line) => {
    if (numbers && line.kind !== "number") return;
    const ys = line.values.map((value) => height(line, value));
    const known = ys.filter((y): y is number => y !== null);
    if (known.length === 0) return;
    const low = known.reduce((a, b) => Math.min(a, b));
    const high = known.reduce((a, b) => Math.max(a, b));
    context.beginPath();
    context.strokeStyle = colourOf(themed, line.hue, line.color);
    context.lineWidth = ratio;
    context.globalAlpha = 0.8;
    const gap = line.kind === "number" ? gapAfter(line, whole.to_ms - whole.from_ms) : Infinity;
    let down = false;
    let before = 0;
    line.at.forEach((at, n) => {
      if (at - (line.at[n - 1] ?? at) > gap) down = false;
      const y = ys[n];
      const x = ((at - whole.from_ms) / (whole.to_ms - whole.from_ms)) * width;
      if (y === null || y === undefined) down = false;
      else {
        const place = tall - 3 * ratio - ((y - low) / (high - low || 1)) * (tall - 6 * ratio);
        if (!down) context.moveTo(x, place);
        else {
          if (line.kind === "state") context.lineTo(x, before);
          context.lineTo(x, place);
        }
        before = place;
        down = true;
      }
    });
    context.stroke();
  });
}
