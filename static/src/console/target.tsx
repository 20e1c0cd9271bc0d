// To whom: a module of the group, all that carry a label, or everyone.

import { useId, useMemo } from "preact/hooks";
import { knownDevice, useDevices } from "../lib/devices";
import { formatNumber } from "../lib/format";
import { t, td } from "../lib/i18n";
import { Choice, DevicePicker, Field, State, TextInput } from "../ui";
import type { Draft, To, Wrong } from "./draft";

/** That are offered. */
const MOST_LABELS = 200;

const WAYS: readonly To[] = ["device", "label", "everyone"];

interface Props {
  draft: Draft;
  wrong: Wrong["target"];
  onInput: (change: Partial<Draft>) => void;
}

/** How many devices an order goes to, as far as the list is known. */
export function useReach(draft: Draft): number {
  const { items } = useDevices();
  const { to, group, label } = draft;
  // The list is a new one whenever a device comes or goes; only its length matters here.
  const named = useMemo(() => {
    let n = 0;
    if (to !== "device") for (const device of items) if (device.group === group && (to === "everyone" || device.labels.includes(label))) n++;
    return n;
  }, [items.length, to, group, label]);
  return to === "device" ? Number(draft.device !== null) : named;
}

/** One device of the set that is named: what it has is offered for all of them. */
export function useSample(draft: Draft): number | null {
  const { items } = useDevices();
  const { to, group, label } = draft;
  return useMemo(() => {
    if (to === "device") return null;
    const named = items.find((device) => device.group === group && device.state === "online" && (to === "everyone" || device.labels.includes(label)));
    return named?.address ?? null;
  }, [items.length, to, group, label]);
}

export function Target({ draft, wrong, onInput }: Props) {
  const error = wrong && td(wrong.key, wrong.vars);
  return (
    <div class="stack-tight">
      <Choice
        label={t("console.to")} value={draft.to} onInput={(to) => onInput({ to })}
        options={WAYS.map((one) => ({ value: one, label: t(`console.to.${one}`) }))}
      />
      {draft.to === "device" && <Module draft={draft} error={error} onInput={onInput} />}
      {draft.to === "label" && <Label draft={draft} error={error} onInput={onInput} />}
      {draft.to === "everyone" && <Everyone draft={draft} />}
    </div>
  );
}

interface PartProps {
  draft: Draft;
  error: string | undefined;
  onInput: (change: Partial<Draft>) => void;
}

function Module({ draft, error, onInput }: PartProps) {
  useDevices();
  const device = draft.device === null ? undefined : knownDevice(draft.device);
  return (
    <>
      <Field label={t("console.device")} hint={draft.device === null ? t("console.device_hint") : undefined} error={error}>
        <DevicePicker key={draft.group} group={draft.group} value={draft.device} onInput={(address) => onInput({ device: address })} />
      </Field>
      {device && (
        <p class="row small console-module">
          <State state={device.state} disabled={device.disabled} />
          <span class="muted mono">{device.type}/{device.id} · {device.address}</span>
        </p>
      )}
    </>
  );
}

function Label({ draft, error, onInput }: PartProps) {
  const { items } = useDevices();
  const id = useId();
  const labels = useMemo(() => {
    const found = new Set<string>();
    for (const device of items) {
      if (device.group === draft.group) for (const label of device.labels) found.add(label);
      if (found.size > MOST_LABELS) break;
    }
    return [...found].sort();
  }, [items.length, draft.group]);
  const reach = useReach(draft);
  return (
    <Field label={t("console.label")} hint={`${t("console.label_hint")} ${t("console.history_to_all", { n: reach })}.`} error={error}>
      <TextInput value={draft.label} onInput={(label) => onInput({ label: label.replace(/^@/, "").trim() })} list={id} />
      <datalist id={id}>{labels.map((label) => <option key={label} value={label} />)}</datalist>
    </Field>
  );
}

function Everyone({ draft }: { draft: Draft }) {
  const reach = useReach(draft);
  return <p class="muted small">{t("console.everyone_hint", { group: draft.group })} {t("console.history_to_all", { n: formatNumber(reach) })}.</p>;
}
