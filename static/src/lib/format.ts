// Values, numbers and sizes for people.

import { localeOf, t } from "./i18n";
import type { Value } from "./types";

const numbers = new Map<string, Intl.NumberFormat>();

function numberFormat(digits: number, plain: boolean): Intl.NumberFormat {
  const key = `${localeOf()} ${digits} ${plain}`;
  let made = numbers.get(key);
  if (!made) {
    made = new Intl.NumberFormat(localeOf(), plain ? { maximumFractionDigits: digits } : { maximumSignificantDigits: digits });
    numbers.set(key, made);
  }
  return made;
}

/** At most so many digits behind the point. */
export function formatNumber(n: number, digits = 2): string {
  if (!Number.isFinite(n)) return "–";
  return numberFormat(digits, true).format(n);
}

/** A value as it was reported, with its unit. */
export function formatValue(value: Value | null | undefined, unit = ""): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? t("value.on") : t("value.off");
  if (typeof value === "string") return unit ? `${value}\u202f${unit}` : value;
  const size = Math.abs(value);
  const text = size !== 0 && (size >= 1e12 || size < 1e-4)
    ? value.toExponential(3)
    : Number.isInteger(value) ? formatNumber(value, 0) : numberFormat(6, false).format(value);
  return unit ? `${text}\u202f${unit}` : text;
}

export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  let n = bytes;
  while (Math.abs(n) >= 1024 && at < units.length - 1) {
    n /= 1024;
    at++;
  }
  return `${formatNumber(n, n < 10 && at > 0 ? 1 : 0)} ${units[at]}`;
}
