// What the hub's figures say, in words: each fault with what to do about it. Plain: no component.

import type { Health } from "../lib/types";

export interface Finding {
  /** Key of the sentence. */
  key: string;
  vars?: Record<string, string | number>;
  tone: "bad" | "warn";
}

export interface Limits {
  /** Settings storage.queue_rows and devices.all_outboxes_bytes. */
  queueRows: number;
  outboxBytes: number;
}

export const DEFAULT_LIMITS: Limits = { queueRows: 50_000, outboxBytes: 268_435_456 };

const SLOW_COMMIT_MS = 500;
const CLOCK_OFF_MS = 5000;
const NEARLY = 0.9;

/** The worst first. `here_ms` is this browser's clock at the answer. */
export function findings(health: Health, here_ms: number, limits: Limits = DEFAULT_LIMITS): Finding[] {
  const found: Finding[] = [];
  if (health.storage_failing) found.push({ key: "health.bad.storage", tone: "bad" });
  share(found, health.connections, health.connections_max, "connections");
  share(found, health.recorder_queue, limits.queueRows, "queue", 0.5);
  share(found, health.outbox_bytes, limits.outboxBytes, "outbox", 0.5);
  const stored = sum(health.database_bytes, health.log_bytes, -(health.free_bytes ?? 0));
  share(found, stored, health.max_bytes, "database");
  if ((health.commit_ms ?? 0) > SLOW_COMMIT_MS) {
    found.push({ key: "health.bad.commit", vars: { ms: Math.round(health.commit_ms ?? 0) }, tone: "warn" });
  }
  const off = health.now_ms - here_ms;
  if (Math.abs(off) > CLOCK_OFF_MS) {
    const key = off > 0 ? "health.bad.clock_ahead" : "health.bad.clock_behind";
    found.push({ key, vars: { n: Math.round(Math.abs(off) / 1000) }, tone: "warn" });
  }
  return found.sort((one, other) => Number(other.tone === "bad") - Number(one.tone === "bad"));
}

function share(found: Finding[], value: number | undefined, most: number | undefined, what: string, from = NEARLY): void {
  if (value === undefined || most === undefined || most <= 0) return;
  const part = value / most;
  if (part >= 1) found.push({ key: `health.bad.${what}_full`, vars: { percent: Math.round(part * 100) }, tone: "bad" });
  else if (part >= from) found.push({ key: `health.bad.${what}`, vars: { percent: Math.round(part * 100) }, tone: "warn" });
}

function sum(...parts: (number | undefined)[]): number | undefined {
  return parts.some((part) => part === undefined) ? undefined : parts.reduce<number>((all, part) => all + (part ?? 0), 0);
}
