/** Writes a rule, with its levels on the readings of a device and what it would have raised. */
import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { api, toApiError, type ApiError } from "../lib/api";
import { t } from "../lib/i18n";
import { can } from "../lib/me";
import { go } from "../lib/routes";
import type { NewRule, Rule, SensorInfo, Severity } from "../lib/types";
import {
  Button, Card, Checkbox, Choice, DevicePicker, ErrorNote, Field, GroupSelect, Note, NumberInput, Select, TextInput, toast,
} from "../ui";
import { canTry, isSimple, ruleOf, type Draft, type Wrong } from "./draft";
import { useCapabilities } from "./sensors";
import { SpanField } from "./span";
import { Trial } from "./trial";
import { ruleText } from "./words";
import { niceStep, rounded } from "../chart/view";

const SEVERITIES: Severity[] = ["critical", "major", "minor", "warning"];
const NAME_CHARS = 64;

interface FormProps {
  initial: Draft;
  /** The stored rule in whose place this one comes. */
  replaces?: Rule | undefined;
}

export function RuleForm({ initial, replaces }: FormProps) {
  const [draft, setDraft] = useState(initial);
  const [example, setExample] = useState<number | null>(null);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const { rule, wrong } = ruleOf(draft);
  const address = draft.scope === "device" ? draft.address : example;
  const { sensors, actuators } = useCapabilities(address);
  const shown: Wrong = tried ? { ...wrong, ...serverWrong(error) } : {};
  const tryable = canTry(wrong);
  const key = JSON.stringify(rule);
  const trialRule = useMemo(() => (tryable ? rule : draftable(draft, rule)), [key, tryable]);
  const change = useMemo(() => (raise: number, clear: number) => set({ raise: String(raise), clear: String(clear) }), []);

  const save = async () => {
    setTried(true);
    setError(null);
    if (Object.keys(wrong).length > 0) return focusWrong();
    setBusy(true);
    try {
      const made = replaces ? await replace(replaces, rule) : await api.post<Rule>("/rules", rule);
      toast(t("rules.saved", { name: made.name }));
      go(`/rules/${made.id}`, { replace: true });
    } catch (problem) {
      setError(toApiError(problem));
      setBusy(false);
    }
  };
  return (
    <form class="editor" noValidate onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <div class="stack">
        {!mayWrite(draft.group) && <Note tone="warn">{t("editor.may_not")}</Note>}
        {replaces && <Note tone="warn">{t("rules.replace.hint")}</Note>}
        <Card title={t("rules.part.what")}><What draft={draft} set={set} wrong={shown} /></Card>
        <Card title={t("rules.part.where")}><Where draft={draft} set={set} wrong={shown} example={example} setExample={setExample} /></Card>
        <Card title={t("rules.part.condition")}><Condition draft={draft} set={set} wrong={shown} sensors={sensors} /></Card>
        <Card title={t("rules.part.device")}><OnDevice draft={draft} set={set} wrong={shown} actuators={actuators.map((one) => one.name)} /></Card>
      </div>
      <div class="stack editor-side">
        <Card title={t("rules.part.trial")}>
          {tryable && <p class="rule-sentence">{ruleText(rule)}</p>}
          <Trial rule={trialRule} unfinished={!tryable} address={address} pick={setExample} change={draft.kind === "threshold" ? change : undefined} />
        </Card>
        {error && <ErrorNote error={error} title={t("rules.refused")} />}
        <div class="row editor-actions">
          <Checkbox checked={draft.enabled} onInput={(enabled) => set({ enabled })}>{t("rules.enabled_at_once")}</Checkbox>
          <Button class="end" onClick={() => history.back()}>{t("ui.cancel")}</Button>
          <Button type="submit" kind="primary" busy={busy} icon="check" disabled={!mayWrite(draft.group)} title={mayWrite(draft.group) ? undefined : t("editor.may_not")}>{t(replaces ? "rules.replace" : "rules.save")}</Button>
        </div>
      </div>
    </form>
  );
}

/** The chart is of use before the rule is whole: with a sensor there are readings to be seen. */
function draftable(draft: Draft, rule: NewRule): NewRule | null {
  return draft.sensor === "" || draft.group === "" ? null : rule;
}

/** The hub keeps no changed rules: the old one goes, the new one comes; if it is refused, the old one comes back. */
async function replace(old: Rule, next: NewRule): Promise<Rule> {
  await api.del(`/rules/${old.id}`);
  try {
    return await api.post<Rule>("/rules", next);
  } catch (problem) {
    const { id: _id, created_ms: _made, sources: _sources, ...before } = old;
    await api.post("/rules", before);
    throw problem;
  }
}

