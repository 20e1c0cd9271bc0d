// What is typed into the composer, what is wrong with it, and what it becomes. Plain: no component, no socket.

import type { ActuatorInfo, Capabilities, SendOrder, SensorInfo } from "../lib/types";
import { BLINK, CLOCK_READ, CLOCK_SET, EVENT_SET, MOST_TYPE, READ, WRITE, acts, canBeOrdered, canBeSent, frameText, kindName } from "./kinds";

export type To = "device" | "label" | "everyone";
export type Way = "command" | "message";
export const OTHER = "other";

export interface Draft {
  group: string;
  to: To;
  device: number | null;
  label: string;
  /** A type's number, or `OTHER`. */
  fn: string;
  /** Of the sensor or actuator. */
  name: string;
  value: string;
  period: string;
  periodUnit: "ms" | "s" | "min" | "h";
  type: string;
  fields: string[];
  way: Way;
  expiry: "default" | "in" | "never";
  seconds: string;
  condition: string;
}

export const EMPTY: Draft = {
  group: "",
  to: "device",
  device: null,
  label: "",
  fn: String(READ),
  name: "",
  value: "",
  period: "10",
  periodUnit: "s",
  type: "1000",
  fields: [""],
  way: "command",
  expiry: "default",
  seconds: "60",
  condition: "",
};

/** What is sent, and by which way. */
export type Parcel =
  | { way: "command"; group: string; order: SendOrder }
  | { way: "message"; group: string; to: string; type: number; fields: string[] };

export const UNIT_MS = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 } as const;

/** The functions that fit what is known of a module; of one that nobody described nothing is known, and all fit. */
export function functionsFor(capabilities: Capabilities | undefined): string[] {
  const known = capabilities !== undefined && isDescribed(capabilities);
  const readable = !known || capabilities.sensors.length > 0 || capabilities.actuators.length > 0;
  const writable = !known || capabilities.actuators.length > 0;
  const numbers = [
    ...(readable ? [READ] : []),
    ...(writable ? [WRITE] : []),
    ...(readable ? [EVENT_SET] : []),
    BLINK,
    CLOCK_READ,
    CLOCK_SET,
  ];
  return [...numbers.map(String), OTHER];
}

/** Somebody said what it has: names that are not in it are refused. */
export function isDescribed(capabilities: Capabilities): boolean {
  return [...capabilities.sensors, ...capabilities.actuators].some((one) => one.by !== "readings");
}

/** Names that may be read: sensors, and actuators that are asked like one. */
export function readable(capabilities: Capabilities | undefined): string[] {
  if (capabilities === undefined) return [];
  const names = [...capabilities.sensors, ...capabilities.actuators].map((one) => one.name);
  return [...new Set(names)];
}

export function sensorOf(capabilities: Capabilities | undefined, name: string): SensorInfo | undefined {
  return capabilities?.sensors.find((one) => one.name === name);
}

export function actuatorOf(capabilities: Capabilities | undefined, name: string): ActuatorInfo | undefined {
  return capabilities?.actuators.find((one) => one.name === name);
}

export function typeOf(draft: Draft): number {
  return draft.fn === OTHER ? Number(draft.type) : Number(draft.fn);
}

export function targetOf(draft: Draft): string {
  switch (draft.to) {
    case "device":
      return draft.device === null ? "" : String(draft.device);
    case "label":
      return draft.label === "" ? "" : `@${draft.label}`;
    case "everyone":
      return "*";
  }
}

export function periodMs(draft: Draft): number {
  return Math.round(Number(draft.period) * UNIT_MS[draft.periodUnit]);
}

export function fieldsOf(draft: Draft): string[] {
  switch (draft.fn) {
    case String(READ):
      return [draft.name];
    case String(WRITE):
      return [draft.name, Number.isFinite(Number(draft.value)) ? draft.value.trim() : draft.value];
    case String(EVENT_SET):
      return [draft.name, String(periodMs(draft))];
    case OTHER:
      return draft.fields;
    default:
      return [];
  }
}

/** Which way it goes: types of users may go either way, the others have one. */
export function wayOf(draft: Draft): Way {
  const type = typeOf(draft);
  if (draft.fn !== OTHER || !canBeSent(type)) return "command";
  return canBeOrdered(type) ? draft.way : "message";
}

/** Keys of what is wrong, by field. */
export type Wrong = Partial<Record<"target" | "name" | "value" | "period" | "type" | "seconds" | "fields", { key: string; vars?: Record<string, string | number> }>>;

