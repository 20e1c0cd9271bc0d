/** Common cron patterns, built from and told in plain words. Six fields: second, minute, hour, day of month, month, day of week. */
import { localeOf, t } from "../lib/i18n";

export type Plan =
  | { kind: "daily"; time: string }
  /** 0 is Sunday. */
  | { kind: "days"; time: string; days: number[] }
  | { kind: "minutes"; every: number }
  | { kind: "hours"; every: number; minute: number }
  | { kind: "monthly"; time: string; day: number }
  | { kind: "pattern"; text: string };

/** Whole parts of an hour and of a day: others would be uneven at the turn. */
export const MINUTES = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30] as const;
export const HOURS = [1, 2, 3, 4, 6, 8, 12] as const;
/** Stands for the last day of the month. */
export const LAST_DAY = 32;
export const WORKING_DAYS = [1, 2, 3, 4, 5];
const NAMES = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] as const;

function clock(time: string): [number, number] {
  const [hour, minute] = time.split(":").map(Number);
  return [hour ?? 0, minute ?? 0];
}

/** As the hub takes it. */
export function cronOf(plan: Plan): string {
  switch (plan.kind) {
    case "daily": {
      const [hour, minute] = clock(plan.time);
      return `0 ${minute} ${hour} * * *`;
    }
    case "days": {
      const [hour, minute] = clock(plan.time);
      return `0 ${minute} ${hour} * * ${daysField(plan.days)}`;
    }
    case "minutes":
      return plan.every === 1 ? "0 * * * * *" : `0 */${plan.every} * * * *`;
    case "hours":
      return plan.every === 1 ? `0 ${plan.minute} * * * *` : `0 ${plan.minute} */${plan.every} * * *`;
    case "monthly": {
      const [hour, minute] = clock(plan.time);
      return `0 ${minute} ${hour} ${plan.day === LAST_DAY ? "L" : plan.day} * *`;
    }
    case "pattern":
      return plan.text.trim();
  }
}

function daysField(days: number[]): string {
  // Monday first, as weeks are read.
  const sorted = [...days].sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7));
  if (sorted.join() === WORKING_DAYS.join()) return "MON-FRI";
  return sorted.length === 0 || sorted.length === 7 ? "*" : sorted.map((day) => NAMES[day]).join(",");
}

function readDays(field: string): number[] | null {
  const all: number[] = [];
  for (const part of field.toUpperCase().split(",")) {
    const [from, to] = part.split("-").map((name) => {
      const named = NAMES.indexOf(name as (typeof NAMES)[number]);
      return named >= 0 ? named : /^[0-7]$/.test(name) ? Number(name) % 7 : -1;
    });
    if (from === undefined || from < 0 || (to !== undefined && to < 0)) return null;
    if (to === undefined) all.push(from);
    else for (let day = from; ; day = (day + 1) % 7) {
      all.push(day);
      if (day === to || all.length > 7) break;
    }
  }
  return [...new Set(all)].sort();
}

/** A plan that makes this very pattern; one of none of the common kinds stays as it is. */
export function planOf(text: string): Plan {
  const other: Plan = { kind: "pattern", text };
  const [second, minute, hour, day, month, weekday, more] = text.trim().split(/\s+/);
  if (weekday === undefined || more !== undefined || second !== "0" || month !== "*" || minute === undefined || hour === undefined) return other;
  const step = (field: string) => Number(/^\*\/(\d+)$/.exec(field)?.[1] ?? NaN);
  const number = (field: string) => (/^\d{1,2}$/.test(field) ? Number(field) : NaN);
  const everyDay = day === "*" && weekday === "*";
  if (everyDay && hour === "*") {
    const every = minute === "*" ? 1 : step(minute);
    if (MINUTES.some((one) => one === every)) return { kind: "minutes", every };
    return Number.isNaN(number(minute)) ? other : { kind: "hours", every: 1, minute: number(minute) };
  }
  if (Number.isNaN(number(minute))) return other;
  if (everyDay && HOURS.some((one) => one === step(hour))) return { kind: "hours", every: step(hour), minute: number(minute) };
  if (Number.isNaN(number(hour))) return other;
  const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  if (everyDay) return { kind: "daily", time };
  if (day === "*") {
    const days = readDays(weekday);
    return days ? { kind: "days", time, days } : other;
  }
  const date = day === "L" ? LAST_DAY : number(day ?? "");
  return weekday === "*" && date >= 1 && date <= LAST_DAY ? { kind: "monthly", time, day: date } : other;
}

/** The name of a day of the week. */
export function dayName(day: number, style: "short" | "long" = "short"): string {
  // 4 January 1970 was a Sunday.
  return new Intl.DateTimeFormat(localeOf(), { weekday: style, timeZone: "UTC" }).format((3 + day) * 86_400_000);
}

/** In plain words; a pattern of none of the common kinds as it is. */
export function cronText(text: string): string {
  const plan = planOf(text);
  switch (plan.kind) {
    case "daily":
      return t("schedules.says.daily", { time: plan.time });
    case "days": {
      if (plan.days.join() === WORKING_DAYS.join()) return t("schedules.says.weekdays", { time: plan.time });
      const names = [...plan.days].sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7)).map((day) => dayName(day));
      return t("schedules.says.days", { days: new Intl.ListFormat(localeOf(), { type: "conjunction" }).format(names), time: plan.time });
    }
    case "minutes":
      return t("schedules.says.minutes", { n: plan.every });
    case "hours":
      return t("schedules.says.hours", { n: plan.every, minute: String(plan.minute).padStart(2, "0") });
    case "monthly":
      return plan.day === LAST_DAY ? t("schedules.says.last_day", { time: plan.time }) : t("schedules.says.monthly", { day: plan.day, time: plan.time });
    case "pattern":
      return t("schedules.says.pattern", { text: plan.text });
  }
}
