// The fields of the function that was picked, each fit for what the module has.

import { useId } from "preact/hooks";
import { formatValue } from "../lib/format";
import { t, td } from "../lib/i18n";
import { formatAgo, formatSpan } from "../lib/time";
import type { ActuatorInfo, Capabilities } from "../lib/types";
import { Button, Choice, Field, IconButton, Select, Slider, TextInput } from "../ui";
import { OTHER, actuatorOf, isDescribed, readable, sensorOf, wayOf, type Draft, type Way, type Wrong } from "./draft";
import { EVENT_SET, READ, WRITE, canBeOrdered, canBeSent, kindOf } from "./kinds";

interface Props {
  draft: Draft;
  capabilities: Capabilities | undefined;
  /** They are those of one of several: names are offered, and others taken too. */
  sample: boolean;
  wrong: Wrong;
  onInput: (change: Partial<Draft>) => void;
}

const said = (fault: { key: string; vars?: Record<string, string | number> } | undefined): string | undefined => fault && td(fault.key, fault.vars);

export function Fields(props: Props) {
  switch (props.draft.fn) {
    case String(READ):
      return <Sensor {...props} />;
    case String(WRITE):
      return <><Actuator {...props} /><ValueField {...props} /></>;
    case String(EVENT_SET):
      return <><Sensor {...props} /><Period {...props} /></>;
    case OTHER:
      return <Other {...props} />;
    default:
      return null;
  }
}

function isFixed({ capabilities, sample }: Props): boolean {
  return !sample && capabilities !== undefined && isDescribed(capabilities);
}

function Sensor(props: Props) {
  const { draft, capabilities, sample, wrong, onInput } = props;
  const sensor = sensorOf(capabilities, draft.name);
  const last = sample ? null : sensor?.last;
  const hint = last ? t("console.now_last", { value: formatValue(last.value, sensor?.unit), ago: formatAgo(last.at_ms) }) : undefined;
  return (
    <Field label={t("console.sensor")} hint={hint} error={said(wrong.name)}>
      <NameInput names={readable(capabilities)} fixed={isFixed(props)} value={draft.name} onInput={(name) => onInput({ name })} />
    </Field>
  );
}

function Actuator(props: Props) {
  const { draft, capabilities, sample, wrong, onInput } = props;
  const names = capabilities?.actuators.map((one) => one.name) ?? [];
  const actuator = actuatorOf(capabilities, draft.name);
  return (
    <Field label={t("console.actuator")} hint={actuator && !sample ? stateOf(actuator) : undefined} error={said(wrong.name)}>
      <NameInput
        names={names} fixed={isFixed(props)} value={draft.name}
        onInput={(name) => onInput({ name, value: firstValue(actuatorOf(capabilities, name)) })}
      />
    </Field>
  );
}

/** What the form begins with: what the actuator is at now. */
export function firstValue(actuator: ActuatorInfo | undefined): string {
  if (actuator === undefined || actuator.kind === "button") return "";
  if (actuator.reported) return String(actuator.reported.value);
  if (actuator.kind === "boolean") return "true";
  return actuator.kind === "number" && actuator.min !== null ? String(actuator.min) : "";
}

function stateOf(actuator: ActuatorInfo): string {
  const reported = t("console.now", { value: formatValue(actuator.reported?.value) });
  const wanted = actuator.desired && String(actuator.reported?.value) !== actuator.desired.value ? t("console.desired", { value: actuator.desired.value }) : "";
  return [reported, wanted].filter((part) => part !== "").join(", ");
}

/** A choice where what the module has is known, otherwise free text with what was seen of it. */
function NameInput({ names, fixed, value, onInput }: { names: readonly string[]; fixed: boolean; value: string; onInput: (name: string) => void }) {
  const id = useId();
  if (fixed) {
    const options = names.map((name) => ({ value: name, label: name }));
    if (!names.includes(value)) options.unshift({ value: "", label: t("console.choose") });
    return <Select value={names.includes(value) ? value : ""} onInput={onInput} options={options} />;
  }
  return (
    <>
      <TextInput value={value} onInput={onInput} list={id} mono />
      <datalist id={id}>{names.map((name) => <option key={name} value={name} />)}</datalist>
    </>
  );
}

