/** From readings to the columns that are drawn. Pure. */
import type { Kind, Line, Value } from "./types";

/** Different texts up to which a line is drawn in levels. */
const MOST_LEVELS = 8;
/** Without readings for so many of the usual intervals, a line is interrupted. */
const GAP_INTERVALS = 6;
/** Of the least and greatest of equal stretches, two are apart by two stretches at most. */
const GAP_STRETCHES = 3;

export type Column = (number | null | undefined)[];

export function isText(value: Value): value is string {
  return typeof value === "string";
}

/** What a line is drawn as, by what its values are. */
export function classify(values: Value[]): { kind: Kind; levels: string[] } {
  let numbers = 0;
  const texts = new Set<string>();
  let booleans = 0;
  for (const value of values) {
    if (typeof value === "number") numbers += 1;
    else if (typeof value === "boolean") booleans += 1;
    else if (texts.size <= MOST_LEVELS) texts.add(value);
  }
  if (numbers >= texts.size && numbers > 0) return { kind: "number", levels: [] };
  if (texts.size === 0) return booleans > 0 ? { kind: "state", levels: ["false", "true"] } : { kind: "number", levels: [] };
  if (texts.size > MOST_LEVELS) return { kind: "marks", levels: [] };
  const levels = [...texts].sort();
  return { kind: "state", levels: booleans > 0 ? ["false", "true", ...levels] : levels };
}

/** Where a value lies on its line's scale; null: nowhere. */
export function height(line: Line, value: Value): number | null {
  if (line.kind === "marks") return 0;
  if (line.kind === "state") {
    const level = line.levels.indexOf(String(value));
    return level < 0 ? null : level;
  }
  if (typeof value === "number") return value;
  return typeof value === "boolean" ? Number(value) : null;
}

/** The time without readings from which on a line is interrupted, ms. */
export function gapAfter(line: Pick<Line, "at" | "decimated">, span_ms: number): number {
  const { at } = line;
  const least = Math.max(span_ms / 200, 10_000);
  if (line.decimated && at.length > 8) {
    const stretch = ((at[at.length - 1] ?? 0) - (at[0] ?? 0)) / (at.length / 2);
    return Math.max(GAP_STRETCHES * stretch, least);
  }
  const steps: number[] = [];
  const stride = Math.max(1, Math.floor(at.length / 400));
  for (let i = 1; i < at.length; i += stride) steps.push((at[i] ?? 0) - (at[i - 1] ?? 0));
  if (steps.length < 4) return Infinity;
  steps.sort((a, b) => a - b);
  const usual = steps[Math.floor(steps.length * 0.75)] ?? 0;
  return Math.max(GAP_INTERVALS * usual, least);
}

/** The columns of all lines over one common column of times. Undefined: another line's time; null: a gap. */
export function columns(lines: Line[], until_ms: number, span_ms: number): [number[], ...Column[]] {
  const own = lines.map((line) => withGaps(line, until_ms, span_ms));
  const first = own[0];
  if (own.length === 1 && first) return [first.xs, first.ys];
  const total = own.reduce((sum, one) => sum + one.xs.length, 0);
  const all = new Float64Array(total);
  let offset = 0;
  for (const one of own) {
    all.set(one.xs, offset);
    offset += one.xs.length;
  }
  all.sort();
  const xs: number[] = [];
  for (const x of all) if (xs[xs.length - 1] !== x) xs.push(x);
  const result: Column[] = own.map((one) => {
    const column: Column = new Array<number | null | undefined>(xs.length).fill(undefined);
    let next = 0;
    for (let i = 0; i < one.xs.length; i += 1) {
      while (next < xs.length && (xs[next] ?? 0) < (one.xs[i] ?? 0)) next += 1;
      column[next] = one.ys[i];
    }
    // A gap goes on over the times of other lines.
    for (let i = 1; i < column.length; i += 1) if (column[i] === undefined && column[i - 1] === null) column[i] = null;
    return column;
  });
  return [xs, ...result];
}

function withGaps(line: Line, until_ms: number, span_ms: number): { xs: number[]; ys: Column } {
  const xs: number[] = [];
  const ys: Column = [];
  const gap = line.kind === "number" ? gapAfter(line, span_ms) : Infinity;
  for (let i = 0; i < line.at.length; i += 1) {
    const at = line.at[i] ?? 0;
    const before = xs[xs.length - 1];
    if (before !== undefined && at - before > gap) {
      xs.push(before + 1);
      ys.push(null);
    }
    const y = height(line, line.values[i] ?? "");
    // Two at one moment: the later one counts.
    if (at === before) ys[ys.length - 1] = y;
    else {
      xs.push(at);
      ys.push(y);
    }
  }
  const last = xs[xs.length - 1];
  // A state holds until another one is heard of.
  if (line.kind === "state" && last !== undefined && until_ms > last) {
    xs.push(until_ms);
    ys.push(ys[ys.length - 1]);
  }
  return { xs, ys };
}

/** The index of the last time that is not after `ms`; -1: none. */
export function lastBefore(at: number[], ms: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
