/** Keeps a line that is followed live within bounds. Pure. */
import { classify, isText } from "./data";
import type { Line, Value } from "./types";

/** Takes up a reading that came live. False: it changes nothing. */
export function append(line: Line, at_ms: number, value: Value): boolean {
  const last = line.at[line.at.length - 1];
  if (last !== undefined && at_ms <= last) return false;
  line.at.push(at_ms);
  line.values.push(value);
  const fits = line.kind === "number" ? !isText(value) : line.kind === "marks" || line.levels.includes(String(value));
  if (!fits || line.at.length < 3) Object.assign(line, classify(line.values));
  return true;
}

/** Forgets what lies before a time, but for the last reading before it, from which the line comes. */
export function trim(line: Line, from_ms: number): void {
  let keep = 0;
  while (keep + 1 < line.at.length && (line.at[keep + 1] ?? 0) < from_ms) keep += 1;
  // Not for one or two: an array that is moved for each reading costs more than it holds.
  if (keep < 64) return;
  line.at.splice(0, keep);
  line.values.splice(0, keep);
}

/** Keeps of a line that has grown too long the least and greatest of equal stretches. */
export function thin(line: Line, most: number): void {
  const count = line.at.length;
  if (line.kind !== "number" || count <= most) {
    if (count > most * 4) {
      line.at.splice(0, count - most);
      line.values.splice(0, count - most);
    }
    return;
  }
  const first = line.at[0] ?? 0;
  const width = ((line.at[count - 1] ?? 0) - first) / (most / 4) || 1;
  const at: number[] = [];
  const values: Value[] = [];
  let i = 0;
  while (i < count) {
    const end = first + (Math.floor(((line.at[i] ?? 0) - first) / width) + 1) * width;
    let low = i;
    let high = i;
    let j = i;
    for (; j < count && (line.at[j] ?? 0) < end; j += 1) {
      const y = Number(line.values[j]);
      if (y < Number(line.values[low])) low = j;
      if (y > Number(line.values[high])) high = j;
    }
    if (j === i) j = i + 1;
    for (const k of low < high ? [low, high] : high < low ? [high, low] : [low]) {
      at.push(line.at[k] ?? 0);
      values.push(line.values[k] ?? 0);
    }
    i = j;
  }
  line.at = at;
  line.values = values;
  line.decimated = true;
}
