// Groups, devices, and what they have.

import type { Severity } from "./alarms";
import type { CommandState } from "./commands";
import type { Value } from "./common";

export interface Group {
  name: string;
  devices: number;
  online: number;
  open_alarms: number;
}

export type PresenceState = "never_seen" | "online" | "offline";

export interface Presence {
  state: PresenceState;
  /** Why it is offline; empty otherwise. */
  reason: string;
  since_ms: number | null;
  last_byte_ms: number | null;
}

export type Login = "challenge" | "legacy";
export type Rights = "report" | "talk" | "control";

export interface DeviceSummary {
  address: number;
  group: string;
  type: number;
  id: string;
  name: string;
  labels: string[];
  state: PresenceState;
  since_ms: number | null;
  last_byte_ms: number | null;
  disabled: boolean;
  weak: boolean;
  open_alarms: number;
  worst: Severity | "";
}

/** Frames of one device since the hub's start. */
export interface Ledger {
  received: number;
  delivered: number;
  answered: number;
  /** In the order of DROP_REASONS. */
  dropped: number[];
  copies_made: number;
  copies_delivered: number;
  copies_dropped: number;
}

export const DROP_REASONS = [
  "NO_DEVICE", "BAD_ORIGIN", "BAD_FRAME", "NO_RIGHT", "BUSY", "CLOSED",
  "UNKNOWN_TYPE", "BAD_VALUE", "TAKEN_OVER", "NOT_ASKED", "ALREADY_ANSWERED", "EXPIRED",
] as const;

export interface Device {
  address: number;
  group: string;
  type: number;
  id: string;
  name: string;
  labels: string[];
  rights: Rights;
  login: Login;
  nonce_memory: number;
  disabled: boolean;
  weak: boolean;
  connected: boolean;
  presence: Presence;
  ledger: Ledger | null;
  open_alarms: number;
  worst?: Severity | "" | null;
}

export interface NewDevice {
  group: string;
  type: number;
  id: string;
  name: string;
  labels: string[];
  serial?: string | null;
  login: Login;
  rights: Rights;
  nonce_memory: number;
}

export interface ImportRow {
  line: number;
  group: string;
  type: string;
  id: string;
  serial: string;
  login: string;
  name: string;
  labels: string;
  rights: string;
}

export interface Imported {
  devices: Credential[];
  errors: { line: number; error: string }[];
}

export interface Credential {
  address: number;
  group: string;
  type: number;
  id: string;
  serial: string;
  login: Login;
}

export interface KnownValue {
  value: Value;
  /** The device's time. */
  at_ms: number;
  hub_ms: number;
}

export interface SensorInfo {
  name: string;
  kind: string;
  unit: string;
  min: number | null;
  max: number | null;
  /** device, operator, or readings: it reported the name, nobody described it. */
  by: string;
  last: KnownValue | null;
}

export interface ActuatorInfo {
  name: string;
  kind: string;
  min: number | null;
  max: number | null;
  by: string;
  desired: { value: string; command: number; state: CommandState | "" } | null;
  reported: KnownValue | null;
}

export interface EventPeriod {
  sensor: string;
  period_ms: number;
  command: number;
}

export interface Capabilities {
  address: number;
  sensors: SensorInfo[];
  actuators: ActuatorInfo[];
  events: EventPeriod[];
}