/** What can be said before the hub is asked. */
export function check(draft: Draft, capabilities: Capabilities | undefined): Wrong {
  const wrong: Wrong = {};
  if (targetOf(draft) === "") wrong.target = { key: `console.need.${draft.to}` };
  else if (draft.to === "label" && !/^[A-Za-z0-9._-]{1,32}$/.test(draft.label)) wrong.target = { key: "console.wrong.label" };
  if ([READ, WRITE, EVENT_SET].map(String).includes(draft.fn) && draft.name.trim() === "") {
    wrong.name = { key: draft.fn === String(WRITE) ? "console.need.actuator" : "console.need.sensor" };
  }
  if (draft.fn === String(WRITE)) checkValue(draft, actuatorOf(capabilities, draft.name), wrong);
  if (draft.fn === String(EVENT_SET)) {
    const ms = periodMs(draft);
    if (draft.period.trim() === "" || !Number.isSafeInteger(ms) || ms < 0) wrong.period = { key: "console.wrong.period" };
  }
  if (draft.fn === OTHER) checkOther(draft, wrong);
  if (wayOf(draft) === "command" && draft.expiry === "in") {
    const seconds = Number(draft.seconds);
    if (!(seconds > 0) || seconds > 315_360_000) wrong.seconds = { key: "console.wrong.seconds" };
  }
  return wrong;
}

function checkValue(draft: Draft, actuator: ActuatorInfo | undefined, wrong: Wrong): void {
  const { value } = draft;
  const number = value.trim() === "" ? NaN : Number(value);
  if (actuator?.kind === "boolean") {
    if (value !== "true" && value !== "false") wrong.value = { key: "console.wrong.boolean" };
    return;
  }
  if (actuator?.kind === "number" && !Number.isFinite(number)) {
    wrong.value = { key: "console.wrong.number" };
    return;
  }
  if (value === "" && actuator?.kind !== "button" && actuator?.kind !== "text") {
    wrong.value = { key: "console.need.value" };
    return;
  }
  const { min, max } = actuator ?? {};
  const low = typeof min === "number" && number < min;
  const high = typeof max === "number" && number > max;
  if (low || high) wrong.value = { key: "console.wrong.range", vars: { min: min ?? "−∞", max: max ?? "∞" } };
}

function checkOther(draft: Draft, wrong: Wrong): void {
  const type = Number(draft.type);
  if (!/^(0|[1-9]\d*)$/.test(draft.type.trim()) || type > MOST_TYPE) {
    wrong.type = { key: "console.wrong.type" };
    return;
  }
  if (!canBeOrdered(type) && !canBeSent(type)) wrong.type = { key: "console.wrong.hub_only", vars: { type: kindName(type) } };
  else if (canBeOrdered(type) && !canBeSent(type)) wrong.type = { key: "console.wrong.has_function", vars: { type: kindName(type) } };
  const bytes = new TextEncoder().encode(draft.fields.join("|")).length;
  if (bytes > 8000 || draft.fields.length > 59) wrong.fields = { key: "console.wrong.fields" };
}

/** Of a draft without faults. */
export function parcelOf(draft: Draft): Parcel {
  const type = typeOf(draft);
  const fields = fieldsOf(draft);
  const to = targetOf(draft);
  if (wayOf(draft) === "message") return { way: "message", group: draft.group, to, type, fields };
  const order: SendOrder = {
    target: to,
    group: draft.group,
    type,
    fields,
    expires_in_ms: draft.expiry === "in" ? Math.round(Number(draft.seconds) * 1000) : null,
    never: draft.expiry === "never",
    condition: draft.condition.trim(),
  };
  return { way: "command", group: draft.group, order };
}

/** The frame as a device gets it, with words where the hub fills something in. */
export function preview(draft: Draft, own: string, words: { expires: string; id: string; clock: string; you: string }): string {
  const to = targetOf(draft) || "?";
  const type = typeOf(draft);
  if (!Number.isFinite(type)) return "";
  if (wayOf(draft) === "message") return frameText(own || words.you, to, type, draft.fields);
  // An order to a set becomes a frame for each of its devices.
  const start = frameText("0", draft.to === "device" ? to : "A", type, fieldsOf(draft));
  if (type === CLOCK_SET) return start + words.clock + "|";
  const expiry = type === WRITE ? (draft.expiry === "never" ? "|" : words.expires + "|") : "";
  return start + expiry + words.id + "|";
}

/** Whether an expiry can be chosen, and what it is by itself. */
export function expiresByItself(draft: Draft): boolean {
  return acts(typeOf(draft));
}
