import { useEffect } from "preact/hooks";
import { hubNow } from "../lib/time";
import type { Schedule } from "../lib/types";

/** A run begins within two seconds after it is due. */
const AFTER_MS = 2_500;
const LEAST_MS = 3_000;
const MOST_MS = 2 ** 31 - 1;

/** Calls when runs are over that were to come, whatever news say of them. */
export function useDue(schedules: readonly Schedule[] | undefined, due: (ids: number[]) => void): void {
  const next = Math.min(...(schedules ?? []).map((schedule) => schedule.next_ms ?? Infinity));
  useEffect(() => {
    if (!Number.isFinite(next)) return;
    // A spread run may begin later: it is looked at again until it has, ever less often.
    const wait = Math.min(MOST_MS, Math.max(LEAST_MS, next + AFTER_MS - hubNow(), (hubNow() - next) / 4));
    const look = () => {
      const now = hubNow();
      const over = (schedules ?? []).filter((schedule) => schedule.next_ms !== null && schedule.next_ms <= now);
      if (over.length > 0 && !document.hidden) due(over.map((schedule) => schedule.id));
    };
    const timer = window.setTimeout(look, wait);
    return () => window.clearTimeout(timer);
  }, [schedules, next]);
}
