/** Readings of sensors as lines over time: live, zoomed by mouse, touch and keyboard, and told in words. */
import type uPlot from "uplot";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { resync, useNewsBatch, useWatch } from "../lib/live";
import { onThemeChange } from "../lib/theme";
import { hubNow } from "../lib/time";
import { Brush } from "./brush";
import { columns } from "./data";
import { Legend } from "./legend";
import { LevelHandles } from "./levels";
import { Lines } from "./lines";
import { type Extras, makePlot, shapeOf, show } from "./plot";
import { Tools } from "./tools";
import { listenTouch } from "./touch";
import type { Level, SeriesSpec, Span, View } from "./types";
import { alike, fixed, moved, scaled, spanOf, windowOf } from "./view";
import { Words } from "./words";

export interface ChartProps {
  series: SeriesSpec[];
  /** The window. Of a live chart only its width counts: it ends at the present. */
  from_ms: number;
  to_ms: number;
  live?: boolean | undefined;
  /** Of the drawing, in pixels. */
  height?: number | undefined;
  /** The window was changed by whoever looks. */
  onRange?: ((from_ms: number, to_ms: number, live: boolean) => void) | undefined;
  /** What the chart is called for those who cannot see it. */
  label?: string | undefined;
  spans?: Span[] | undefined;
  levels?: Level[] | undefined;
  /** The strip of the whole history below; true unless told otherwise. */
  brush?: boolean | undefined;
  /** Buttons above; true unless told otherwise. */
  tools?: boolean | undefined;
  /** Not while it is only a preview of something else. */
  legend?: boolean | undefined;
}

/** Steps that `back` can go. */
const MOST_BACK = 50;
/** After so long without a further move the readings of a window are fetched. */
const SETTLE_MS = 140;
/** Above so many points a drawing for each animation frame would be felt. */
const MANY_POINTS = 4_000;
const SLOW_MS = 250;
/** Away for so long: the readings are read anew. */
const AWAY_MS = 10_000;
const NONE: never[] = [];

export function Chart(props: ChartProps) {
  const { height = 280, brush = true, tools = true, legend = true } = props;
  const spans = props.spans ?? (NONE as Span[]);
  const levels = props.levels ?? (NONE as Level[]);
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shape = useRef("");
  const [width, setWidth] = useState(0);
  const [version, setVersion] = useState(0);
  const [hidden, setHidden] = useState<Set<string>>(() => new Set());
  const { view, change, back, canBack, reset } = useView(props);
  const extras = useMemo<Extras>(() => ({ spans, levels, frozen: null, now_ms: hubNow }), []);
  const cursorTold = useRef<(at_ms: number | null) => void>(() => undefined);
  const drawn = useRef<(plot: uPlot) => void>(() => undefined);
  const lines = useLines(props.series, view, width, () => draw.current.soon(), () => setVersion((n) => n + 1));

  // What the drawing needs, without making its callbacks anew each time.
  const now = useRef({ view, hidden, width, height });
  now.current = { view, hidden, width, height };

  const draw = useRef(new Drawing(() => {
    const target = frame.current;
    const { view, hidden, width, height } = now.current;
    if (!target || width < 40) return;
    const wanted = `${shapeOf(lines.all, hidden)} ${Math.round(width / 100)} ${height}`;
    if (!plot.current || wanted !== shape.current) {
      plot.current?.destroy();
      shape.current = wanted;
      plot.current = makePlot(target, { width, height }, lines.all, hidden, extras, {
        zoom: (from_ms, to_ms) => act.current.change(fixed(from_ms, to_ms)),
        back: () => act.current.back(),
        cursor: (at_ms) => cursorTold.current(at_ms),
        drawn: (made) => drawn.current(made),
      });
      listenTouch(plot.current, () => windowOf(now.current.view, hubNow()), {
        preview: (from_ms, to_ms) => plot.current?.setScale("x", { min: from_ms, max: to_ms }),
        done: (from_ms, to_ms) => act.current.change(upToNow(from_ms, to_ms, now.current.view)),
        wheel: (factor, place) => act.current.change(scaled(now.current.view, hubNow(), factor, place)),
      });
    }
    const { from_ms, to_ms } = windowOf(view, hubNow());
    show(plot.current, columns(lines.all, Math.min(to_ms, hubNow()), to_ms - from_ms), from_ms, to_ms);
  }, () => (lines.all.reduce((sum, line) => sum + line.at.length, 0) > MANY_POINTS ? SLOW_MS : 0)));
  const act = useRef({ change, back });
  act.current = { change, back };

  useWidth(frame, setWidth);
  useLayoutEffect(() => {
    if (plot.current && width >= 40) plot.current.setSize({ width, height });
    draw.current.now();
  }, [width, height, version, hidden, view]);
  useEffect(() => {
    extras.spans = spans;
    extras.levels = levels;
    draw.current.soon();
  }, [spans, levels]);
  useEffect(() => onThemeChange(() => setTimeout(() => draw.current.now(), 30)), []);
  useEffect(() => () => {
    draw.current.stop();
    plot.current?.destroy();
    plot.current = null;
  }, []);
  useTicks(view, width, () => draw.current.soon());

  const move = {
    zoomIn: () => change(scaled(view, hubNow(), 0.5)),
    zoomOut: () => change(scaled(view, hubNow(), 2)),
    earlier: () => change(moved(view, hubNow(), -0.25, true)),
    later: () => change(moved(view, hubNow(), 0.25, true)),
    follow: () => change({ from_ms: hubNow() - spanOf(view), to_ms: hubNow(), live: true }),
  };
  const name = props.label ?? t("chart.name");
  return (
    <figure class="chart" data-live aria-label={name}>
      <div class="chart-head">
        {legend && <Legend lines={lines.all} version={version} hidden={hidden} setHidden={setHidden} cursor={cursorTold} frame={frame} view={view} loading={lines.loading} />}
        {tools && <Tools view={view} canBack={canBack} {...move} back={back} reset={reset} />}
      </div>
      <div class="chart-stage" style={{ height: `${height}px` }}>
        <div
          ref={frame}
          class="chart-plot"
          tabIndex={0}
          role="application"
          aria-label={t("chart.keys", { name })}
          onKeyDown={(event) => onKey(event, { ...move, back, reset }, plot.current)}
          onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}
        />
        {levels.length > 0 && <LevelHandles levels={levels} extras={extras} drawn={drawn} redraw={() => draw.current.now()} plot={plot} />}
        {lines.loading && lines.all.every((line) => line.at.length === 0) && <p class="chart-note" role="status">{t("chart.loading")}</p>}
        {!lines.loading && lines.all.length > 0 && lines.all.every((line) => line.at.length === 0) && <EmptyNote error={lines.all.find((line) => line.error)?.error} />}
      </div>
      {brush && props.series.length > 0 && <Brush series={props.series} view={view} frame={frame} preview={(from_ms, to_ms) => plot.current?.setScale("x", { min: from_ms, max: to_ms })} change={(from_ms, to_ms) => change(upToNow(from_ms, to_ms, view, true))} />}
      <Words lines={lines.all} view={view} version={version} spans={spans} name={name} />
    </figure>
  );
}

