// The hub's health of the last ten minutes, in memory: one sample each two seconds while a page asks for it.

import type { Health } from "../lib/types";

export const EVERY_MS = 2000;
export const WINDOW_MS = 600_000;

/** What a sparkline is drawn of. */
export type Measure =
  | "devices_online" | "connections" | "logins_under_way" | "recorder_queue" | "commit_ms" | "database_bytes" | "log_bytes"
  | "memory_bytes" | "open_files" | "browsers" | "outbox_bytes";

export interface Sample {
  /** Of this browser's clock. */
  at: number;
  health: Health;
}

const samples: Sample[] = [];

export function record(health: Health, at: number): void {
  samples.push({ at, health });
  const first = samples.findIndex((sample) => sample.at > at - WINDOW_MS);
  if (first > 0) samples.splice(0, first);
}

/** Times and values of one measure, the oldest first. */
export function track(measure: Measure): { at: number; value: number }[] {
  const found: { at: number; value: number }[] = [];
  for (const sample of samples) {
    const value = sample.health[measure];
    if (typeof value === "number") found.push({ at: sample.at, value });
  }
  return found;
}

/** Another user logged in on this page: the figures are not theirs. */
export function forget(): void {
  samples.length = 0;
}
