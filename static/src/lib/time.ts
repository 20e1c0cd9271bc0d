// Times in the viewer's zone, and spans. The hub's clock counts: a browser's may be off.

import { t, localeOf } from "./i18n";

let ahead = 0;

/** The hub says what time it is. */
export function setHubTime(now_ms: number): void {
  const off = now_ms - Date.now();
  // Small differences are the way here, not the clock.
  if (Math.abs(off - ahead) > 250) ahead = off;
}

/** The hub's time, Unix ms. */
export function hubNow(): number {
  return Date.now() + ahead;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${localeOf()} ${name}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(localeOf(), options);
    formats.set(key, made);
  }
  return made;
}

const HOUR24 = { hourCycle: "h23" } as const;

export function formatTime(ms: number): string {
  return format("time", { hour: "2-digit", minute: "2-digit", second: "2-digit", ...HOUR24 }).format(ms);
}

export function formatDate(ms: number): string {
  return format("date", { day: "numeric", month: "short", year: "numeric" }).format(ms);
}

export function formatDateTime(ms: number): string {
  return format("full", {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", ...HOUR24,
  }).format(ms);
}

/** The shortest that is not ambiguous: the time today, otherwise with the day. */
export function formatShort(ms: number): string {
  const now = hubNow();
  if (formatDate(ms) === formatDate(now)) return formatTime(ms);
  return format("short", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", ...HOUR24 }).format(ms);
}

/** Such as `Europe/Madrid`. */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const UNITS: [string, number][] = [
  ["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1_000],
];

/** Such as `2 h 05 min`: two units at most. */
export function formatSpan(ms: number): string {
  const span = Math.abs(ms);
  if (span < 1_000) return `${Math.round(span)} ms`;
  if (span < 10_000 && span % 1_000 !== 0) return `${(span / 1_000).toLocaleString(localeOf(), { maximumFractionDigits: 1 })} s`;
  const at = UNITS.findIndex(([, size]) => span >= size);
  const [name, size] = UNITS[at] ?? ["s", 1_000];
  const whole = Math.floor(span / size);
  const next = UNITS[at + 1];
  if (!next) return `${whole} ${name}`;
  const rest = Math.floor((span % size) / next[1]);
  return rest ? `${whole} ${name} ${rest} ${next[0]}` : `${whole} ${name}`;
}

/** Such as `5 min ago`. */
export function formatAgo(ms: number): string {
  const span = hubNow() - ms;
  if (span < -1_500) return t("time.in", { span: coarse(-span) });
  if (span < 2_000) return t("time.now");
  return t("time.ago", { span: coarse(span) });
}

function coarse(span: number): string {
  const [name, size] = UNITS.find(([, size]) => span >= size) ?? ["s", 1_000];
  return `${Math.floor(span / size)} ${name}`;
}

/** For <input type="datetime-local">. */
export function toLocalInput(ms: number): string {
  const at = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function fromLocalInput(text: string): number | null {
  const ms = new Date(text).getTime();
  return Number.isFinite(ms) ? ms : null;
}
