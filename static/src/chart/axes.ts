/** The axes of a drawing: time below, a unit on each side. */
import type uPlot from "uplot";
import { timeTicks, valueTicks } from "./axis";
import { colourOf, css } from "./palette";
import { type Feet, scaleOf } from "./scales";
import type { Line } from "./types";

/** Beyond so many, a unit has its scale but no axis: there would be no room for the lines. */
const MOST_AXES = 4;

export function axes(target: HTMLElement, width: number, lines: Line[], hidden: Set<string>, feet: Feet): uPlot.Axis[] {
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