function ValueField({ draft, capabilities, wrong, onInput }: Props) {
  const actuator = actuatorOf(capabilities, draft.name);
  const set = (value: string): void => onInput({ value });
  if (actuator?.kind === "button") return <p class="muted small">{t("console.press")}</p>;
  if (actuator?.kind === "boolean") {
    return (
      <div class="field">
        <span class="field-label">{t("console.value")}</span>
        <Choice
          label={t("console.value")} value={draft.value} onInput={set}
          options={[{ value: "true", label: t("value.on") }, { value: "false", label: t("value.off") }]}
        />
        {wrong.value && <p class="field-error">{said(wrong.value)}</p>}
      </div>
    );
  }
  const min = actuator?.min ?? null;
  const max = actuator?.max ?? null;
  const ranged = actuator?.kind === "number" && min !== null && max !== null && max > min;
  const number = Number(draft.value);
  return (
    <>
      <Field label={t("console.value")} hint={rangeOf(min, max)} error={said(wrong.value)}>
        <TextInput value={draft.value} onInput={set} mono inputMode={actuator?.kind === "number" ? "decimal" : "text"} />
      </Field>
      {ranged && (
        <Slider
          label={`${t("console.value")}: ${draft.name}`} min={min} max={max} step={stepOf(min, max)} value={Number.isFinite(number) ? number : min}
          onInput={(n) => set(String(n))} valueText={draft.value} mark={typeof actuator.reported?.value === "number" ? actuator.reported.value : null}
        />
      )}
    </>
  );
}

function rangeOf(min: number | null, max: number | null): string | undefined {
  if (min !== null && max !== null) return t("console.value_range", { min, max });
  if (min !== null) return t("console.value_from", { min });
  return max === null ? undefined : t("console.value_to", { max });
}

/** About two hundred steps of a round width. */
export function stepOf(min: number, max: number): number {
  const fine = (max - min) / 200;
  const power = 10 ** Math.floor(Math.log10(fine));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= fine) ?? fine;
  return step >= 1 ? Math.round(step) : Number(step.toPrecision(1));
}

const UNITS = ["ms", "s", "min", "h"] as const;

function Period({ draft, capabilities, sample, wrong, onInput }: Props) {
  const event = capabilities?.events.find((one) => one.sensor === draft.name);
  const now = !sample && event && event.period_ms > 0 ? t("console.period_now", { span: formatSpan(event.period_ms) }) : draft.name === "" || sample ? "" : t("console.period_none");
  return (
    <div class="console-pair">
      <Field label={t("console.period")} hint={t("console.period_hint")} error={said(wrong.period)}>
        <TextInput value={draft.period} onInput={(period) => onInput({ period })} inputMode="decimal" mono />
      </Field>
      <Field label={t("console.period_unit")}>
        <Select value={draft.periodUnit} onInput={(periodUnit) => onInput({ periodUnit })} options={UNITS.map((one) => ({ value: one, label: t(`console.unit.${one}`) }))} />
      </Field>
      {now !== "" && <p class="field-hint console-pair-note">{now}</p>}
    </div>
  );
}

function Other({ draft, wrong, onInput }: Props) {
  const type = Number(draft.type);
  const kind = kindOf(type);
  const hint = draft.type.trim() === "" ? t("console.type_hint") : kind ? t("console.type_named", { name: kind.name }) : t("console.type_own");
  const both = canBeOrdered(type) && canBeSent(type);
  const way = wayOf(draft);
  const setField = (at: number, text: string): void => onInput({ fields: draft.fields.map((before, i) => (i === at ? text : before)) });
  return (
    <>
      <Field label={t("console.type")} hint={hint} error={said(wrong.type)}>
        <TextInput value={draft.type} onInput={(text) => onInput({ type: text.trim() })} inputMode="numeric" mono />
      </Field>
      <fieldset class="console-fields">
        <legend class="field-label">{t("console.fields")}</legend>
        {draft.fields.length === 0 && <p class="muted small">{t("console.no_fields")}</p>}
        {draft.fields.map((text, at) => (
          <div class="row-tight" key={at}>
            <TextInput value={text} onInput={(value) => setField(at, value)} label={t("console.field_n", { n: at + 1 })} placeholder={t("console.field_n", { n: at + 1 })} mono />
            <IconButton small icon="close" label={t("console.field_remove", { n: at + 1 })} onClick={() => onInput({ fields: draft.fields.filter((_, i) => i !== at) })} />
          </div>
        ))}
        <Button small icon="plus" disabled={draft.fields.length >= 59} onClick={() => onInput({ fields: [...draft.fields, ""] })}>{t("console.field_add")}</Button>
        {wrong.fields && <p class="field-error">{said(wrong.fields)}</p>}
      </fieldset>
      {both && (
        <div class="field">
          <span class="field-label">{t("console.way")}</span>
          <Choice
            label={t("console.way")} value={draft.way} onInput={(to) => onInput({ way: to })}
            options={(["command", "message"] as Way[]).map((one) => ({ value: one, label: t(`console.way.${one}`) }))}
          />
        </div>
      )}
      {!wrong.type && <p class="field-hint">{t(`console.way_hint.${way}`)}</p>}
    </>
  );
}
