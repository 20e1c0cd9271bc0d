/** The drawing itself: uPlot with our axes, scales by unit, gaps, steps, marks and spans. */
import uPlot from "uplot";
import { timeTicks, valueTicks } from "./axis";
import type { Column } from "./data";
import { colourOf, css, dashOf } from "./palette";
import type { Level, Line, Span } from "./types";

/** Beyond so many, a unit has its scale but no axis: there would be no room for the lines. */
const MOST_AXES = 4;

export interface Handlers {
  /** A stretch of time was chosen by dragging. */
  zoom(from_ms: number, to_ms: number): void;
  back(): void;
  /** The cursor is at a time, or nowhere; `indices` are of the columns. */
  cursor(at_ms: number | null, indices: (number | null)[]): void;
  drawn(plot: uPlot): void;
}

/** What the drawing looks at each time, so that it need not be made anew. */
export interface Extras {
  spans: Span[];
  levels: Level[];
  /** While a level is dragged, its scale must stand still. */
  frozen: [number, number] | null;
  now_ms: () => number;
}

/** Lines of one unit have one scale; a state has its own. */
export function scaleOf(line: Line, index: number): string {
  return line.kind === "number" ? `unit ${line.unit}` : `line ${index}`;
}

/** Whether a drawing that was made for some lines can go on with these. */
export function shapeOf(lines: Line[], hidden: Set<string>): string {
  const one = (line: Line, i: number) =>
    [line.key, scaleOf(line, i), line.kind, line.levels.join(), line.color, hidden.has(line.key)].join(" ");
  return lines.map(one).join("|");
}

export function makePlot(
  target: HTMLElement,
  size: { width: number; height: number },
  lines: Line[],
  hidden: Set<string>,
  extras: Extras,
  handlers: Handlers,
): uPlot {
  const feet: Feet = new Map();
  const options: uPlot.Options = {
    ...size,
    ms: 1,
    pxAlign: true,
    padding: [10, new Set(lines.map(scaleOf)).size > 1 ? 8 : 22, 0, 4],
    legend: { show: false },
    cursor: cursor(lines, handlers),
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: scales(lines, extras, feet),
    axes: axes(target, size.width, lines, hidden, feet),
    series: [{}, ...lines.map((line, i) => series(target, line, i, hidden))],
    hooks: hooks(target, lines, hidden, extras, handlers),
  };
  return new uPlot(options, [[], ...lines.map(() => [])] as unknown as uPlot.AlignedData, target);
}

export function show(plot: uPlot, data: [number[], ...Column[]], from_ms: number, to_ms: number): void {
  plot.batch(() => {
    plot.setData(data as unknown as uPlot.AlignedData, false);
    plot.setScale("x", { min: from_ms, max: to_ms });
  });
}

function cursor(lines: Line[], handlers: Handlers): uPlot.Cursor {
  return {
    y: false,
    // Marks have no height at which a point could be.
    points: { size: (_u, i) => (lines[i - 1]?.kind === "marks" ? 0 : 9), width: (_u, i) => (lines[i - 1]?.kind === "marks" ? 0 : 2) },
    drag: { x: true, y: false, setScale: false, dist: 6 },
    focus: { prox: 24 },
    bind: {
      dblclick: () => () => {
        handlers.back();
        return null;
      },
    },
  };
}

function scales(lines: Line[], extras: Extras, feet: Feet): uPlot.Scales {
  const all: uPlot.Scales = { x: { time: true, auto: false, range: (_u, min, max) => [min, max] } };
  lines.forEach((line, i) => {
    const key = scaleOf(line, i);
    const first = i === 0;
    if (line.kind === "number") all[key] = { auto: true, range: (_u, min, max) => numberRange(min, max, key, first, extras, all, stripsOf(lines), feet) };
    else all[key] = { auto: true, range: () => stateRange(line, lines) };
  });
  return all;
}

