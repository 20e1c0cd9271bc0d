/** What can be said of a line without drawing it. Pure. */
import { height, lastBefore } from "./data";
import type { Line, Value } from "./types";

export interface Summary {
  count: number;
  last?: Value | undefined;
  last_ms?: number | undefined;
  min?: number | undefined;
  max?: number | undefined;
  /** How the second half of the window compares with the first. */
  trend: "rising" | "falling" | "steady" | "none";
}

/** What can be said of a line in words, within a window. */
export function summarise(line: Line, from_ms: number, to_ms: number): Summary {
  const first = lastBefore(line.at, from_ms - 1) + 1;
  const end = lastBefore(line.at, to_ms) + 1;
  const summary: Summary = { count: Math.max(0, end - first), trend: "none" };
  if (end <= 0) return summary;
  const last = Math.max(0, end - 1);
  if (summary.count > 0 || line.kind === "state") {
    summary.last = line.values[last];
    summary.last_ms = line.at[last];
  }
  if (line.kind !== "number") return summary;
  const middle = (from_ms + to_ms) / 2;
  const [early, late] = [{ sum: 0, count: 0 }, { sum: 0, count: 0 }];
  for (let i = first; i < end; i += 1) {
    const y = height(line, line.values[i] ?? "");
    if (y === null) continue;
    summary.min = Math.min(summary.min ?? y, y);
    summary.max = Math.max(summary.max ?? y, y);
    const half = (line.at[i] ?? 0) < middle ? early : late;
    half.sum += y;
    half.count += 1;
  }
  if (early.count > 0 && late.count > 0 && summary.min !== undefined && summary.max !== undefined) {
    const change = late.sum / late.count - early.sum / early.count;
    const band = (summary.max - summary.min) * 0.1;
    summary.trend = Math.abs(change) <= band ? "steady" : change > 0 ? "rising" : "falling";
  }
  return summary;
}

/** Up to `most` readings of a window, evenly chosen, for those who cannot see the line. */
export function sample(line: Line, from_ms: number, to_ms: number, most: number): { at_ms: number; value: Value }[] {
  const first = lastBefore(line.at, from_ms - 1) + 1;
  const end = lastBefore(line.at, to_ms) + 1;
  const count = end - first;
  const picked: { at_ms: number; value: Value }[] = [];
  const shown = Math.min(count, most);
  for (let n = 0; n < shown; n += 1) {
    const i = shown === 1 ? end - 1 : first + Math.round((n * (count - 1)) / (shown - 1));
    picked.push({ at_ms: line.at[i] ?? 0, value: line.values[i] ?? "" });
  }
  return picked;
}
