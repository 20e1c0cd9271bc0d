/** The fields of a rule, part by part. */
import { useEffect, useId } from "preact/hooks";
import { niceStep, rounded } from "../chart/view";
import { t } from "../lib/i18n";
import type { SensorInfo, Severity } from "../lib/types";
import { Checkbox, Choice, DevicePicker, Field, GroupSelect, NumberInput, Select, TextInput } from "../ui";
import { isSimple, type Draft, type Wrong } from "./draft";
import { SpanField } from "./span";

const SEVERITIES: Severity[] = ["critical", "major", "minor", "warning"];
const NAME_CHARS = 64;

interface PartProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  wrong: Wrong;
}

export function What({ draft, set, wrong }: PartProps) {
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

export function Where({ draft, set, wrong, example, setExample }: PartProps & { example: number | null; setExample: (address: number | null) => void }) {
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

export function Condition({ draft, set, wrong, sensors }: PartProps & { sensors: SensorInfo[] }) {
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

export function OnDevice({ draft, set, wrong, actuators }: PartProps & { actuators: string[] }) {
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