function serverWrong(error: ApiError | null): Wrong {
  const wrong: Wrong = {};
  const fields: [keyof Draft, string][] = [
    ["name", "name"], ["group", "group"], ["unit", "unit"], ["on_delay_ms", "on_delay_ms"], ["off_delay_ms", "off_delay_ms"],
  ];
  for (const [field, name] of fields) {
    const detail = error?.of(name);
    if (detail) wrong[field] = detail;
  }
  const act = error?.of("act");
  if (act) wrong.actuator = act;
  const scope = error?.of("scope");
  if (scope) wrong.address = wrong.label = scope;
  return wrong;
}

function focusWrong(): void {
  setTimeout(() => document.querySelector<HTMLElement>(".editor .has-error input, .editor .has-error select")?.focus(), 50);
}

/** Before a group is chosen: in any. */
function mayWrite(group: string): boolean {
  return can("operate", group || undefined);
}

interface PartProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  wrong: Wrong;
}

function What({ draft, set, wrong }: PartProps) {
  return (
    <div class="form-grid">
      <Field label={t("rules.name")} hint={t("rules.name.hint")} error={wrong.name} required class="span-all">
        <TextInput value={draft.name} onInput={(name) => set({ name })} maxLength={NAME_CHARS} name="name" />
      </Field>
      <Field label={t("ui.group")} error={wrong.group} required>
        <GroupSelect value={draft.group} onInput={(group) => set({ group, address: null })} />
      </Field>
      <Field label={t("alarms.severity")}>
        <Select value={draft.severity} onInput={(severity) => set({ severity })} options={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))} />
      </Field>
    </div>
  );
}

function Where({ draft, set, wrong, example, setExample }: PartProps & { example: number | null; setExample: (address: number | null) => void }) {
  const scopes = (["device", "label", "group"] as const).map((value) => ({ value, label: t(`rules.scope.${value}`) }));
  return (
    <div class="stack-tight">
      <Choice label={t("rules.scope")} value={draft.scope} onInput={(scope) => set({ scope })} options={scopes} />
      {draft.scope === "device" && (
        <Field label={t("alarms.device")} error={wrong.address} required>
          <DevicePicker value={draft.address} group={draft.group || undefined} onInput={(address, device) => set({ address, ...(device ? { group: device.group } : {}) })} />
        </Field>
      )}
      {draft.scope === "label" && (
        <Field label={t("rules.label")} error={wrong.label} required><TextInput value={draft.label} onInput={(label) => set({ label })} placeholder="@north" /></Field>
      )}
      {draft.scope !== "device" && (
        <Field label={t("rules.example")} hint={t("rules.example.hint")}>
          <DevicePicker value={example} group={draft.group || undefined} onInput={setExample} />
        </Field>
      )}
    </div>
  );
}

function Condition({ draft, set, wrong, sensors }: PartProps & { sensors: SensorInfo[] }) {
  const list = useId();
  const kinds = (["threshold", "rate", "no_data", "offline"] as const).map((value) => ({ value, label: t(`rules.kind.${value}`) }));
  const known = sensors.find((one) => one.name === draft.sensor);
  const units = [...new Set([draft.unit, ...(known?.unit ? [known.unit] : [])].filter(Boolean))];
  // A sensor that was just chosen gets levels near what it says, so that there is something to drag.
  useEffect(() => {
    const last = known?.last?.value;
    if (draft.kind !== "threshold" || draft.raise !== "" || last === undefined) return;
    if (typeof last !== "number") return set({ op: "=", raise: String(last), clear: String(last) });
    const step = niceStep(Math.max(1, Math.abs(last)), 20);
    set({ raise: String(rounded(last + 2 * step, step)), clear: String(rounded(last + step, step)) });
  }, [known?.name]);
  return (
    <div class="stack-tight">
      <Choice label={t("rules.kind")} value={draft.kind} onInput={(kind) => set({ kind, ...(kind === "rate" ? { raise: "", clear: "" } : {}) })} options={kinds} />
      <p class="small muted">{t(`rules.kind.${draft.kind}.hint`)}</p>
      <div class="form-grid">
        {draft.kind !== "offline" && (
          <>
            <Field label={t("alarms.sensor")} error={wrong.sensor} required>
              <TextInput value={draft.sensor} onInput={(sensor) => set({ sensor, unit: "" })} list={list} name="sensor" maxLength={NAME_CHARS} />
            </Field>
            <datalist id={list}>{sensors.map((one) => <option key={one.name} value={one.name}>{one.unit}</option>)}</datalist>
            <Field label={t("rules.unit")} error={wrong.unit}>
              <Select value={draft.unit} onInput={(unit) => set({ unit })} options={[{ value: "", label: t("rules.unit.any") }, ...units.map((unit) => ({ value: unit, label: unit }))]} />
            </Field>
          </>
        )}
        {draft.kind === "threshold" && <Levels draft={draft} set={set} wrong={wrong} unit={known?.unit ?? ""} isText={known !== undefined && typeof known.last?.value === "string"} />}
        {draft.kind === "rate" && <Rate draft={draft} set={set} wrong={wrong} unit={known?.unit ?? ""} />}
        {(draft.kind === "no_data" || draft.kind === "offline") && <SpanField label={t("rules.after")} error={wrong.after_ms} required value={draft.after_ms} onInput={(after_ms) => set({ after_ms })} />}
        <SpanField label={t("rules.on_delay")} hint={t("rules.on_delay.hint")} error={wrong.on_delay_ms} value={draft.on_delay_ms} onInput={(on_delay_ms) => set({ on_delay_ms })} />
        <SpanField label={t("rules.off_delay")} hint={t("rules.off_delay.hint")} error={wrong.off_delay_ms} value={draft.off_delay_ms} onInput={(off_delay_ms) => set({ off_delay_ms })} />
      </div>
    </div>
  );
}

