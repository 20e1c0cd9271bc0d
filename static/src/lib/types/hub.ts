// The hub as a whole: overview, channels, discovered devices, health, settings.

import type { Alarm, Severity } from "./alarms";
import type { Login } from "./devices";

export interface Overview {
  devices: { total: number; online: number; offline: number; never_seen: number; disabled: number; weak: number };
  groups: { name: string; devices: number; online: number; open_alarms: number; worst: Severity | "" }[];
  alarms: { open: number; unacknowledged: number; worst: Severity | ""; items: Alarm[] };
  commands: { open: number };
}

export interface Channel {
  id: number;
  group: string;
  name: string;
  kind: string;
  target: string;
  severity: Severity;
  created_ms: number;
  /** new, ok or failing. */
  state: string;
  failing_since_ms: number | null;
  last_error: string;
  last_sent_ms: number | null;
  waiting: number;
  omitted: number;
  sent: number;
  dead: number;
  dead_letters: { at_ms: number; delivery: string; notifications: number; reason: string }[];
}

export type ChannelTo =
  | { kind: "webhook"; url: string; secret?: string | null }
  | { kind: "email"; addresses: string };

export interface NewChannel {
  group: string;
  name: string;
  to: ChannelTo;
  severity: Severity;
}

export interface AddedChannel {
  id: number;
  group: string;
  name: string;
  kind: string;
  target: string;
  severity: Severity;
  secret: string | null;
}

export interface Stranger {
  key: string;
  type: number;
  id: string;
  login: Login;
  from: string;
  first_ms: number;
  last_ms: number;
  attempts: number;
}

export interface Health {
  version: string;
  started_ms: number;
  now_ms: number;
  storage_failing: boolean;
  devices_online?: number;
  connections?: number;
  connections_max?: number;
  logins_under_way?: number;
  recorder_queue?: number;
  commit_ms?: number | null;
  database_bytes?: number;
  free_bytes?: number;
  log_bytes?: number;
  max_bytes?: number;
  memory_bytes?: number;
  open_files?: number;
  browsers?: number;
  outbox_bytes?: number;
}

export interface Setting {
  section: string;
  key: string;
  value: unknown;
  default: unknown;
  about: string;
}
