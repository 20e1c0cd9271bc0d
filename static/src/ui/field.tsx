// Form fields. Field names its control and ties hint and error to it.

import { createContext, type ComponentChildren, type Ref } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { Icon } from "./icon";

interface Tied {
  id: string;
  describedBy?: string;
  invalid: boolean;
  required: boolean;
}

const TiedContext = createContext<Tied | null>(null);

export interface FieldProps {
  label: ComponentChildren;
  hint?: ComponentChildren;
  error?: string | null;
  required?: boolean;
  /** Only for screen readers. */
  hideLabel?: boolean;
  class?: string;
  children: ComponentChildren;
}

export function Field({ label, hint, error, required, hideLabel, class: classes = "", children }: FieldProps) {
  const id = useId();
  const describedBy = [error && `${id}-e`, hint && `${id}-h`].filter(Boolean).join(" ") || undefined;
  return (
    <div class={`field ${error ? "has-error" : ""} ${classes}`}>
      <label class={hideLabel ? "sr-only" : "field-label"} for={id}>
        {label}
        {required && <span class="muted required"> ({t("ui.required")})</span>}
      </label>
      <TiedContext.Provider value={{ id, describedBy, invalid: !!error, required: !!required }}>{children}</TiedContext.Provider>
      {error && (
        <p class="field-error" id={`${id}-e`}>
          <Icon name="warn" size={14} /> {error}
        </p>
      )}
      {hint && <p class="field-hint" id={`${id}-h`}>{hint}</p>}
    </div>
  );
}

/** For a control of one's own: the attributes that tie it to its Field. */
export function useTied(): { id?: string; "aria-describedby"?: string; "aria-invalid"?: "true"; "aria-required"?: "true" } {
  const tied = useContext(TiedContext);
  if (!tied) return {};
  return {
    id: tied.id,
    "aria-describedby": tied.describedBy,
    "aria-invalid": tied.invalid ? "true" : undefined,
    "aria-required": tied.required ? "true" : undefined,
  };
}

interface Common {
  disabled?: boolean;
  /** Where there is no Field around it. */
  label?: string;
  testid?: string;
  name?: string;
  class?: string;
  autofocus?: boolean;
}

export interface TextInputProps extends Common {
  value: string;
  onInput: (value: string) => void;
  onChange?: (value: string) => void;
  onEnter?: () => void;
  type?: "text" | "password" | "search" | "email" | "url" | "datetime-local" | "date" | "time";
  placeholder?: string;
  autocomplete?: string;
  maxLength?: number;
  mono?: boolean;
  readOnly?: boolean;
  /** The one that `/` focuses. */
  search?: boolean;
  list?: string;
  inputMode?: "text" | "numeric" | "decimal" | "search";
  inputRef?: Ref<HTMLInputElement>;
}

export function TextInput(props: TextInputProps) {
  const tied = useTied();
  const own = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (props.autofocus) own.current?.focus();
  }, []);
  return (
    <input
      {...tied}
      ref={props.inputRef ?? own}
      class={`input ${props.mono ? "mono" : ""} ${props.class ?? ""}`}
      autofocus={props.autofocus}
      type={(props.type ?? "text") as "text"}
      value={props.value}
      placeholder={props.placeholder}
      autocomplete={(props.autocomplete ?? "off") as "off"}
      maxLength={props.maxLength}
      disabled={props.disabled}
      readOnly={props.readOnly}
      name={props.name}
      list={props.list}
      inputMode={props.inputMode}
      spellcheck={false}
      aria-label={props.label}
      data-search={props.search ? "" : undefined}
      data-testid={props.testid}
      onInput={(event) => props.onInput(event.currentTarget.value)}
      onChange={props.onChange && ((event) => props.onChange?.(event.currentTarget.value))}
      onKeyDown={props.onEnter && ((event) => {
        if (event.key === "Enter") props.onEnter?.();
      })}
    />
  );
}

