// What of the console is shown, and what is done with it.

import { useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { Button, Select, TextInput } from "../ui";
import { KINDS } from "./kinds";
import { ALL_KINDS, type Direction, type EntryKind, type Filter } from "./log";

export const NO_FILTER: Filter = { device: "", type: "", direction: "", text: "", kinds: new Set(ALL_KINDS) };

export function isFiltered(filter: Filter): boolean {
  return filter.device !== "" || filter.type !== "" || filter.direction !== "" || filter.text !== "" || filter.kinds.size !== ALL_KINDS.length;
}

const SHOWN_KINDS: readonly Exclude<EntryKind, "note">[] = ["command", "frame", "presence", "alarm"];
const DIRECTIONS: readonly Direction[] = ["to_hub", "from_hub", "between", "mine"];

export function Filters({ filter, onInput }: { filter: Filter; onInput: (filter: Filter) => void }) {
  const [open, setOpen] = useState(isFiltered(filter));
  const set = (change: Partial<Filter>): void => onInput({ ...filter, ...change });
  const toggle = (kind: EntryKind): void => {
    const kinds = new Set(filter.kinds);
    if (!kinds.delete(kind)) kinds.add(kind);
    set({ kinds });
  };
  return (
    <div class="console-filter">
      <div class="row-tight console-kinds" role="group" aria-label={t("console.filter_kinds")}>
        {SHOWN_KINDS.map((kind) => (
          <Button key={kind} small class="chip" pressed={filter.kinds.has(kind)} icon={filter.kinds.has(kind) ? "check" : undefined} onClick={() => toggle(kind)}>
            {t(`console.kind.${kind}`)}
          </Button>
        ))}
        <Button small kind="quiet" icon="filter" pressed={open} onClick={() => setOpen(!open)}>{t("console.filter")}</Button>
        {isFiltered(filter) && <Button small kind="quiet" icon="close" onClick={() => onInput(NO_FILTER)}>{t("console.filter_reset")}</Button>}
      </div>
      {open && (
        <div class="console-filter-fields">
          <TextInput
            type="search" search value={filter.text} onInput={(text) => set({ text })} label={`${t("console.filter_text")}: ${t("console.filter_text_hint")}`}
            placeholder={`${t("console.filter_text")}, ${t("console.filter_text_hint")}`}
          />
          <TextInput
            type="search" value={filter.device} onInput={(device) => set({ device })} label={`${t("console.filter_device")}: ${t("console.filter_device_hint")}`}
            placeholder={`${t("console.filter_device")}: ${t("console.filter_device_hint")}`}
          />
          <TextInput
            type="search" list="console-types" value={filter.type} onInput={(type) => set({ type })} label={t("console.filter_type")}
            placeholder={`${t("console.filter_type")}: READ, 26, -STORED`}
          />
          <datalist id="console-types">{KINDS.map((kind) => <option key={kind.code} value={kind.name} />)}</datalist>
          <Select
            value={filter.direction} onInput={(direction) => set({ direction })} label={t("console.filter_direction")}
            options={[{ value: "" as Direction | "", label: `${t("console.filter_direction")}: ${t("console.any")}` }, ...DIRECTIONS.map((one) => ({ value: one as Direction | "", label: t(`console.direction.${one}`) }))]}
          />
        </div>
      )}
    </div>
  );
}
