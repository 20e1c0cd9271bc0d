/** The drawing itself: uPlot with our axes, scales by unit, gaps, steps, marks and spans. */
import uPlot from "uplot";
import { axes } from "./axes";
import type { Column } from "./data";
import { drawMarks, drawSpans } from "./marks";
import { colourOf, dashOf } from "./palette";
import { type Extras, type Feet, scaleOf, scales } from "./scales";
import type { Line } from "./types";

export interface Handlers {
  /** A stretch of time was chosen by dragging. */
  zoom(from_ms: number, to_ms: number): void;
  back(): void;
  /** The cursor is at a time, or nowhere; `indices` are of the columns. */
  cursor(at_ms: number | null, indices: (number | null)[]): void;
  drawn(plot: uPlot): void;
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
    bind: {
      dblclick: () => () => {
        handlers.back();
        return null;
      },
    },
  };
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
