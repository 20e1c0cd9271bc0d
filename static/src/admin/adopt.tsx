// Adopting a device that tried to log in: its serial is typed, and the hub compares it with the digest that was sent.

import { useState } from "preact/hooks";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { useMe } from "../lib/me";
import { go } from "../lib/routes";
import type { Rights, Stranger } from "../lib/types";
import { Button, Dialog, Field, GroupSelect, Note, Select, TextInput, toast } from "../ui";
import { useAct } from "./act";
import { Refusal } from "./parts";

const RIGHTS: readonly Rights[] = ["report", "talk", "control"];
const LABEL = /^[A-Za-z0-9._-]{1,32}$/;

export function labelsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).map((label) => label.replace(/^@/, "")).filter((label) => label !== ""))];
}

export function Adopt({ stranger, onClose, onAdopted }: { stranger: Stranger; onClose: () => void; onAdopted: () => void }) {
  const me = useMe();
  const act = useAct();
  const [serial, setSerial] = useState("");
  const [group, setGroup] = useState(me.groups.length === 1 ? (me.groups[0] ?? "") : "");
  const [name, setName] = useState("");
  const [labels, setLabels] = useState("");
  const [rights, setRights] = useState<Rights>("talk");
  const [tried, setTried] = useState(false);
  const who = { type: String(stranger.type), id: stranger.id };

  const badLabel = labelsOf(labels).find((label) => !LABEL.test(label));
  const wrong = {
    serial: serial.trim() === "" ? t("discovered.serial_needed") : undefined,
    group: group === "" ? t("discovered.group_needed") : undefined,
    labels: badLabel === undefined ? undefined : t("discovered.labels_wrong", { label: badLabel }),
  };
  const submit = async (): Promise<void> => {
    setTried(true);
    if (wrong.serial || wrong.group || wrong.labels) return;
    let address = 0;
    const done = await act.run(async () => {
      const body = { serial: serial.trim(), group, name: name.trim(), labels: labelsOf(labels), rights };
      address = (await api.post<{ address: number }>(`/discovered/${encodeURIComponent(stranger.key)}/adopt`, body)).address;
    });
    if (!done) return;
    toast(t("discovered.adopted", { name: name.trim() || `${stranger.type}/${stranger.id}` }));
    onAdopted();
    onClose();
    go(`/devices/${address}`);
  };
  const shown = (field: keyof typeof wrong): string | undefined => act.of(field) ?? (tried ? wrong[field] : undefined);
  const told = (["serial", "group", "name", "labels", "rights"] as const).some((field) => act.of(field));
  return (
    <Dialog
      title={t("discovered.adopt_title", who)} onClose={onClose} onSubmit={() => void submit()}
      actions={<><Button onClick={onClose}>{t("ui.cancel")}</Button><Button type="submit" kind="primary" busy={act.busy}>{t("discovered.adopt")}</Button></>}
    >
      <div class="stack">
        <p class="muted">{t("discovered.adopt_lead", { from: stranger.from })}</p>
        {stranger.login === "legacy" && <Note tone="warn" icon="weak">{t("discovered.legacy_note")}</Note>}
        <Field label={t("discovered.serial")} hint={t(act.of("serial") ? "discovered.serial_wrong" : "discovered.serial_hint")} error={shown("serial")}>
          <TextInput value={serial} onInput={setSerial} autofocus mono name="serial" />
        </Field>
        <Field label={t("admin.group")} error={shown("group")}>
          <GroupSelect value={group} onInput={setGroup} />
        </Field>
        <Field label={t("admin.name")} hint={t("discovered.name_hint")} error={act.of("name")}>
          <TextInput value={name} onInput={setName} maxLength={128} />
        </Field>
        <Field label={t("discovered.labels")} hint={t("discovered.labels_hint")} error={shown("labels")}>
          <TextInput value={labels} onInput={setLabels} />
        </Field>
        <Field label={t("discovered.rights")} error={act.of("rights")}>
          <Select value={rights} onInput={setRights} options={RIGHTS.map((one) => ({ value: one, label: t(`discovered.right.${one}`) }))} />
        </Field>
        {!told && <Refusal act={act} />}
      </div>
    </Dialog>
  );
}