function numberRange(
  min: number | null,
  max: number | null,
  key: string,
  first: boolean,
  extras: Extras,
  all: uPlot.Scales,
  strips: Strips,
  feet: Feet,
): uPlot.Range.MinMax {
  // Levels are on the first line's scale; whoever comes first in `all` made it.
  const mine = first || Object.keys(all)[1] === key;
  if (mine && extras.frozen) return extras.frozen;
  const values = mine ? extras.levels.map((level) => level.value).filter(Number.isFinite) : [];
  if (min !== null && max !== null) values.push(min, max);
  if (values.length === 0) return [0, 1];
  const low = Math.min(...values);
  const high = Math.max(...values);
  const pad = high > low ? (high - low) * 0.08 : Math.max(Math.abs(high) * 0.1, 0.5);
  // What was never below nought does not look better below it.
  const foot = low >= 0 && low - pad < 0 ? 0 : low - pad;
  const taken = strips.share * strips.hues.length;
  feet.set(key, foot);
  // The foot belongs to the strips of states.
  return [foot - ((high + pad - foot) * taken) / (1 - taken), high + pad];
}

/** Where the numbers of a scale end and the strips begin. */
type Feet = Map<string, number>;

interface Strips {
  /** Of the height, each. */
  share: number;
  /** One for each sensor, whatever its period. */
  hues: number[];
}

/** States among numbers have strips at the foot. */
function stripsOf(lines: Line[]): Strips {
  const states = lines.filter((line) => line.kind === "state");
  const hues = [...new Set(states.map((line) => line.hue))];
  const count = Math.max(1, hues.length);
  return { share: lines.some((line) => line.kind === "number") ? Math.min(0.22, 0.5 / count) : 1 / count, hues };
}

/** States share the height: each has a strip of its own, so that they do not cover each other. */
function stateRange(line: Line, lines: Line[]): uPlot.Range.MinMax {
  const top = Math.max(1, line.levels.length - 1);
  const { share, hues } = stripsOf(lines);
  if (line.kind === "marks") return [-1, 1];
  if (share === 1) return [-0.25 * top, 1.25 * top];
  const place = hues.indexOf(line.hue);
  // The strip is `share` of the height, the `place`th from the foot.
  const whole = (top * 1.4) / share;
  const low = -0.2 * top - place * share * whole;
  return [low, low + whole];
}

function axes(target: HTMLElement, width: number, lines: Line[], hidden: Set<string>, feet: Feet): uPlot.Axis[] {
  // On a wall the page is larger, and so are the axes.
  const em = parseFloat(getComputedStyle(document.documentElement).fontSize) || 15;
  const pixels = Math.round(em * 0.8);
  const font = `${pixels}px ${getComputedStyle(target).fontFamily}`;
  const stroke = () => css(target, "--chart-axis", "#667");
  const line = () => css(target, "--chart-grid", "#ddd");
  const common = { font, stroke, ticks: { stroke: line, width: 1, size: 4 } };
  const all: uPlot.Axis[] = [{
    ...common,
    grid: { stroke: line, width: 1 },
    space: (width < 500 ? 4.6 : 6) * pixels,
    size: Math.round(pixels * 3.3),
    values: (_u, splits, _axis, _space, increment) => timeTicks(splits, increment),
  }];
  const seen = new Set<string>();
  const most = width < 500 ? 2 : MOST_AXES;
  lines.forEach((one, i) => {
    const scale = scaleOf(one, i);
    if (seen.has(scale) || seen.size >= most || hidden.has(one.key) || one.kind === "marks") return;
    if (one.kind === "state" && lines.length > 1) return;
    const number = seen.size;
    seen.add(scale);
    // In the line's colour where that tells whose scale it is.
    const alone = lines.every((other, j) => scaleOf(other, j) !== scale || other.hue === one.hue);
    all.push({
      ...common,
      stroke: () => (alone && lines.length > 1 ? colourOf(target, one.hue, one.color) : stroke()),
      scale,
      side: number % 2 === 0 ? 3 : 1,
      grid: { show: number === 0, stroke: line, width: 1 },
      size: (_u, values) => Math.max(36, 14 + 0.6 * pixels * Math.max(0, ...(values ?? []).map((value) => value.length))),
      gap: 4,
      ...(one.kind === "state"
        ? { splits: () => one.levels.map((_, level) => level), values: () => one.levels.map(shorten) }
        : { values: (_u: uPlot, splits: number[], _a: number, _s: number, increment: number) => {
          const foot = feet.get(scale) ?? -Infinity;
          return valueTicks(splits, increment).map((label, n) => ((splits[n] ?? 0) < foot ? "" : label));
        } }),
    });
  });
  return all;
}

