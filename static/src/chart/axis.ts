/** How times and values stand at the axes: in the page's language and the viewer's zone. */
import { localeOf } from "../lib/i18n";

const MINUTE = 60_000;
const DAY = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${localeOf()} ${name}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(localeOf(), options);
  formats.set(key, made);
  return made;
}

const clock = () => format("clock", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const seconds = () => format("seconds", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const millis = () => format("millis", { minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
const day = () => format("day", { day: "numeric", month: "short" });
const month = () => format("month", { month: "short", year: "numeric" });
const weekday = () => format("weekday", { weekday: "short", day: "numeric", month: "short" });

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** The words at the ticks of the time axis. */
export function timeTicks(splits: number[], increment: number): string[] {
  return splits.map((ms, i) => {
    const before = splits[i - 1];
    const newDay = before === undefined || !sameDay(before, ms);
    if (increment >= 27 * DAY) return month().format(ms);
    if (increment >= DAY) return day().format(ms);
    const time = increment < 1000 ? millis() : increment < MINUTE ? seconds() : clock();
    return newDay ? `${time.format(ms)}\n${day().format(ms)}` : time.format(ms);
  });
}

/** A moment at the cursor, as exact as the window is narrow. */
export function cursorTime(ms: number, span_ms: number): string {
  const time = span_ms > 2 * DAY ? clock() : seconds();
  return `${weekday().format(ms)} ${time.format(ms)}`;
}

/** Numbers at the ticks of a value axis. */
export function valueTicks(splits: number[], increment: number): string[] {
  const digits = Math.min(6, (increment.toFixed(8).replace(/0+$/, "").split(".")[1] ?? "").length);
  const big = splits.some((value) => Math.abs(value) >= 100_000);
  const key = `number ${digits} ${big} ${localeOf()}`;
  let numbers = numberFormats.get(key);
  if (!numbers) {
    // British English shortens a million to m, which here would be read as a thousandth.
    const locale = big && localeOf().startsWith("en") ? "en" : localeOf();
    numbers = new Intl.NumberFormat(locale, big
      ? { notation: "compact", maximumFractionDigits: 2 }
      : { minimumFractionDigits: digits, maximumFractionDigits: digits });
    numberFormats.set(key, numbers);
  }
  return splits.map((value) => numbers.format(value));
}

const numberFormats = new Map<string, Intl.NumberFormat>();
