/** A span of time as a number and its unit. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { Field, NumberInput, Select } from "../ui";

const UNITS = { s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNITS;

/** The greatest unit in which it is a whole number. */
function unitOf(ms: number | null): Unit {
  if (ms === null || ms === 0) return "min";
  const found = (["d", "h", "min"] as const).find((unit) => ms % UNITS[unit] === 0);
  return found ?? "s";
}

export function SpanField({ label, hint, error, value, onInput, required }: {
  label: string; hint?: string; error?: string | null; value: number | null; onInput: (ms: number | null) => void; required?: boolean;
}) {
  const [unit, setUnit] = useState<Unit>(() => unitOf(value));
  // What was set from elsewhere may need a finer unit.
  useEffect(() => {
    if (value !== null && !Number.isInteger((value / UNITS[unit]) * 1000)) setUnit(unitOf(value));
  }, [value]);
  const say = (number: number | null, inUnit: Unit) => onInput(number === null ? null : Math.round(number * UNITS[inUnit]));
  const number = value === null ? null : value / UNITS[unit];
  return (
    <Field label={label} hint={hint} error={error} required={required}>
      <span class="span-input">
        <NumberInput value={number} min={0} onInput={(typed) => say(typed, unit)} />
        <Select
          label={t("span.unit", { label })} value={unit} onInput={(next) => { setUnit(next); say(number, next); }}
          options={(Object.keys(UNITS) as Unit[]).map((one) => ({ value: one, label: t(`span.${one}`) }))}
          class="span-unit"
        />
      </span>
    </Field>
  );
}
