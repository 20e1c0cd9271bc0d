/** The period of a page's chart as it stands in the address: `r=24h`, a live width in ms, or `from` and `to`. */
import type { View } from "./types";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const RANGES = { "1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY } as const;
export type RangeName = keyof typeof RANGES;

export function readPeriod(query: URLSearchParams, now_ms: number, otherwise: RangeName): View {
  const [from_ms, to_ms] = [Number(query.get("from")), Number(query.get("to"))];
  if (from_ms > 0 && to_ms > from_ms) return { from_ms, to_ms, live: false };
  const range = query.get("r") ?? otherwise;
  const span = range in RANGES ? RANGES[range as RangeName] : Number(range);
  const width = span >= 2_000 && span < 1e12 ? span : RANGES[otherwise];
  return { from_ms: now_ms - width, to_ms: now_ms, live: true };
}

/** Which of the usual ranges it is, if any. */
export function rangeOf(view: View): RangeName | "custom" {
  if (!view.live) return "custom";
  const width = view.to_ms - view.from_ms;
  const found = Object.entries(RANGES).find(([, span]) => Math.abs(span - width) < 1_000);
  return (found?.[0] as RangeName | undefined) ?? "custom";
}

export function writePeriod(query: URLSearchParams, view: View): void {
  query.delete("from");
  query.delete("to");
  query.delete("r");
  const range = rangeOf(view);
  if (range !== "custom") query.set("r", range);
  else if (view.live) query.set("r", String(Math.round(view.to_ms - view.from_ms)));
  else {
    query.set("from", String(Math.round(view.from_ms)));
    query.set("to", String(Math.round(view.to_ms)));
  }
}
