/** The scales of a drawing: one for each unit, and strips at the foot for states. */
import type uPlot from "uplot";
import type { Level, Line, Span } from "./types";

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

export function scales(lines: Line[], extras: Extras, feet: Feet): uPlot.Scales {
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
export type Feet = Map<string, number>;

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
