// Registers a device.

import { useState } from "preact/hooks";
import { api, toApiError, type ApiError } from "../lib/api";
import { t } from "../lib/i18n";
import { can, useMe } from "../lib/me";
import { link } from "../lib/routes";
import type { Credential, Login, NewDevice, Rights } from "../lib/types";
import { Button, Choice, Dialog, Empty, Field, GroupSelect, LinkButton, Note, NumberInput, Select, TextInput } from "../ui";
import { CredentialDialog } from "./credential";

/** As the hub's own verb has it. */
const NONCE_MEMORY = 200;
const ID = /^[A-Za-z0-9._-]{1,64}$/;

function wrongs(device: { group: string; type: number | null; id: string }): Record<string, string> {
  const found: Record<string, string> = {};
  if (!device.group) found.group = t("add.need_group");
  if (device.type === null || !Number.isInteger(device.type) || device.type < 1 || device.type > 2_147_483_647) found.type = t("add.need_type");
  if (!ID.test(device.id)) found.id = t("add.need_id");
  return found;
}

export function AddDevice({ group: start, onClose }: { group: string; onClose: () => void }) {
  const { groups } = useMe();
  const [group, setGroup] = useState(start || (groups.length === 1 ? (groups[0] ?? "") : ""));
  const [type, setType] = useState<number | null>(null);
  const [id, setId] = useState("");
  const [name, setName] = useState("");
  const [labels, setLabels] = useState("");
  const [login, setLogin] = useState<Login>("challenge");
  const [rights, setRights] = useState<Rights>("talk");
  const [serial, setSerial] = useState("");
  const [memory, setMemory] = useState<number | null>(NONCE_MEMORY);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const [made, setMade] = useState<Credential>();

  if (made) return <CredentialDialog credential={made} title={t("add.done")} onClose={onClose} />;
  if (!groups.length) {
    return (
      <Dialog title={t("devices.add")} onClose={onClose}>
        <Empty icon="groups" title={t("add.no_group")} hint={t("add.no_group_hint")} action={can("administer") && <LinkButton href={link("/groups")}>{t("nav.groups")}</LinkButton>} />
      </Dialog>
    );
  }
  const wrong = tried ? wrongs({ group, type, id }) : {};
  const of = (field: string) => wrong[field] ?? error?.of(field) ?? null;
  const told = ["group", "type", "id", "name", "labels", "serial", "login", "rights", "nonce_memory"].some((field) => error?.of(field));
  const submit = async () => {
    setTried(true);
    setError(undefined);
    if (Object.keys(wrongs({ group, type, id })).length || type === null) return;
    const device: NewDevice = {
      group, type, id, name: name.trim(), labels: labels.split(/[\s,;@]+/).filter(Boolean), serial: serial.trim() || null, login, rights,
      nonce_memory: memory ?? NONCE_MEMORY,
    };
    setBusy(true);
    try {
      setMade(await api.post<Credential>("/devices", device));
    } catch (refused) {
      setError(toApiError(refused));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t("devices.add")} onClose={onClose} onSubmit={() => void submit()}
      actions={<><Button onClick={onClose}>{t("ui.cancel")}</Button><Button type="submit" kind="primary" busy={busy}>{t("devices.add")}</Button></>}
    >
      {error && !told && <div role="alert"><Note tone="bad">{error.detail}</Note></div>}
      <Field label={t("ui.group")} error={of("group")} required><GroupSelect value={group} onInput={setGroup} /></Field>
      <div class="form-grid">
        <Field label={t("add.type")} hint={t("add.type_hint")} error={of("type")} required><NumberInput value={type} onInput={setType} min={1} step={1} /></Field>
        <Field label={t("add.id")} hint={t("add.id_hint")} error={of("id")} required><TextInput value={id} onInput={setId} mono maxLength={64} /></Field>
      </div>
      <Field label={t("add.name")} hint={t("add.name_hint")} error={of("name")}><TextInput value={name} onInput={setName} maxLength={128} /></Field>
      <Field label={t("devices.labels")} hint={t("add.labels_hint")} error={of("labels")}><TextInput value={labels} onInput={setLabels} /></Field>
      <details class="more">
        <summary>{t("add.more")}</summary>
        <div class="stack">
          <Field label={t("device.rights")} hint={t(`add.rights_${rights}`)} error={of("rights")}>
            <Select<Rights> value={rights} onInput={setRights} options={(["report", "talk", "control"] as const).map((value) => ({ value, label: t(`device.rights_${value}`) }))} />
          </Field>
          <div class="field">
            <span class="field-label" aria-hidden="true">{t("device.login")}</span>
            <Choice<Login> label={t("device.login")} value={login} onInput={setLogin} options={(["challenge", "legacy"] as const).map((value) => ({ value, label: t(`device.login_${value}`) }))} />
            {login === "legacy" && <Note tone="warn" icon="weak">{t("device.weak_why")}</Note>}
          </div>
          <Field label={t("add.serial")} hint={t("add.serial_hint")} error={of("serial")}><TextInput value={serial} onInput={setSerial} mono /></Field>
          {login === "legacy" && (
            <Field label={t("device.nonce_memory")} hint={t("add.nonce_hint")} error={of("nonce_memory")}><NumberInput value={memory} onInput={setMemory} min={0} max={100000} step={1} /></Field>
          )}
        </div>
      </details>
    </Dialog>
  );
}
