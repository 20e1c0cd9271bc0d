// Commands and message types.

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