function shorten(text: string): string {
  return text.length > 14 ? `${text.slice(0, 13)}…` : text;
}

function series(target: HTMLElement, line: Line, index: number, hidden: Set<string>): uPlot.Series {
  const stroke = () => colourOf(target, line.hue, line.color);
  const dash = dashOf(line.hue, line.shift_ms !== 0);
  const made: uPlot.Series = {
    scale: scaleOf(line, index),
    label: line.label,
    show: !hidden.has(line.key),
    stroke,
    width: line.shift_ms === 0 ? 1.75 : 1.25,
    alpha: line.shift_ms === 0 ? 1 : 0.75,
    points: { size: 5, fill: stroke, stroke },
    spanGaps: false,
  };
  if (dash) made.dash = dash;
  if (line.kind === "state" && uPlot.paths.stepped) made.paths = uPlot.paths.stepped({ align: 1 });
  // The marks are drawn by hand.
  if (line.kind === "marks") made.paths = () => null;
  if (line.kind !== "number") made.points = { show: false };
  return made;
}

function hooks(target: HTMLElement, lines: Line[], hidden: Set<string>, extras: Extras, handlers: Handlers): uPlot.Hooks.Arrays {
  return {
    setSelect: [(u) => {
      if (u.select.width < 6) return;
      const from = u.posToVal(u.select.left, "x");
      const to = u.posToVal(u.select.left + u.select.width, "x");
      u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      handlers.zoom(from, to);
    }],
    setCursor: [(u) => {
      const { left, idxs } = u.cursor;
      const at = left === undefined || left < 0 ? null : u.posToVal(left, "x");
      handlers.cursor(at, (idxs ?? []).slice(1));
    }],
    drawClear: [(u) => drawSpans(u, target, extras)],
    draw: [(u) => {
      drawMarks(u, target, lines, hidden);
      handlers.drawn(u);
    }],
  };
}

/** Behind the lines: a tinted stretch with a bar above it, which is the second sign. */
function drawSpans(u: uPlot, target: HTMLElement, extras: Extras): void {
  if (extras.spans.length === 0) return;
  const { ctx, bbox } = u;
  const colour = css(target, "--chart-span", "#c2410c");
  const bar = Math.round(4 * devicePixelRatio);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = colour;
  for (const span of extras.spans) {
    const left = u.valToPos(span.from_ms, "x", true);
    const right = u.valToPos(span.to_ms ?? extras.now_ms(), "x", true);
    const width = Math.max(1, right - left);
    ctx.globalAlpha = 0.16;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.globalAlpha = 1;
    ctx.fillRect(left, bbox.top, width, bar);
  }
  ctx.restore();
}

/** Texts that are no levels: a tick for each, at the foot. */
function drawMarks(u: uPlot, target: HTMLElement, lines: Line[], hidden: Set<string>): void {
  const { ctx, bbox } = u;
  const x = u.scales.x;
  if (x?.min == null || x.max == null) return;
  ctx.save();
  lines.forEach((line) => {
    if (hidden.has(line.key) || line.kind === "state") return;
    ctx.fillStyle = colourOf(target, line.hue, line.color);
    const tall = (line.kind === "marks" ? 14 : 8) * devicePixelRatio;
    for (let n = 0; n < line.at.length; n += 1) {
      const at = line.at[n] ?? 0;
      if (typeof line.values[n] !== "string" || at < (x.min ?? 0) || at > (x.max ?? 0)) continue;
      ctx.fillRect(u.valToPos(at, "x", true) - devicePixelRatio, bbox.top + bbox.height - tall, 2 * devicePixelRatio, tall);
    }
  });
  ctx.restore();
}
