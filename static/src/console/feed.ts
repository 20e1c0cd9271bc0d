// What comes from the hub for the console: frames and news of one group, drawn ten times a second at most.

import { useEffect, useReducer, useRef } from "preact/hooks";
import { formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { ownAddresses, useFrames, useLiveState, useNewsBatch } from "../lib/live";
import { useStore } from "../lib/store";
import { fromFrame, fromNews, note } from "./entries";
import { Log, type NewEntry } from "./log";
import { hear } from "./sent";

/** Nobody reads faster, and what has come is shown within a tenth of a second. */
const DRAW_MS = 100;
const RATE_MS = 2000;

export interface Feed {
  log: Log;
  /** The viewer's own address in the group; empty while there is none. */
  own: string;
  /** Lines a second. */
  rate: number;
  redraw(): void;
}

/** Kept when the page is left and entered again, as long as it is the same group. */
let held: { group: string; log: Log } | null = null;

function logOf(group: string): Log {
  if (held?.group !== group) held = { group, log: new Log() };
  return held.log;
}

export function useFeed(group: string): Feed {
  const log = logOf(group);
  const own = String(useStore(ownAddresses)[group] ?? "");
  const rate = useRef({ since: Date.now(), count: log.total, shown: 0 });
  const redraw = useRedraw();

  const add = (entries: readonly NewEntry[]): void => {
    log.add(entries);
    redraw();
  };
  useFrames({ group }, (frames, missed) => {
    const entries = frames.map((frame) => fromFrame(frame, own));
    if (missed > 0) {
      log.missed += missed;
      entries.unshift(note(t("console.missed", { n: missed }), "warn"));
    }
    add(entries);
  });
  useNewsBatch(["command", "presence", "alarm"], (items) => {
    hear(items.flatMap((item) => (item.e === "command" ? [item.command] : [])));
    add(items.filter((item) => item.group === group).flatMap((item) => fromNews(item) ?? []));
  });

  const { status } = useLiveState();
  const before = useRef(status);
  useEffect(() => {
    if (before.current === "live" && status === "lost") add([note(t("console.lost"), "bad")]);
    if (before.current === "lost" && status === "live") add([note(t("console.back"), "good")]);
    before.current = status;
  }, [status]);
  useEffect(() => {
    const timer = setInterval(() => {
      const { since, count, shown } = rate.current;
      const now = Date.now();
      const fresh = Math.round(((log.total - count) * 1000) / (now - since));
      rate.current = { since: now, count: log.total, shown: fresh };
      if (fresh !== shown) redraw();
    }, RATE_MS);
    return () => clearInterval(timer);
  }, [log]);
  return { log, own, rate: rate.current.shown, redraw };
}

/** Draws at once when it was quiet, and otherwise gathers for a tenth of a second. */
function useRedraw(): () => void {
  const [, draw] = useReducer<number, void>((n) => n + 1, 0);
  const last = useRef(0);
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return () => {
    if (timer.current !== 0) return;
    const wait = last.current + DRAW_MS - performance.now();
    const now = (): void => {
      timer.current = 0;
      last.current = performance.now();
      draw();
    };
    if (wait <= 0) now();
    else timer.current = window.setTimeout(now, wait);
  };
}

export function rateText(rate: number): string {
  return t("console.log_rate", { n: formatNumber(rate, 0) });
}
