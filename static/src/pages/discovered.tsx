// Discovered devices: unknown ones that tried to log in. Whoever holds the serial adopts one.

import { useState } from "preact/hooks";
import { all, useSoon } from "../admin/act";
import { Adopt } from "../admin/adopt";
import { api } from "../lib/api";
import { formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { useNews } from "../lib/live";
import { useResource } from "../lib/resource";
import type { Stranger } from "../lib/types";
import { Ago, Badge, Button, Card, Empty, ErrorNote, IconButton, Page, Spinner, Table, confirmDialog, toast, toastError, type Column } from "../ui";

export default function Discovered() {
  const { data, error, reload } = useResource<Stranger[]>("discovered", () => all<Stranger>("/discovered"));
  const [adopting, setAdopting] = useState<Stranger | null>(null);
  const soon = useSoon(reload);
  useNews(["discovered"], soon);
  return (
    <Page title={t("discovered.title")} subtitle={t("discovered.lead")}>
      {error && <ErrorNote error={error} retry={reload} />}
      {!data && !error && <Spinner />}
      {data?.length === 0 && <Empty icon="discovered" title={t("discovered.none")} hint={t("discovered.none_hint")} />}
      {data && data.length > 0 && <Strangers strangers={data} onAdopt={setAdopting} reload={reload} />}
      {adopting && <Adopt stranger={adopting} onClose={() => setAdopting(null)} onAdopted={reload} />}
    </Page>
  );
}

function Strangers({ strangers, onAdopt, reload }: { strangers: Stranger[]; onAdopt: (one: Stranger) => void; reload: () => void }) {
  const [busy, setBusy] = useState("");
  const forget = async (one: Stranger): Promise<void> => {
    const who = { type: String(one.type), id: one.id };
    if (!(await confirmDialog(t("discovered.forget_ask", who), { ok: t("discovered.forget") }))) return;
    setBusy(one.key);
    try {
      await api.del(`/discovered/${encodeURIComponent(one.key)}`);
      toast(t("discovered.forgotten", who));
      reload();
    } catch (refused) {
      toastError(refused);
    } finally {
      setBusy("");
    }
  };
  const columns: Column<Stranger>[] = [
    { id: "device", title: t("discovered.device"), render: (one) => <span class="strong mono">{one.type}/{one.id}</span> },
    {
      id: "login", title: t("discovered.login"), tight: true,
      render: (one) => one.login === "legacy"
        ? <Badge tone="warn" icon="weak">{t("discovered.login.legacy")}</Badge>
        : <Badge icon="lock">{t("discovered.login.challenge")}</Badge>,
    },
    { id: "from", title: t("discovered.from"), render: (one) => <span class="mono">{one.from}</span> },
    { id: "attempts", title: t("discovered.attempts"), num: true, tight: true, render: (one) => formatNumber(one.attempts) },
    { id: "first", title: t("discovered.first"), tight: true, render: (one) => <Ago ms={one.first_ms} /> },
    { id: "last", title: t("discovered.last"), tight: true, render: (one) => <Ago ms={one.last_ms} /> },
    {
      id: "actions", title: t("admin.actions"), hideTitle: true, tight: true,
      render: (one) => {
        const who = { type: String(one.type), id: one.id };
        return (
          <div class="row-tight actions">
            <Button small icon="plus" label={t("discovered.adopt_of", who)} onClick={() => onAdopt(one)}>{t("discovered.adopt")}</Button>
            <IconButton small icon="trash" label={t("discovered.forget_of", who)} busy={busy === one.key} onClick={() => void forget(one)} />
          </div>
        );
      },
    },
  ];
  return <Card flush><Table columns={columns} rows={strangers} keyOf={(one) => one.key} caption={t("discovered.caption")} /></Card>;
}
