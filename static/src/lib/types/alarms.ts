// Alarms and their rules.

import type { Value } from "./common";

export type Severity = "warning" | "minor" | "major" | "critical";
export type AlarmState = "raised" | "acknowledged" | "cleared";
export type AlarmWhat = "raised" | "cleared" | "acknowledged" | "shelved" | "unshelved" | "chattering";

export interface AlarmEvent {
  at_ms: number;
  what: AlarmWhat;
  by: string;
  value: string;
  note: string;
}

export interface Alarm {
  id: number;
  group: string;
  address: number;
  rule: number | null;
  name: string;
  sensor: string;
  severity: Severity;
  state: AlarmState;
  raised_ms: number;
  raised_value: string;
  last_ms: number;
  last_value: string;
  cleared_ms: number | null;
  clear_reason: string;
  by_hub: boolean;
  by_device: boolean;
  acked_ms: number | null;
  acked_by: string;
  note: string;
  shelved_until_ms: number | null;
  chattering: boolean;
  times: number;
  events?: AlarmEvent[];
}

export type Check =
  | { kind: "threshold"; sensor: string; op: ">" | "<" | "="; raise: Value; clear: Value }
  | { kind: "rate"; sensor: string; direction: "rises" | "falls" | "moves"; raise: number; clear: number; window_ms: number }
  | { kind: "no_data"; sensor: string; after_ms: number }
  | { kind: "offline"; after_ms: number };

export interface RuleAct {
  actuator: string;
  value: string;
}

export interface NewRule {
  name: string;
  group: string;
  /** `device ADDRESS`, `label NAME` or `group`. */
  scope: string;
  check: Check;
  unit: string;
  severity: Severity;
  enabled: boolean;
  on_delay_ms: number;
  off_delay_ms: number;
  act: RuleAct | null;
  local: boolean;
}

export interface RuleSource {
  address: number;
  /** normal, raising, raised or clearing. */
  phase: string;
  /** `hub`, or `device and hub`. */
  held_by: string;
  /** What the device makes of it; empty: it was not asked. */
  local: string;
  alarm: number | null;
}

export interface Rule extends NewRule {
  id: number;
  created_ms: number;
  sources?: RuleSource[];
}

export interface DeviceRule {
  rule: Rule;
  source: RuleSource;
}

export interface BackTestSpan {
  raised_ms: number;
  value: string;
  cleared_ms: number | null;
}

export interface BackTest {
  address: number;
  readings: number;
  first_ms: number | null;
  last_ms: number | null;
  spans: BackTestSpan[];
}
