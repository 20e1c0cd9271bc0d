/** The window that a chart shows, and how it moves. Pure. */
import type { View } from "./types";

/** Narrower than this there is nothing to be seen. */
const LEAST_SPAN = 2_000;
const MOST_SPAN = 20 * 366 * 86_400_000;

export function spanOf(view: View): number {
  return view.to_ms - view.from_ms;
}

/** As it is now: one that is live ends at this moment. */
export function windowOf(view: View, now_ms: number): { from_ms: number; to_ms: number } {
  if (!view.live) return view;
  return { from_ms: now_ms - spanOf(view), to_ms: now_ms };
}

export function fixed(from_ms: number, to_ms: number): View {
  const span = Math.min(MOST_SPAN, Math.max(LEAST_SPAN, to_ms - from_ms));
  const middle = (from_ms + to_ms) / 2;
  const from = Math.max(0, Math.round(middle - span / 2));
  return { from_ms: from, to_ms: Math.round(from + span), live: false };
}

/** Wider or narrower around a place between 0 (left) and 1 (right). A live window stays live. */
export function scaled(view: View, now_ms: number, factor: number, place = 0.5): View {
  const { from_ms, to_ms } = windowOf(view, now_ms);
  const span = Math.min(MOST_SPAN, Math.max(LEAST_SPAN, (to_ms - from_ms) * factor));
  if (view.live) return { from_ms: now_ms - span, to_ms: now_ms, live: true };
  const at = from_ms + (to_ms - from_ms) * place;
  return upToNow({ from_ms: at - span * place, to_ms: at + span * (1 - place), live: false }, now_ms, false);
}

/** Moved by a share of itself. One that arrives at the present follows it, if it may. */
export function moved(view: View, now_ms: number, share: number, mayFollow: boolean): View {
  const { from_ms, to_ms } = windowOf(view, now_ms);
  const by = (to_ms - from_ms) * share;
  return upToNow({ from_ms: from_ms + by, to_ms: to_ms + by, live: false }, now_ms, mayFollow);
}

function upToNow(view: View, now_ms: number, mayFollow: boolean): View {
  const span = spanOf(view);
  if (view.to_ms < now_ms) return { from_ms: Math.round(view.from_ms), to_ms: Math.round(view.to_ms), live: false };
  return { from_ms: Math.round(now_ms - span), to_ms: Math.round(now_ms), live: mayFollow };
}

/** Whether two are the same to whoever looks: of a live one, only how wide it is counts. */
export function alike(one: View, other: View): boolean {
  if (one.live !== other.live) return false;
  const near = (a: number, b: number) => Math.abs(a - b) < 1000;
  return one.live ? near(spanOf(one), spanOf(other)) : near(one.from_ms, other.from_ms) && near(one.to_ms, other.to_ms);
}

/** A step for a scale of this range that reads well: 1, 2 or 5 of a power of ten. */
export function niceStep(range: number, parts: number): number {
  const raw = Math.abs(range) / parts || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const digit = raw / power;
  return (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10) * power;
}

/** Rounded to a step, without the dust that floats leave. */
export function rounded(value: number, step: number): number {
  const digits = Math.min(12, Math.max(0, Math.ceil(-Math.log10(step)) + 1));
  return Number((Math.round(value / step) * step).toFixed(digits));
}