export function TextArea({ value, onInput, rows = 3, mono, ...rest }: Common & {
  value: string; onInput: (value: string) => void; rows?: number; mono?: boolean; placeholder?: string; maxLength?: number;
}) {
  const tied = useTied();
  return (
    <textarea
      {...tied} class={`input ${mono ? "mono" : ""} ${rest.class ?? ""}`} rows={rows} value={value} placeholder={rest.placeholder}
      disabled={rest.disabled} name={rest.name} maxLength={rest.maxLength} spellcheck={false} aria-label={rest.label} data-testid={rest.testid}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}

/** A number, or null while there is none. What is typed stays as typed. */
export function NumberInput({ value, onInput, min, max, step = "any", unit, placeholder, ...rest }: Common & {
  value: number | null; onInput: (value: number | null) => void; min?: number; max?: number; step?: number | "any"; unit?: string; placeholder?: string;
}) {
  const tied = useTied();
  const [text, setText] = useState(value === null ? "" : String(value));
  const said = useRef(value);
  useEffect(() => {
    if (value === said.current) return;
    said.current = value;
    setText(value === null ? "" : String(value));
  }, [value]);
  const input = (
    <input
      {...tied} class={`input ${rest.class ?? ""}`} type="number" inputMode="decimal" value={text} min={min} max={max} step={step}
      placeholder={placeholder} disabled={rest.disabled} name={rest.name} aria-label={rest.label} data-testid={rest.testid}
      onInput={(event) => {
        const typed = event.currentTarget.value;
        const number = typed.trim() === "" ? null : Number(typed);
        said.current = number !== null && Number.isFinite(number) ? number : null;
        setText(typed);
        onInput(said.current);
      }}
    />
  );
  return unit ? <span class="with-unit">{input}<span class="unit">{unit}</span></span> : input;
}

export interface Option<V extends string> {
  value: V;
  label: string;
  disabled?: boolean;
}

export function Select<V extends string>({ value, onInput, options, ...rest }: Common & {
  value: V; onInput: (value: V) => void; options: readonly Option<V>[];
}) {
  const tied = useTied();
  return (
    <select
      {...tied} class={`input ${rest.class ?? ""}`} value={value} disabled={rest.disabled} name={rest.name} aria-label={rest.label}
      data-testid={rest.testid} onChange={(event) => onInput(event.currentTarget.value as V)}
    >
      {options.map((o) => <option key={o.value} value={o.value} disabled={o.disabled} selected={o.value === value}>{o.label}</option>)}
    </select>
  );
}

export function Checkbox({ checked, onInput, children, ...rest }: Common & {
  checked: boolean; onInput: (checked: boolean) => void; children: ComponentChildren;
}) {
  return (
    <label class={`check ${rest.disabled ? "is-disabled" : ""} ${rest.class ?? ""}`}>
      <input
        type="checkbox" checked={checked} disabled={rest.disabled} name={rest.name} data-testid={rest.testid}
        onChange={(event) => onInput(event.currentTarget.checked)}
      />
      <span>{children}</span>
    </label>
  );
}

/** A few choices side by side, all in sight. */
export function Choice<V extends string>({ value, onInput, options, label, disabled }: {
  value: V; onInput: (value: V) => void; options: readonly Option<V>[]; label: string; disabled?: boolean;
}) {
  const name = useId();
  return (
    <div class="choice" role="radiogroup" aria-label={label}>
      {options.map((o) => (
        <label key={o.value} class={`choice-one ${o.value === value ? "is-chosen" : ""}`}>
          <input
            type="radio" name={name} value={o.value} checked={o.value === value} disabled={disabled || o.disabled}
            onChange={() => onInput(o.value)}
          />
          <span>{o.label}</span>
        </label>
      ))}
    </div>
  );
}

/**
 * On or off. `checked` is what is known to be so; `pending` is what was asked for and is not known to be so yet; `null`: nothing
 * is known.
 */
export function Switch({ checked, pending, onInput, label, disabled, busy, title, testid, describedBy }: {
  checked: boolean | null; pending?: boolean | null; onInput: (checked: boolean) => void; label: string; disabled?: boolean; busy?: boolean;
  title?: string; testid?: string; describedBy?: string;
}) {
  const waits = pending !== null && pending !== undefined && pending !== checked;
  return (
    <button
      type="button" role="switch" class={`switch ${checked === null ? "is-unknown" : ""} ${waits ? "is-pending" : ""}`}
      aria-checked={checked ? "true" : "false"} aria-label={label} aria-busy={busy || waits ? "true" : undefined} aria-describedby={describedBy}
      disabled={disabled} title={title} data-testid={testid} onClick={() => !busy && onInput(waits ? !pending : !checked)}
    >
      <span class="switch-knob" aria-hidden="true" />
    </button>
  );
}

/** `onInput` while it moves, `onCommit` when it is let go. */
export function Slider({ value, min, max, step, onInput, onCommit, label, valueText, disabled, mark, testid }: {
  value: number; min: number; max: number; step?: number; onInput?: (value: number) => void; onCommit?: (value: number) => void;
  label: string; valueText?: string; disabled?: boolean;
  /** Where the reported value stands, if it is another. */
  mark?: number | null; testid?: string;
}) {
  const share = (n: number) => (max > min ? Math.min(1, Math.max(0, (n - min) / (max - min))) : 0);
  return (
    <span class="slider">
      {mark !== null && mark !== undefined && <span class="slider-mark" style={{ "--at": share(mark) }} aria-hidden="true" />}
      <input
        type="range" min={min} max={max} step={step ?? "any"} value={value} disabled={disabled} aria-label={label}
        aria-valuetext={valueText} data-testid={testid} style={{ "--at": share(value) }}
        onInput={(event) => onInput?.(Number(event.currentTarget.value))}
        onChange={(event) => onCommit?.(Number(event.currentTarget.value))}
      />
    </span>
  );
}
