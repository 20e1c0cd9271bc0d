/** Readings of sensors as lines over time: live, zoomed by mouse, touch and keyboard, and told in words. */
import type uPlot from "uplot";
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { onThemeChange } from "../lib/theme";
import { hubNow } from "../lib/time";
import { Brush } from "./brush";
import { Legend } from "./legend";
import { LevelHandles } from "./levels";
import type { Lines } from "./lines";
import { Stage, useTicks, useWidth } from "./stage";
import { Tools } from "./tools";
import type { Level, SeriesSpec, Span } from "./types";
import { useLines } from "./uselines";
import { upToNow, useView } from "./useview";
import { moved, scaled, spanOf } from "./view";
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

const NONE: never[] = [];
/** The theme's colours are there a moment after it was told of. */
const THEME_MS = 30;

export function Chart(props: ChartProps) {
  const { height = 280, brush = true, tools = true, legend = true, spans = NONE as Span[], levels = NONE as Level[] } = props;
  const stage = useMemo(() => new Stage(), []);
  const [width, setWidth] = useState(0);
  const [version, setVersion] = useState(0);
  const [hidden, setHidden] = useState<Set<string>>(() => new Set());
  const { view, change, back, canBack, reset } = useView(props);
  const lines = useLines(props.series, view, width, () => stage.soon(), () => setVersion((n) => n + 1));
  stage.now = { lines, view, hidden, width, height, change, back };
  useWidth(stage.frame, setWidth);
  useLayoutEffect(() => stage.resize(width, height), [width, height, version, hidden, view]);
  useEffect(() => {
    Object.assign(stage.extras, { spans, levels });
    stage.soon();
  }, [spans, levels]);
  useEffect(() => onThemeChange(() => setTimeout(() => setVersion((n) => n + 1), THEME_MS)), []);
  useEffect(() => () => stage.stop(), []);
  useTicks(view, width, () => stage.soon());

  const moves = {
    zoomIn: () => change(scaled(view, hubNow(), 0.5)),
    zoomOut: () => change(scaled(view, hubNow(), 2)),
    earlier: () => change(moved(view, hubNow(), -0.25, true)),
    later: () => change(moved(view, hubNow(), 0.25, true)),
    follow: () => change({ from_ms: hubNow() - spanOf(view), to_ms: hubNow(), live: true }),
    back,
    reset,
  };
  const name = props.label ?? t("chart.name");
  return (
    <figure class="chart" data-live aria-label={name}>
      <div class="chart-head">
        {legend && <Legend lines={lines.all} hidden={hidden} setHidden={setHidden} cursor={stage.cursor} frame={stage.frame} view={view} loading={lines.loading} />}
        {tools && <Tools view={view} canBack={canBack} {...moves} />}
      </div>
      <div class="chart-stage" style={{ height: `${height}px` }}>
        <div
          ref={stage.frame} class="chart-plot" tabIndex={0} role="application" aria-label={t("chart.keys", { name })}
          onKeyDown={(event) => onKey(event, moves, stage.plot.current)}
          onBlur={() => stage.plot.current?.setCursor({ left: -10, top: -10 })}
        />
        {levels.length > 0 && <LevelHandles levels={levels} extras={stage.extras} drawn={stage.drawn} redraw={() => stage.redraw()} plot={stage.plot} />}
        <Note lines={lines} />
      </div>
      {brush && props.series.length > 0 && (
        <Brush
          series={props.series} view={view} frame={stage.frame} preview={(from_ms, to_ms) => stage.preview(from_ms, to_ms)}
          change={(from_ms, to_ms) => change(upToNow(from_ms, to_ms, view, true))}
        />
      )}
      <Words lines={lines.all} view={view} spans={spans} name={name} />
    </figure>
  );
}

/** In place of lines: that they are read, or why there are none. */
function Note({ lines }: { lines: Lines }) {
  if (lines.all.some((line) => line.at.length > 0) || (!lines.loading && lines.all.length === 0)) return null;
  const error = lines.all.find((line) => line.error)?.error;
  return <p class="chart-note" role="status">{lines.loading ? t("chart.loading") : error ?? t("chart.empty")}</p>;
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
