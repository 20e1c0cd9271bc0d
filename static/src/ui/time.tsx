// Moments: one timer for all that say how long ago they were.

import { useEffect, useReducer } from "preact/hooks";
import { language } from "../lib/i18n";
import { formatAgo, formatDateTime, formatShort, hubNow } from "../lib/time";

const listeners = new Set<() => void>();
let timer = 0;

function tick(): void {
  for (const listener of [...listeners]) listener();
}

/** Draws the component anew every second, with all others at once. */
export function useTick(on = true): number {
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
  useEffect(() => {
    if (!on) return;
    const listener = () => redraw();
    listeners.add(listener);
    if (listeners.size === 1) timer = window.setInterval(tick, 1_000);
    return () => {
      listeners.delete(listener);
      if (!listeners.size) window.clearInterval(timer);
    };
  }, [on]);
  return hubNow();
}

/** The time of day; with the date when it was another day. */
export function Time({ ms, full }: { ms: number | null | undefined; full?: boolean }) {
  if (ms === null || ms === undefined) return <span class="muted">–</span>;
  return <time class="nowrap" dateTime={new Date(ms).toISOString()} title={formatDateTime(ms)}>{full ? formatDateTime(ms) : formatShort(ms)}</time>;
}

/** How long ago. Draws itself only when its words change. */
export function Ago({ ms }: { ms: number | null | undefined }) {
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
  const text = ms === null || ms === undefined ? "–" : formatAgo(ms);
  useEffect(() => {
    if (ms === null || ms === undefined) return;
    let shown = text;
    const listener = () => {
      const now = formatAgo(ms);
      if (now === shown) return;
      shown = now;
      redraw();
    };
    listeners.add(listener);
    if (listeners.size === 1) timer = window.setInterval(tick, 1_000);
    return () => {
      listeners.delete(listener);
      if (!listeners.size) window.clearInterval(timer);
    };
  }, [ms, language.get()]);
  if (ms === null || ms === undefined) return <span class="muted">–</span>;
  return <time class="nowrap" dateTime={new Date(ms).toISOString()} title={formatDateTime(ms)}>{text}</time>;
}
