// Schedules and their runs.

import type { CommandState } from "./commands";

export type Skipped = "auto" | "later" | "skip";
export type Repeated = "auto" | "first" | "second" | "both";
export type Missed = "skip" | "once" | "all";
export type Outcome = "running" | "ordered" | "done" | "refused" | "skipped";

export interface NewTiming {
  cron?: string | null;
  /** RFC 3339, or without an offset in the zone. */
  at?: string | null;
  every_ms?: number | null;
  zone: string;
  skipped: Skipped;
  repeated: Repeated;
  from?: string | null;
  until?: string | null;
}

/** What a schedule does (src/schedule/record.rs). */
export type ScheduleAct =
  | { kind: "command"; target: string; type: number; fields: string[]; expires_ms: number | null; expires_in_ms: number | null; never: boolean; condition: string }
  | { kind: "event_period"; target: string; sensor: string; period_ms: number }
  | { kind: "rule"; rule: number; enabled: boolean };

export interface NewSchedule {
  name: string;
  group: string;
  timing: NewTiming;
  missed: Missed;
  jitter_ms: number;
  paused: boolean;
  act: ScheduleAct;
}

export interface Run {
  due_ms: number;
  local: string;
  begun_ms: number;
  outcome: Outcome;
  detail: string;
  commands: number;
  states: Partial<Record<CommandState, number>>;
}

export interface Schedule {
  id: number;
  group: string;
  name: string;
  cron: string | null;
  at_ms: number | null;
  every_ms: number | null;
  zone: string;
  skipped: Skipped;
  repeated: Repeated;
  missed: Missed;
  jitter_ms: number;
  from_ms: number | null;
  until_ms: number | null;
  act: ScheduleAct;
  paused: boolean;
  created_ms: number;
  next_ms: number | null;
  next_local: string;
  last_run: Run | null;
}

/** A run to come, or one that a change of the clocks takes away. */
export interface NextRun {
  due_ms: number;
  local: string;
  runs: boolean;
  note: string;
}
