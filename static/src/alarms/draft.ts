/** A rule while it is being written: what is typed, and whether it is a rule yet. */
import { t } from "../lib/i18n";
import type { Check, NewRule, Severity } from "../lib/types";
import { readLiteral, readScope, sensorOf } from "./words";

export interface Draft {
  name: string;
  group: string;
  scope: "device" | "label" | "group";
  address: number | null;
  label: string;
  kind: Check["kind"];
  sensor: string;
  unit: string;
  op: ">" | "<" | "=";
  /** As typed: a level may also be a text. */
  raise: string;
  clear: string;
  direction: "rises" | "falls" | "moves";
  window_ms: number | null;
  after_ms: number | null;
  severity: Severity;
  enabled: boolean;
  on_delay_ms: number | null;
  off_delay_ms: number | null;
  acts: boolean;
  actuator: string;
  value: string;
  local: boolean;
}

export type Wrong = Partial<Record<keyof Draft, string>>;

export function newDraft(group: string): Draft {
  return {
    name: "", group, scope: "device", address: null, label: "", kind: "threshold", sensor: "", unit: "", op: ">", raise: "", clear: "",
    direction: "moves", window_ms: 600_000, after_ms: 600_000, severity: "major", enabled: true, on_delay_ms: 0, off_delay_ms: 0,
    acts: false, actuator: "", value: "", local: true,
  };
}

export function draftOf(rule: NewRule): Draft {
  const scope = readScope(rule.scope);
  const { check } = rule;
  const draft: Draft = {
    ...newDraft(rule.group),
    name: rule.name, unit: rule.unit, severity: rule.severity, enabled: rule.enabled, local: rule.local,
    on_delay_ms: rule.on_delay_ms, off_delay_ms: rule.off_delay_ms,
    scope: scope.kind, address: scope.kind === "device" ? scope.address : null, label: scope.kind === "label" ? scope.label : "",
    kind: check.kind, sensor: sensorOf(check),
    acts: rule.act !== null, actuator: rule.act?.actuator ?? "", value: rule.act?.value ?? "",
  };
  if (check.kind === "threshold" || check.kind === "rate") Object.assign(draft, { raise: String(check.raise), clear: String(check.clear) });
  if (check.kind === "threshold") draft.op = check.op;
  if (check.kind === "rate") Object.assign(draft, { direction: check.direction, window_ms: check.window_ms });
  if (check.kind === "no_data" || check.kind === "offline") draft.after_ms = check.after_ms;
  return draft;
}

/** Whether the device itself can keep it: as ALARM_SET says it. */
export function isSimple(draft: Draft): boolean {
  return draft.kind === "threshold" && !draft.sensor.includes("/") && !draft.off_delay_ms && draft.unit === "";
}

function checkOf(draft: Draft, wrong: Wrong): Check {
  const sensor = draft.sensor.trim();
  if (draft.kind !== "offline" && sensor === "") wrong.sensor = t("rules.wrong.sensor");
  const [raise, clear] = [readLiteral(draft.raise.trim()), readLiteral((draft.clear.trim() || draft.raise).trim())];
  const after_ms = draft.after_ms ?? 0;
  if (draft.kind === "no_data" || draft.kind === "offline") {
    if (after_ms < 1_000) wrong.after_ms = t("rules.wrong.after");
    return draft.kind === "offline" ? { kind: "offline", after_ms } : { kind: "no_data", sensor, after_ms };
  }
  if (draft.raise.trim() === "") wrong.raise = t("rules.wrong.level");
  if (draft.kind === "rate") {
    if (typeof raise !== "number" || raise <= 0) wrong.raise = t("rules.wrong.change");
    else if (typeof clear !== "number" || clear < 0 || clear > raise) wrong.clear = t("rules.wrong.change_clear");
    if (!draft.window_ms) wrong.window_ms = t("rules.wrong.after");
    return { kind: "rate", sensor, direction: draft.direction, raise: Number(raise), clear: Number(clear), window_ms: draft.window_ms ?? 0 };
  }
  if (draft.op === "=") return { kind: "threshold", sensor, op: "=", raise, clear: raise };
  if (typeof raise !== "number") wrong.raise = t("rules.wrong.number");
  else if (typeof clear !== "number") wrong.clear = t("rules.wrong.number");
  else if (draft.op === ">" && clear > raise) wrong.clear = t("rules.wrong.clear_above");
  else if (draft.op === "<" && clear < raise) wrong.clear = t("rules.wrong.clear_below");
  return { kind: "threshold", sensor, op: draft.op, raise, clear };
}

/** What is wrong with it, and the rule that it is once nothing is. */
export function ruleOf(draft: Draft): { rule: NewRule; wrong: Wrong } {
  const wrong: Wrong = {};
  if (draft.name.trim() === "" || draft.name.trim() === "*") wrong.name = t("rules.wrong.name");
  if (draft.group === "") wrong.group = t("rules.wrong.group");
  if (draft.scope === "device" && draft.address === null) wrong.address = t("rules.wrong.device");
  if (draft.scope === "label" && draft.label.trim() === "") wrong.label = t("rules.wrong.label");
  const check = checkOf(draft, wrong);
  const acts = draft.acts && isSimple(draft);
  if (acts && draft.actuator.trim() === "") wrong.actuator = t("rules.wrong.actuator");
  if (acts && draft.value.trim() === "") wrong.value = t("rules.wrong.value");
  const scope = draft.scope === "device" ? `device ${draft.address}` : draft.scope === "label" ? `label ${draft.label.trim().replace(/^@/, "")}` : "group";
  const rule: NewRule = {
    name: draft.name.trim(), group: draft.group, scope, check, unit: draft.kind === "offline" ? "" : draft.unit, severity: draft.severity,
    enabled: draft.enabled, on_delay_ms: draft.on_delay_ms ?? 0, off_delay_ms: draft.off_delay_ms ?? 0,
    act: acts ? { actuator: draft.actuator.trim(), value: draft.value.trim() } : null,
    local: draft.local || acts,
  };
  return { rule, wrong };
}

/** Which of the fields stops a trial: a name is not needed for one. */
export function canTry(wrong: Wrong): boolean {
  return !Object.keys(wrong).some((field) => !["name", "actuator", "value"].includes(field));
}
