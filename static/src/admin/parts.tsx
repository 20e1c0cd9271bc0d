// What several forms of administration share.

import { useId, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import type { Role } from "../lib/types";
import { Button, Checkbox, CopyButton, Dialog, Icon, Note, TextInput } from "../ui";
import type { Act } from "./act";

export const ROLES: readonly Role[] = ["administrator", "group_administrator", "operator", "viewer"];

/** A group administrator gives no role above its own reach. */
export function rolesFor(mine: Role): readonly Role[] {
  return mine === "administrator" ? ROLES : ROLES.filter((role) => role !== "administrator");
}

/** What the hub said no with, above the buttons of a form. */
export function Refusal({ act }: { act: Act }) {
  return act.error && <div role="alert"><Note tone="bad">{act.error.detail}</Note></div>;
}

interface OnceProps {
  title: string;
  /** What it is, such as "one-time link". */
  label: string;
  value: string;
  hint: string;
  onClose: () => void;
}

/** Something that is shown once: it lives in this dialog only, which no slip closes. */
export function OnceDialog({ title, label, value, hint, onClose }: OnceProps) {
  const id = useId();
  return (
    <Dialog title={title} onClose={onClose} locked actions={<Button kind="primary" onClick={onClose}>{t("admin.done")}</Button>}>
      <div class="stack">
        <div class="once">
          <label class="field-label" for={id}>{label}</label>
          <div class="once-row">
            <input
              id={id} class="input mono once-value" readOnly value={value} spellcheck={false} data-testid="once"
              onFocus={(event) => event.currentTarget.select()}
            />
            <CopyButton text={value} />
          </div>
        </div>
        <Note tone="warn">{t("admin.once")}</Note>
        <p class="muted">{hint}</p>
      </div>
    </Dialog>
  );
}

interface GroupChoiceProps {
  legend: string;
  all: readonly string[];
  chosen: readonly string[];
  onInput: (groups: string[]) => void;
  error?: string | undefined;
}

/** More than so many get a search field. */
const MANY = 8;

export function GroupChoice({ legend, all, chosen, onInput, error }: GroupChoiceProps) {
  const id = useId();
  const [sought, setSought] = useState("");
  // Those that the caller may not see stay chosen all the same.
  const names = [...new Set([...all, ...chosen])];
  const shown = names.filter((name) => name.toLowerCase().includes(sought.trim().toLowerCase()));
  return (
    <fieldset class={`group-choice ${error ? "has-error" : ""}`} aria-describedby={`${id}-note`}>
      <legend class="field-label">{legend}</legend>
      {names.length > MANY && <TextInput type="search" value={sought} onInput={setSought} label={t("admin.search_groups")} placeholder={t("admin.search_groups")} />}
      <div class="group-choice-list">
        {shown.map((name) => (
          <Checkbox
            key={name} checked={chosen.includes(name)}
            onInput={(on) => onInput(on ? [...chosen, name] : chosen.filter((one) => one !== name))}
          >
            {name}
          </Checkbox>
        ))}
        {shown.length === 0 && <p class="muted">{t(names.length === 0 ? "admin.no_groups" : "admin.none_found")}</p>}
      </div>
      <p id={`${id}-note`} class={error ? "field-error" : "field-hint"}>
        {error ? <><Icon name="warn" size={14} /> {error}</> : t("admin.chosen", { n: chosen.length })}
      </p>
    </fieldset>
  );
}

/** A few names, and how many more there are: rows stay one line high. */
export function Names({ names, most = 3 }: { names: readonly string[]; most?: number }) {
  if (names.length === 0) return <span class="muted">–</span>;
  const rest = names.length - most;
  return (
    <span class="names" title={names.join(", ")}>
      {names.slice(0, most).map((name) => <span key={name} class="name-chip truncate">{name}</span>)}
      {rest > 0 && <span class="muted nowrap">{t("admin.more", { n: rest })}</span>}
    </span>
  );
}
