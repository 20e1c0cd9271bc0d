// The API's JSON, as the hub has it. Times are Unix milliseconds.

export type Value = number | boolean | string;

export type Role = "administrator" | "group_administrator" | "operator" | "viewer";
export type Need = "see" | "operate" | "manage" | "administer";
export type Scope = "read" | "operate" | "manage";
export type Language = "en" | "es";

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface FieldProblem {
  pointer: string;
  detail: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: FieldProblem[];
}

// Accounts

export interface Me {
  id: number;
  name: string;
  role: Role;
  groups: string[];
  csrf: string;
  via: "session" | "token";
  scope: Scope | null;
  language: Language | "";
  hub: { name: string; version: string };
  expires_ms: number | null;
}

export interface SetupInfo {
  name: string;
  purpose: "password" | "enter";
  expires_ms: number;
}

export interface User {
  id: number;
  name: string;
  role: Role;
  groups: string[];
  disabled: boolean;
  has_password: boolean;
  created_ms: number;
  last_login_ms: number | null;
}

export interface UserLink {
  link: string;
  expires_ms: number;
}

export interface NewUserAnswer {
  user: User;
  link: string;
  link_expires_ms: number;
}

export interface SessionInfo {
  id: number | string;
  created_ms: number;
  seen_ms: number;
  expires_ms: number;
  from: string;
  agent: string;
  current: boolean;
}

export interface TokenInfo {
  id: number;
  name: string;
  scope: Scope;
  groups: string[] | null;
  created_ms?: number;
  used_ms?: number | null;
  expires_ms: number;
  /** Only in the answer that made it. */
  token?: string;
}

export interface AuditEntry {
  id: number;
  at_ms: number;
  actor: string;
  via: "verb" | "web" | "token" | "hub";
  from: string;
  action: string;
  group: string;
  target: string;
  detail: string;
}

// Groups and devices

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

// Readings

export type Resolution = "auto" | "raw" | "minute" | "hour";
export type Detail = "raw" | "minute" | "hour";

export interface Point {
  at_ms: number;
  value: Value;
}

export interface Bucket {
  from_ms: number;
  count: number;
  min: Value | null;
  max: Value | null;
  mean: number | null;
  last: Value;
  last_at_ms: number;
}

export interface SeriesAnswer {
  address: number;
  sensor: string;
  unit: string;
  detail: Detail;
  decimated: boolean;
  points: Point[];
  width_ms?: number;
  buckets?: Bucket[];
}

export interface SeriesStats {
  address: number;
  group: string;
  sensor: string;
  unit: string;
  readings: number;
  rolled_up: number;
  first_ms: number | null;
  last_ms: number | null;
  bytes: number;
}

export interface RetentionRule {
  group: string;
  /** Empty: all sensors of the group. */
  sensor: string;
  raw_days: number;
  minute_days: number;
  hour_days: number;
}

// Commands

export type CommandState =
  | "queued" | "sent" | "accepted" | "succeeded" | "rejected" | "expired" | "cancelled" | "timed_out";

export interface Command {
  id: number;
  group: string;
  address: number;
  type: number;
  fields: string[];
  issuer: string;
  issued_ms: number;
  expires_ms: number | null;
  condition: string;
  state: CommandState;
  detail: string;
  sent_ms: number | null;
  sendings: number;
  ended_ms: number | null;
  late: boolean;
}

export interface SendOrder {
  /** An address, `@label` or `*`. */
  target: string;
  group?: string | null;
  type: number;
  fields: string[];
  expires_ms?: number | null;
  expires_in_ms?: number | null;
  never?: boolean;
  condition?: string;
}

/** Types of messages (docs/protocol.md, section 3). */
export const KIND = {
  READ: 1, VALUE: 2, WRITE: 3, DONE: 4, REJECTED: 5, ACCEPTED: 6, STORED: 7, QUIT: 20, POLL: 21, ALIVE: 22,
  EVENT: 26, EVENT_SET: 27, ALARM: 30, ALARM_SET: 31, ALARM_STOP: 32, ALARM_SUBSCRIBE: 33,
  ALARM_UNSUBSCRIBE: 34, COMMAND: 40, COMMAND_STATE: 41, LOOPBACK: 50, BLINK: 60, CLOCK_SET: 80,
  CLOCK_READ: 81, DESCRIBE: 90, DEVICES: 500,
} as const;

// Alarms

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

// Schedules

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

// The rest

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

// The live socket

interface NewsOf<E extends string> {
  e: E;
  at_ms: number;
  group: string;
}

export type PresenceNews = NewsOf<"presence"> & { address: number; presence: Presence };
export type CommandNews = NewsOf<"command"> & { command: Command };
export type AlarmNews = NewsOf<"alarm"> & { what: AlarmWhat; by: string; note: string; alarm: Alarm };
export type ReadingNews = NewsOf<"reading"> & { address: number; sensor: string; unit: string; value: Value; hub_ms: number };
export type DeviceNews = NewsOf<"device"> & { what: "added" | "changed" | "removed"; address: number };
export type GroupNews = NewsOf<"group"> & { what: string };
export type DiscoveredNews = NewsOf<"discovered">;
export type ScheduleNews = NewsOf<"schedule"> & { id: number };
export type RuleNews = NewsOf<"rule"> & { id: number };
export type FrameItem = NewsOf<"frame"> & { n: number; from: number; to: string; type: number; fields: string[]; text: string };

export type NewsItem =
  | PresenceNews | CommandNews | AlarmNews | ReadingNews | DeviceNews | GroupNews | DiscoveredNews
  | ScheduleNews | RuleNews | FrameItem;
export type NewsKind = NewsItem["e"];
export type NewsFor<K extends NewsKind> = Extract<NewsItem, { e: K }>;

export type OverReason = "logged_out" | "expired" | "disabled" | "rights_changed" | "stopping" | "too_slow";

export type ServerMessage =
  | { t: "hello"; now_ms: number; version: string; addresses: { group: string; address: number }[] }
  | { t: "news"; now_ms: number; items: NewsItem[] }
  | { t: "missed"; frames: number }
  | { t: "resync" }
  | { t: "sent"; id: number }
  | { t: "refused"; id: number; problem: Problem }
  | { t: "over"; reason: OverReason };
