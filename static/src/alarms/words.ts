/** Rules and alarms in sentences. */
import { formatNumber, formatValue } from "../lib/format";
import { hasText, t, td } from "../lib/i18n";
import { formatSpan } from "../lib/time";
import type { Alarm, Check, NewRule } from "../lib/types";

/** What has to be so for the alarm to be raised. */
export function checkText(check: Check, unit: string): string {
  switch (check.kind) {
    case "threshold": {
      const [raise, clear] = [formatValue(check.raise, unit), formatValue(check.clear, unit)];
      if (check.op === "=") return t("rules.says.is", { sensor: check.sensor, raise });
      const key = check.op === ">" ? "rules.says.above" : "rules.says.below";
      const more = check.op === ">" ? "rules.says.above_clear" : "rules.says.below_clear";
      const first = t(key, { sensor: check.sensor, raise });
      return check.raise === check.clear ? first : `${first} ${t(more, { clear })}`;
    }
    case "rate":
      return t(`rules.says.${check.direction}`, { sensor: check.sensor, raise: formatValue(check.raise, unit), span: formatSpan(check.window_ms) });
    case "no_data":
      return t("rules.says.no_data", { sensor: check.sensor, span: formatSpan(check.after_ms) });
    case "offline":
      return t("rules.says.offline", { span: formatSpan(check.after_ms) });
  }
}

/** The same with its delays. */
export function ruleText(rule: Pick<NewRule, "check" | "unit" | "on_delay_ms" | "off_delay_ms">): string {
  const parts = [checkText(rule.check, rule.unit)];
  if (rule.on_delay_ms > 0) parts.push(t("rules.says.for", { span: formatSpan(rule.on_delay_ms) }));
  if (rule.off_delay_ms > 0) parts.push(t("rules.says.clear_for", { span: formatSpan(rule.off_delay_ms) }));
  return parts.join(", ");
}

export type Scope = { kind: "device"; address: number } | { kind: "label"; label: string } | { kind: "group" };

export function readScope(text: string): Scope {
  const at = text.indexOf(" ");
  const [what, name] = at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
  if (what === "device") return { kind: "device", address: Number(name) };
  return what === "label" ? { kind: "label", label: name } : { kind: "group" };
}

export function sensorOf(check: Check): string {
  return check.kind === "offline" ? "" : check.sensor;
}

/** A value of an alarm, which travels as text. */
export function valueText(text: string): string {
  if (text === "") return "–";
  if (text === "true" || text === "false") return formatValue(text === "true");
  const number = Number(text);
  return text.trim() !== "" && Number.isFinite(number) ? formatNumber(number, 6) : text;
}

/** Why it ended. */
export function reasonText(alarm: Alarm): string {
  if (alarm.clear_reason === "") return t("alarms.reason.normal");
  const key = `alarms.reason.${alarm.clear_reason}`;
  return hasText(key) ? td(key) : alarm.clear_reason;
}

/** A level as it was typed: what looks like a number or a boolean is one. */
export function readLiteral(text: string): number | boolean | string {
  if (text === "true" || text === "false") return text === "true";
  const number = Number(text);
  return text.trim() !== "" && Number.isFinite(number) ? number : text;
}
