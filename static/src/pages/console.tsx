// The message console: pick the module, pick the function, fill in its fields, send, and watch what comes.

import { useEffect, useState } from "preact/hooks";
import { Composer } from "../console/composer";
import { EMPTY, type Draft } from "../console/draft";
import { useFeed } from "../console/feed";
import { History } from "../console/history";
import { openSent } from "../console/sent";
import { View } from "../console/view";
import { KnowDevices } from "../console/who";
import { t } from "../lib/i18n";
import { can, useMe } from "../lib/me";
import { link, useQuery } from "../lib/routes";
import { Card, Choice, Empty, Field, GroupSelect, LinkButton, Note, Page } from "../ui";

const KEPT = "hub.console.group";

export default function Console() {
  const me = useMe();
  const [query, change] = useQuery();
  openSent(me.id);
  const asked = query.get("group") ?? localStorage.getItem(KEPT) ?? "";
  const group = me.groups.includes(asked) ? asked : (me.groups[0] ?? "");
  useEffect(() => {
    if (group !== "") localStorage.setItem(KEPT, group);
  }, [group]);
  if (group === "") {
    const groups = can("administer") && <LinkButton kind="primary" icon="groups" href={link("/groups")}>{t("nav.groups")}</LinkButton>;
    return <Page title={t("console.title")}><Empty icon="console" title={t("console.no_groups")} hint={t("console.no_groups_hint")} action={groups} /></Page>;
  }
  return (
    <Page
      full title={t("console.title")}
      actions={(
        <Field label={t("console.group")} class="console-group">
          <GroupSelect value={group} onInput={(to) => change((next) => { next.set("group", to); next.delete("device"); })} />
        </Field>
      )}
    >
      <KnowDevices />
      <Both key={group} group={group} device={Number(query.get("device")) || null} />
    </Page>
  );
}

function Both({ group, device }: { group: string; device: number | null }) {
  const feed = useFeed(group);
  const [draft, setDraft] = useState<Draft>({ ...EMPTY, group, device });
  const sends = can("operate", group);
  // On a phone one of the two is shown.
  const [part, setPart] = useState<"send" | "log">("send");
  if (!sends) {
    return (
      <div class="console is-watched">
        <Note>{t("console.may_not")}</Note>
        <View feed={feed} group={group} />
      </div>
    );
  }
  return (
    <>
      <div class="console-parts">
        <Choice
          label={t("console.title")} value={part} onInput={setPart}
          options={[{ value: "send", label: t("console.send_title") }, { value: "log", label: t("console.log") }]}
        />
      </div>
      <div class={`console shows-${part}`}>
        <div class="console-side">
          <Card title={t("console.send_title")}>
            <Composer draft={draft} own={feed.own} onInput={(fresh) => setDraft((before) => ({ ...before, ...fresh }))} />
          </Card>
          <History group={group} onEdit={setDraft} />
        </div>
        <View feed={feed} group={group} />
      </div>
    </>
  );
}
