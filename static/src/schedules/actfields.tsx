/** What a schedule does: a command, an alarm rule switched, an EVENT period. */
import { useId } from "preact/hooks";
import { SpanField } from "../alarms/span";
import { useCapabilities } from "../alarms/sensors";
import { usePaged } from "../alarms/paged";
import { t } from "../lib/i18n";
import { formatDateTime } from "../lib/time";
import { KIND, type Rule } from "../lib/types";
import { Choice, DevicePicker, Field, NumberInput, Select, TextArea, TextInput } from "../ui";
import { hasNoFields, type Draft, type Wrong } from "./draft";
import { ORDERS, typeName } from "./words";

interface PartProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  wrong: Wrong;
}

export function ActFields(props: PartProps) {
  const { draft, set } = props;
  return (
    <div class="stack-tight">
      <Choice
        label={t("schedules.act")} value={draft.act} onInput={(act) => set({ act })}
        options={(["command", "rule", "event_period"] as const).map((value) => ({ value, label: t(`schedules.act.${value}`) }))}
      />
      {draft.act === "rule" ? <RuleFields {...props} /> : <Targets {...props} />}
      {draft.act === "command" && <Command {...props} />}
      {draft.act === "event_period" && <Period {...props} />}
    </div>
  );
}

function Targets({ draft, set, wrong }: PartProps) {
  return (
    <>
      <Choice
        label={t("schedules.to")} value={draft.to} onInput={(to) => set({ to })}
        options={(["device", "label", "all"] as const).map((value) => ({ value, label: t(`schedules.to.${value}`) }))}
      />
      {draft.to === "device" && (
        <Field label={t("alarms.device")} error={wrong.address} required>
          <DevicePicker value={draft.address} group={draft.group || undefined} onInput={(address, device) => set({ address, ...(device ? { group: device.group } : {}) })} />
        </Field>
      )}
      {draft.to === "label" && <Field label={t("rules.label")} hint={t("schedules.to.label.hint")} error={wrong.label} required><TextInput value={draft.label} onInput={(label) => set({ label })} placeholder="@north" /></Field>}
    </>
  );
}

function Command({ draft, set, wrong }: PartProps) {
  const list = useId();
  const { sensors, actuators } = useCapabilities(draft.to === "device" ? draft.address : null);
  const known = ORDERS.some((type) => type === draft.type);
  const names = draft.type === KIND.WRITE ? actuators : [...sensors, ...actuators];
  const kind = actuators.find((one) => one.name === draft.fields[0])?.kind;
  const field = (index: number, text: string) => set({ fields: Object.assign(["", ""], draft.fields, { [index]: text }) as string[] });
  const types = [...ORDERS.map((type) => ({ value: String(type), label: typeName(type) })), { value: "other", label: t("schedules.type.own") }];
  return (
    <>
      <div class="form-grid">
        <Field label={t("schedules.type")}>
          <Select value={known ? String(draft.type) : "other"} onInput={(type) => set(type === "other" ? { type: 1000, fields: [] } : { type: Number(type), fields: ["", ""] })} options={types} />
        </Field>
        {!known && <Field label={t("schedules.type.number")} error={wrong.type} required><NumberInput value={draft.type} min={1} step={1} onInput={(type) => set({ type: type ?? 0 })} /></Field>}
        {(draft.type === KIND.WRITE || draft.type === KIND.READ) && (
          <Field label={t(draft.type === KIND.WRITE ? "rules.act.actuator" : "alarms.sensor")} error={wrong.fields} required>
            <TextInput value={draft.fields[0] ?? ""} onInput={(text) => field(0, text)} list={list} name="actuator" />
          </Field>
        )}
        <datalist id={list}>{names.map((one) => <option key={one.name} value={one.name} />)}</datalist>
        {draft.type === KIND.WRITE && (
          <Field label={t("rules.act.value")} required>
            {kind === "boolean"
              ? <Select value={draft.fields[1] ?? ""} onInput={(text) => field(1, text)} options={[{ value: "", label: "–" }, { value: "true", label: t("value.on") }, { value: "false", label: t("value.off") }]} />
              : <TextInput value={draft.fields[1] ?? ""} onInput={(text) => field(1, text)} name="value" />}
          </Field>
        )}
      </div>
      {!known && !hasNoFields(draft.type) && <Field label={t("schedules.fields")} hint={t("schedules.fields.hint")}><TextArea mono value={draft.fields.join("\n")} onInput={(text) => set({ fields: text.split("\n") })} /></Field>}
      <details class="more-fields" open={draft.expires !== "default" || draft.condition !== ""}>
        <summary>{t("schedules.more.command")}</summary>
        <div class="form-grid">
          <Field label={t("schedules.expires")} hint={t("schedules.expires.hint")}>
            <Select
              value={draft.expires} onInput={(expires) => set({ expires })}
              options={[
                ...(["default", "in", "never"] as const).map((value) => ({ value: value as Draft["expires"], label: t(`schedules.expires.${value}`) })),
                ...(draft.expires === "at" ? [{ value: "at" as const, label: formatDateTime(draft.expires_ms ?? 0) }] : []),
              ]}
            />
          </Field>
          {draft.expires === "in" && <SpanField label={t("schedules.expires_in")} value={draft.expires_in_ms} onInput={(expires_in_ms) => set({ expires_in_ms })} />}
          <Field label={t("schedules.condition")} hint={t("schedules.condition.hint")} error={wrong.condition}><TextInput value={draft.condition} onInput={(condition) => set({ condition })} placeholder="vent = 0" /></Field>
        </div>
      </details>
    </>
  );
}

function RuleFields({ draft, set, wrong }: PartProps) {
  const { items, loading } = usePaged<Rule>("/rules", { group: draft.group }, 1_000);
  const rules = (draft.group === "" ? [] : items ?? []).map((rule) => ({ value: String(rule.id), label: rule.name }));
  if (draft.rule !== null && !rules.some((rule) => rule.value === String(draft.rule))) rules.unshift({ value: String(draft.rule), label: t("schedules.does.rule", { id: String(draft.rule) }) });
  return (
    <div class="form-grid">
      <Field label={t("rules.rule")} error={wrong.rule} hint={!loading && rules.length === 0 ? t("schedules.no_rules") : undefined} required>
        <Select value={draft.rule === null ? "" : String(draft.rule)} onInput={(id) => set({ rule: id === "" ? null : Number(id) })} options={[...(draft.rule === null ? [{ value: "", label: "–" }] : []), ...rules]} />
      </Field>
      <Field label={t("schedules.enable")}>
        <Select value={draft.enable ? "on" : "off"} onInput={(value) => set({ enable: value === "on" })} options={[{ value: "on", label: t("schedules.does.enable") }, { value: "off", label: t("schedules.does.disable") }]} />
      </Field>
    </div>
  );
}

function Period({ draft, set, wrong }: PartProps) {
  const list = useId();
  const { sensors } = useCapabilities(draft.to === "device" ? draft.address : null);
  return (
    <div class="form-grid">
      <Field label={t("alarms.sensor")} error={wrong.sensor} required><TextInput value={draft.sensor} onInput={(sensor) => set({ sensor })} list={list} /></Field>
      <datalist id={list}>{sensors.map((one) => <option key={one.name} value={one.name} />)}</datalist>
      <SpanField label={t("schedules.period")} hint={t("schedules.period.hint")} error={wrong.period_ms} value={draft.period_ms} onInput={(period_ms) => set({ period_ms })} />
    </div>
  );
}
