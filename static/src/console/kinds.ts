// Message types of the native protocol (docs/protocol.md, section 3): names, fields, and who may send what.

/** A type with a meaning of its own. `fields` are keys of labels; the last ones of a frame may be missing. */
export interface Kind {
  code: number;
  name: string;
  fields: readonly string[];
}

export const READ = 1;
export const VALUE = 2;
export const WRITE = 3;
export const REJECTED = 5;
export const EVENT = 26;
export const EVENT_SET = 27;
export const LOOPBACK = 50;
export const BLINK = 60;
export const CLOCK_SET = 80;
export const CLOCK_READ = 81;

/** Types from here on are never given a meaning by the hub. */
export const OWN_TYPES = 1000;

/** A type is a canonical decimal below 2^32. */
export const MOST_TYPE = 4294967295;

const kind = (code: number, name: string, ...fields: string[]): Kind => ({ code, name, fields });

export const KINDS: readonly Kind[] = [
  kind(1, "READ", "sensor", "msgno"),
  kind(2, "VALUE", "sensor", "value", "unit", "unix_ms", "msgno"),
  kind(3, "WRITE", "actuator", "value", "expires", "msgno"),
  kind(4, "DONE", "actuator", "seen", "msgno"),
  kind(5, "REJECTED", "reason", "msgno"),
  kind(6, "ACCEPTED", "msgno"),
  kind(7, "STORED", "msgno"),
  kind(20, "QUIT", "reason"),
  kind(21, "POLL"),
  kind(22, "ALIVE"),
  kind(26, "EVENT", "sensor", "value", "unit", "unix_ms", "msgno"),
  kind(27, "EVENT_SET", "sensor", "period_ms", "msgno"),
  kind(30, "ALARM", "alarm", "sensor", "value", "raised", "unix_ms", "msgno"),
  kind(31, "ALARM_SET", "alarm", "sensor", "comparison", "threshold", "hysteresis", "delay_ms", "actuator", "write", "msgno"),
  kind(32, "ALARM_STOP", "alarm", "msgno"),
  kind(33, "ALARM_SUBSCRIBE", "alarm", "msgno"),
  kind(34, "ALARM_UNSUBSCRIBE", "alarm", "msgno"),
  kind(40, "COMMAND", "target", "type", "expires"),
  kind(41, "COMMAND_STATE", "state", "detail"),
  kind(50, "LOOPBACK"),
  kind(60, "BLINK", "msgno"),
  kind(80, "CLOCK_SET", "second", "minute", "hour", "weekday", "day", "month", "year"),
  kind(81, "CLOCK_READ", "msgno"),
  kind(90, "DESCRIBE"),
  kind(500, "DEVICES"),
];

const BY_CODE = new Map(KINDS.map((one) => [one.code, one]));

export function kindOf(code: number): Kind | undefined {
  return BY_CODE.get(code);
}

/** `READ`, or the number of a type that has no name. */
export function kindName(code: number): string {
  return BY_CODE.get(code)?.name ?? String(code);
}

/** Types of the protocol that go by the command service, with states and answers. */
export const ORDERS: readonly number[] = [READ, WRITE, EVENT_SET, BLINK, CLOCK_READ, CLOCK_SET];

/** Whether the command service takes it: the orders, and every type without a meaning. */
export function canBeOrdered(code: number): boolean {
  return ORDERS.includes(code) || !BY_CODE.has(code);
}

/** Types that only the hub may send, and those that never pass between two others. */
const NEVER_SENT = new Set([7, 20, 22, 27, 31, 32, 41, 80]);

/** Whether a viewer may send it as a message of its own. */
export function canBeSent(code: number): boolean {
  return !NEVER_SENT.has(code) && !ORDERS.includes(code);
}

/** Types whose late act is dangerous: the command service gives them an expiry. */
export function acts(code: number): boolean {
  return ![READ, EVENT_SET, CLOCK_SET, CLOCK_READ].includes(code);
}

/** The fields of a frame beside what they are called; nameless ones have an empty key. */
export function labelled(code: number, fields: readonly string[]): { key: string; text: string }[] {
  const names = BY_CODE.get(code)?.fields ?? [];
  // A plain EVENT has values of its own and msgno last (P5.2).
  const plain = code === EVENT && (fields.length !== 5 || !/^\d+$/.test(fields[3] ?? ""));
  const refusal = code === LOOPBACK && fields[0] === "ERROR";
  return fields.map((text, at) => {
    const last = at === fields.length - 1;
    if (refusal) return { key: ["error", "reason", "dest", "msgno"][at] ?? "", text };
    if (plain) return { key: last ? "msgno" : "value", text };
    if (last && (code === 40 || code === 41 || code === 500)) return { key: "msgno", text };
    return { key: names[at] ?? "", text };
  });
}

/** `|`, `%` and control characters leave as %XX (P1.9). */
export function escapeField(text: string): string {
  return text.replace(/[|%\u0000-\u001f\u007f]/g, (one) => "%" + one.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"));
}

/** The frame as the receiver gets it, for people; `id` stands where the hub puts its number. */
export function frameText(from: string, to: string, type: number, fields: readonly string[]): string {
  return [from, to, String(type), ...fields.map(escapeField)].join("|") + "|";
}