const numberOf = (text: string) => (text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : null);
const textOf = (number: number | null) => (number === null ? "" : String(number));

function Levels({ draft, set, wrong, unit, isText }: PartProps & { unit: string; isText: boolean }) {
  const ops = ([">", "<", "="] as const).map((value) => ({ value, label: t(value === ">" ? "rules.op.above" : value === "<" ? "rules.op.below" : "rules.op.is") }));
  // What was kept while the levels were in the right order may not be in the other one.
  const turn = (op: Draft["op"]) => {
    const [raise, clear] = [numberOf(draft.raise), numberOf(draft.clear)];
    const crossed = raise !== null && clear !== null && (op === ">" ? clear > raise : op === "<" && clear < raise);
    set({ op, ...(crossed ? { raise: draft.clear, clear: draft.raise } : {}) });
  };
  return (
    <>
      <Field label={t("rules.op")} class="span-all"><Select value={draft.op} onInput={turn} options={isText ? ops.slice(2) : ops} /></Field>
      {draft.op === "="
        ? <Field label={t("rules.level")} hint={t("rules.level.hint")} error={wrong.raise} required><TextInput value={draft.raise} onInput={(raise) => set({ raise, clear: raise })} name="raise" /></Field>
        : (
          <>
            <Field label={t("rules.raise")} error={wrong.raise} required><NumberInput value={numberOf(draft.raise)} unit={unit} onInput={(raise) => set({ raise: textOf(raise) })} name="raise" /></Field>
            <Field label={t("rules.clear")} hint={t("rules.clear.hint")} error={wrong.clear}><NumberInput value={numberOf(draft.clear)} unit={unit} onInput={(clear) => set({ clear: textOf(clear) })} name="clear" /></Field>
          </>
        )}
    </>
  );
}

function Rate({ draft, set, wrong, unit }: PartProps & { unit: string }) {
  const directions = (["rises", "falls", "moves"] as const).map((value) => ({ value, label: t(`rules.direction.${value}`) }));
  return (
    <>
      <Field label={t("rules.direction")}><Select value={draft.direction} onInput={(direction) => set({ direction })} options={directions} /></Field>
      <Field label={t("rules.change")} error={wrong.raise} required><NumberInput value={numberOf(draft.raise)} min={0} unit={unit} onInput={(raise) => set({ raise: textOf(raise) })} name="raise" /></Field>
      <SpanField label={t("rules.window")} error={wrong.window_ms} required value={draft.window_ms} onInput={(window_ms) => set({ window_ms })} />
      <Field label={t("rules.change_clear")} hint={t("rules.change_clear.hint")} error={wrong.clear}><NumberInput value={numberOf(draft.clear)} min={0} unit={unit} onInput={(clear) => set({ clear: textOf(clear) })} name="clear" /></Field>
    </>
  );
}

function OnDevice({ draft, set, wrong, actuators }: PartProps & { actuators: string[] }) {
  const list = useId();
  if (!isSimple(draft)) return <p class="muted">{t("rules.not_simple")}</p>;
  return (
    <div class="stack-tight">
      <Checkbox checked={draft.local || draft.acts} disabled={draft.acts} onInput={(local) => set({ local })}>{t("rules.local")}</Checkbox>
      <p class="small muted">{t("rules.local.hint")}</p>
      <Checkbox checked={draft.acts} onInput={(acts) => set({ acts })}>{t("rules.act")}</Checkbox>
      {draft.acts && (
        <div class="form-grid">
          <Field label={t("rules.act.actuator")} error={wrong.actuator} required><TextInput value={draft.actuator} onInput={(actuator) => set({ actuator })} list={list} /></Field>
          <datalist id={list}>{actuators.map((name) => <option key={name} value={name} />)}</datalist>
          <Field label={t("rules.act.value")} error={wrong.value} required><TextInput value={draft.value} onInput={(value) => set({ value })} /></Field>
        </div>
      )}
    </div>
  );
}