function EmptyNote({ error }: { error: string | undefined }) {
  return <p class="chart-note" role="status">{error ?? t("chart.empty")}</p>;
}

/** A window that reaches the present follows it. */
function upToNow(from_ms: number, to_ms: number, before: View, edge = false): View {
  const near = to_ms >= hubNow() - (edge ? (to_ms - from_ms) * 0.02 : 0);
  if (near || (before.live && edge && Math.abs(to_ms - hubNow()) < 1500)) {
    return { from_ms: hubNow() - (to_ms - from_ms), to_ms: hubNow(), live: true };
  }
  return fixed(from_ms, to_ms);
}

type Moves = Record<"zoomIn" | "zoomOut" | "earlier" | "later" | "back" | "reset", () => void>;

function onKey(event: KeyboardEvent, moves: Moves, plot: uPlot | null): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    event.preventDefault();
    if (plot) stepCursor(plot, event.key === "ArrowLeft" ? -1 : 1);
    return;
  }
  const keys: Record<string, (() => void) | undefined> = {
    "+": moves.zoomIn, "=": moves.zoomIn, "-": moves.zoomOut, "_": moves.zoomOut,
    ArrowLeft: moves.earlier, ArrowRight: moves.later, Home: moves.reset, Backspace: moves.back,
  };
  const run = keys[event.key];
  if (!run) return;
  event.preventDefault();
  run();
}

/** To the next reading on one side, so that its value is read out. */
function stepCursor(plot: uPlot, by: 1 | -1): void {
  const xs = plot.data[0] as number[];
  const { min, max } = plot.scales.x ?? {};
  if (min == null || max == null || xs.length === 0) return;
  const left = plot.cursor.left ?? -10;
  const at = left < 0 ? (by < 0 ? max : min) : plot.posToVal(left, "x");
  const pixel = (max - min) / plot.over.clientWidth;
  const next = by > 0 ? xs.find((x) => x > at + pixel && x <= max) : xs.findLast((x) => x < at - pixel && x >= min);
  if (next !== undefined) plot.setCursor({ left: plot.valToPos(next, "x"), top: plot.over.clientHeight / 2 });
}

