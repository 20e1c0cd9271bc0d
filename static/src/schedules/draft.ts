/** A schedule while it is being written. */
import { t } from "../lib/i18n";
import { hubNow, zoneName } from "../lib/time";
import { KIND, type Missed, type NewSchedule, type NewTiming, type Repeated, type Schedule, type ScheduleAct, type Skipped } from "../lib/types";
import { cronOf, planOf, type Plan } from "./cron";
import { zonedInput } from "./zones";

export interface Draft {
  name: string;
  group: string;
  when: "cron" | "at" | "every";
  plan: Plan;
  /** As the zone's clocks show it. */
  at: string;
  every_ms: number | null;
  zone: string;
  skipped: Skipped;
  repeated: Repeated;
  from: string;
  until: string;
  missed: Missed;
  jitter_ms: number | null;
  paused: boolean;
  act: ScheduleAct["kind"];
  to: "device" | "label" | "all";
  address: number | null;
  label: string;
  type: number;
  fields: string[];
  expires: "default" | "in" | "at" | "never";
  expires_in_ms: number | null;
  expires_ms: number | null;
  condition: string;
  rule: number | null;
  enable: boolean;
  sensor: string;
  period_ms: number | null;
}

export type Wrong = Partial<Record<keyof Draft, string>>;

export function newDraft(group: string): Draft {
  return {
    name: "", group, when: "cron", plan: { kind: "daily", time: "06:30" }, at: zonedInput(Math.ceil((hubNow() + 3_600_000) / 3_600_000) * 3_600_000, zoneName()),
    every_ms: 600_000, zone: zoneName(), skipped: "auto", repeated: "auto", from: "", until: "", missed: "skip", jitter_ms: 0, paused: false,
    act: "command", to: "device", address: null, label: "", type: KIND.WRITE, fields: ["", ""], expires: "default", expires_in_ms: 60_000, expires_ms: null,
    condition: "", rule: null, enable: true, sensor: "", period_ms: 60_000,
  };
}

export function draftOf(schedule: Schedule): Draft {
  const { act, zone } = schedule;
  const draft: Draft = {
    ...newDraft(schedule.group), name: schedule.name, zone, skipped: schedule.skipped, repeated: schedule.repeated, missed: schedule.missed,
    jitter_ms: schedule.jitter_ms, paused: schedule.paused, act: act.kind,
    from: schedule.from_ms === null ? "" : zonedInput(schedule.from_ms, zone), until: schedule.until_ms === null ? "" : zonedInput(schedule.until_ms, zone),
  };
  if (schedule.cron !== null) draft.plan = planOf(schedule.cron);
  if (schedule.every_ms !== null) Object.assign(draft, { when: "every", every_ms: schedule.every_ms });
  if (schedule.at_ms !== null) Object.assign(draft, { when: "at", at: zonedInput(schedule.at_ms, zone) });
  if (act.kind === "rule") return { ...draft, rule: Number(act.rule), enable: act.enabled };
  const { target } = act;
  if (target === "*") draft.to = "all";
  else if (target.startsWith("@")) Object.assign(draft, { to: "label", label: target.slice(1) });
  else draft.address = Number(target);
  if (act.kind === "event_period") return { ...draft, sensor: act.sensor, period_ms: act.period_ms };
  const expires = act.never ? "never" : act.expires_ms ? "at" : act.expires_in_ms ? "in" : "default";
  return {
    ...draft, type: act.type, fields: act.fields, condition: act.condition ?? "", expires,
    expires_in_ms: act.expires_in_ms ?? draft.expires_in_ms, expires_ms: act.expires_ms ?? null,
  };
}

/** What the preview is asked for; it needs no more than this. */
export function timingOf(draft: Draft, wrong: Wrong = {}): NewTiming {
  const timing: NewTiming = {
    cron: null, at: null, every_ms: null, zone: draft.zone.trim(), skipped: draft.skipped, repeated: draft.repeated, from: null, until: null,
  };
  if (draft.zone.trim() === "") wrong.zone = t("schedules.wrong.zone");
  if (draft.when === "cron") {
    timing.cron = cronOf(draft.plan);
    if (timing.cron === "" || (draft.plan.kind === "days" && draft.plan.days.length === 0)) wrong.plan = t("schedules.wrong.plan");
  } else if (draft.when === "every") {
    timing.every_ms = draft.every_ms;
    if ((draft.every_ms ?? 0) < 1_000) wrong.every_ms = t("schedules.wrong.every");
  } else {
    timing.at = whole(draft.at);
    if (draft.at === "") wrong.at = t("schedules.wrong.at");
  }
  if (draft.when !== "at") {
    timing.from = draft.from === "" ? null : whole(draft.from);
    timing.until = draft.until === "" ? null : whole(draft.until);
  }
  return timing;
}

/** Browsers leave the seconds away. */
function whole(local: string): string {
  return /T\d\d:\d\d$/.test(local) ? `${local}:00` : local;
}

function targetOf(draft: Draft, wrong: Wrong): string {
  if (draft.to === "all") return "*";
  if (draft.to === "label") {
    const label = draft.label.trim().replace(/^@/, "");
    if (label === "") wrong.label = t("rules.wrong.label");
    return `@${label}`;
  }
  if (draft.address === null) wrong.address = t("rules.wrong.device");
  return String(draft.address);
}

function actOf(draft: Draft, wrong: Wrong): ScheduleAct {
  if (draft.act === "rule") {
    if (draft.rule === null) wrong.rule = t("schedules.wrong.rule");
    return { kind: "rule", rule: draft.rule ?? 0, enabled: draft.enable };
  }
  const target = targetOf(draft, wrong);
  if (draft.act === "event_period") {
    if (draft.sensor.trim() === "") wrong.sensor = t("rules.wrong.sensor");
    return { kind: "event_period", target, sensor: draft.sensor.trim(), period_ms: draft.period_ms ?? 0 };
  }
  const needed = draft.type === KIND.WRITE ? 2 : draft.type === KIND.READ ? 1 : 0;
  const fields = needed > 0 ? draft.fields.slice(0, needed) : (ORDERS_WITHOUT.has(draft.type) ? [] : draft.fields.filter((field) => field !== ""));
  if (needed > 0 && (fields.length < needed || fields.some((field) => field === ""))) wrong.fields = t("schedules.wrong.fields");
  if (!Number.isInteger(draft.type) || draft.type < 1) wrong.type = t("schedules.wrong.type");
  return {
    kind: "command", target, type: draft.type, fields,
    expires_ms: draft.expires === "at" ? draft.expires_ms : null,
    expires_in_ms: draft.expires === "in" ? draft.expires_in_ms : null,
    never: draft.expires === "never",
    condition: draft.condition.trim(),
  };
}

/** Orders that have no fields at all. */
const ORDERS_WITHOUT = new Set<number>([KIND.BLINK, KIND.CLOCK_SET, KIND.CLOCK_READ]);

export function hasNoFields(type: number): boolean {
  return ORDERS_WITHOUT.has(type);
}

export function scheduleOf(draft: Draft): { schedule: NewSchedule; wrong: Wrong } {
  const wrong: Wrong = {};
  if (draft.name.trim() === "") wrong.name = t("rules.wrong.name");
  if (draft.group === "") wrong.group = t("rules.wrong.group");
  const timing = timingOf(draft, wrong);
  const act = actOf(draft, wrong);
  return {
    schedule: { name: draft.name.trim(), group: draft.group, timing, missed: draft.missed, jitter_ms: draft.jitter_ms ?? 0, paused: draft.paused, act },
    wrong,
  };
}
