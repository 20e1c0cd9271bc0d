// The form of a new notification channel.

import { useState } from "preact/hooks";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { useMe } from "../lib/me";
import type { AddedChannel, NewChannel, Severity } from "../lib/types";
import { Button, Choice, Dialog, Field, GroupSelect, Select, TextInput } from "../ui";
import { useAct } from "./act";
import { Refusal } from "./parts";

const SEVERITIES: readonly Severity[] = ["warning", "minor", "major", "critical"];

type Kind = "webhook" | "email";

export function AddChannel({ onClose, onAdded }: { onClose: () => void; onAdded: (channel: AddedChannel) => void }) {
  const me = useMe();
  const act = useAct();
  const [group, setGroup] = useState(me.groups.length === 1 ? (me.groups[0] ?? "") : "");
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>("webhook");
  const [url, setUrl] = useState("");
  const [secret, setSecret] = useState("");
  const [addresses, setAddresses] = useState("");
  const [severity, setSeverity] = useState<Severity>("major");
  const [tried, setTried] = useState(false);
  const wrong = {
    group: group === "" ? t("discovered.group_needed") : undefined,
    name: name.trim() === "" ? t("channels.name_needed") : undefined,
    url: kind === "webhook" && !/^https?:\/\/\S+$/.test(url.trim()) ? t("channels.url_needed") : undefined,
    addresses: kind === "email" && !addresses.includes("@") ? t("channels.addresses_needed") : undefined,
  };
  const submit = async (): Promise<void> => {
    setTried(true);
    if (Object.values(wrong).some((text) => text !== undefined)) return;
    const body: NewChannel = {
      group, name: name.trim(), severity,
      to: kind === "webhook" ? { kind, url: url.trim(), secret: secret === "" ? null : secret } : { kind, addresses: addresses.trim() },
    };
    await act.run(async () => onAdded(await api.post<AddedChannel>("/channels", body)));
  };
  const shown = (field: keyof typeof wrong): string | undefined => act.of(field) ?? (tried ? wrong[field] : undefined);
  return (
    <Dialog
      title={t("channels.add")} onClose={onClose} onSubmit={() => void submit()}
      actions={<><Button onClick={onClose}>{t("ui.cancel")}</Button><Button type="submit" kind="primary" busy={act.busy}>{t("channels.create")}</Button></>}
    >
      <div class="stack">
        <Choice
          label={t("channels.kind")} value={kind} onInput={setKind}
          options={[{ value: "webhook", label: t("channels.kind.webhook") }, { value: "email", label: t("channels.kind.email") }]}
        />
        <Field label={t("admin.group")} error={shown("group")}><GroupSelect value={group} onInput={setGroup} /></Field>
        <Field label={t("channels.name")} hint={t("channels.name_hint")} error={shown("name")}>
          <TextInput value={name} onInput={setName} maxLength={128} autofocus />
        </Field>
        {kind === "webhook"
          ? (
            <>
              <Field label={t("channels.url")} hint={t("channels.url_hint")} error={shown("url")}>
                <TextInput type="url" value={url} onInput={setUrl} placeholder="https://" mono />
              </Field>
              <Field label={t("channels.secret")} hint={t("channels.secret_hint")} error={act.of("secret")}>
                <TextInput type="password" autocomplete="new-password" value={secret} onInput={setSecret} mono />
              </Field>
            </>
          )
          : (
            <Field label={t("channels.addresses")} hint={t("channels.addresses_hint")} error={shown("addresses")}>
              <TextInput value={addresses} onInput={setAddresses} placeholder="night@example.org" />
            </Field>
          )}
        <Field label={t("channels.severity")} hint={t("channels.severity_hint")} error={act.of("severity")}>
          <Select value={severity} onInput={setSeverity} options={SEVERITIES.map((one) => ({ value: one, label: t(`severity.${one}`) }))} />
        </Field>
        <Refusal act={act} />
      </div>
    </Dialog>
  );
}