/** Draws once per animation frame at most, and less often when there is much to draw. */
class Drawing {
  private waiting = 0;
  private timer = 0;
  private last = 0;

  constructor(private readonly run: () => void, private readonly pause: () => number) {}

  soon(): void {
    if (this.waiting || this.timer) return;
    const wait = this.last + this.pause() - performance.now();
    if (wait > 4) {
      this.timer = window.setTimeout(() => {
        this.timer = 0;
        this.now();
      }, wait);
    } else this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.now();
    });
  }

  now(): void {
    this.last = performance.now();
    this.run();
  }

  stop(): void {
    cancelAnimationFrame(this.waiting);
    window.clearTimeout(this.timer);
  }
}

function useView(props: ChartProps) {
  const given: View = { from_ms: props.from_ms, to_ms: props.to_ms, live: props.live ?? false };
  const [view, setView] = useState(given);
  const past = useRef<View[]>([]);
  // Of a live window only the width counts, or each drawing of the page would begin it anew.
  const key = given.live ? `live ${Math.round(spanOf(given) / 1000)}` : `${given.from_ms} ${given.to_ms}`;
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    setView((before) => (alike(before, given) ? before : given));
  }, [key]);
  const told = (next: View) => {
    setView(next);
    props.onRange?.(Math.round(next.from_ms), Math.round(next.to_ms), next.live);
  };
  const change = (next: View) => {
    if (alike(view, next)) return;
    past.current = [...past.current.slice(1 - MOST_BACK), view];
    told(next);
  };
  const origin = useRef(given);
  const back = () => {
    const before = past.current.pop();
    if (before) told(before);
  };
  return { view, change, back, canBack: past.current.length > 0, reset: () => change(origin.current) };
}

function useLines(series: SeriesSpec[], view: View, width: number, follow: () => void, changed: () => void): Lines {
  const latest = useRef({ follow, changed, view });
  latest.current = { follow, changed, view };
  const lines = useMemo(() => new Lines(() => latest.current.changed()), []);
  const key = JSON.stringify(series.map(({ address, sensor, unit, shift_ms }) => [address, sensor, unit, shift_ms]));
  const labels = JSON.stringify(series.map((spec) => spec.label));
  const window_ = view.live ? `live ${Math.round(spanOf(view))}` : `${view.from_ms} ${view.to_ms}`;
  // Not for each pixel of a resize.
  const points = Math.max(240, Math.ceil(width / 200) * 200);
  const lastKey = useRef("");
  const load = () => void lines.load(series, latest.current.view, points, hubNow());
  const loader = useRef(load);
  loader.current = load;
  useEffect(() => {
    if (width === 0) return;
    const wait = lastKey.current === "" || lastKey.current !== key ? 0 : SETTLE_MS;
    lastKey.current = key;
    const timer = window.setTimeout(load, wait);
    return () => window.clearTimeout(timer);
  }, [key, window_, points, width === 0]);
  useEffect(() => lines.rename(series), [labels]);
  useEffect(() => resync.subscribe(() => loader.current()), []);
  useEffect(() => listenReturn(() => {
    if (latest.current.view.live) loader.current();
  }), []);
  useEffect(() => () => lines.stop(), []);
  const devices = [...new Set(series.filter((spec) => !spec.shift_ms).map((spec) => spec.address))];
  useWatch(view.live && devices.length > 0 ? { devices } : null);
  useNewsBatch(["reading"], (items) => {
    if (latest.current.view.live && lines.follow(items, latest.current.view, hubNow())) latest.current.follow();
  });
  useEffect(() => {
    const timer = window.setInterval(() => {
      if (lines.isBehind(latest.current.view, hubNow())) loader.current();
    }, 5_000);
    return () => window.clearInterval(timer);
  }, []);
  return lines;
}

/** While nobody looked, only the newest of the readings that came together were taken. */
function listenReturn(back: () => void): () => void {
  let left = 0;
  const look = () => {
    if (document.hidden) left = Date.now();
    else if (left > 0 && Date.now() - left > AWAY_MS) back();
  };
  document.addEventListener("visibilitychange", look);
  return () => document.removeEventListener("visibilitychange", look);
}

function useWidth(frame: { current: HTMLElement | null }, set: (width: number) => void): void {
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    set(element.clientWidth);
    const observer = new ResizeObserver(() => set(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
}

/** A live window moves on by a pixel at a time, and not at all while nobody looks. */
function useTicks(view: View, width: number, tick: () => void): void {
  const every = Math.min(30_000, Math.max(250, spanOf(view) / Math.max(1, width)));
  useEffect(() => {
    if (!view.live) return;
    const timer = window.setInterval(() => {
      if (!document.hidden) tick();
    }, every);
    return () => window.clearInterval(timer);
  }, [view.live, every]);
}
