// Groups: the customers of the hub. Making and removing them is an administrator's; everyone sees their own.

import { useState } from "preact/hooks";
import { all, bytesOf, useAct, useSoon } from "../admin/act";
import { Refusal } from "../admin/parts";
import { api } from "../lib/api";
import { formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { useNews } from "../lib/live";
import { can, refreshMe } from "../lib/me";
import { useResource } from "../lib/resource";
import { link } from "../lib/routes";
import type { Group } from "../lib/types";
import { Badge, Button, Card, Dialog, Empty, ErrorNote, Field, Icon, IconButton, Page, Spinner, Table, TextInput, confirmDialog, toast, toastError, type Column } from "../ui";

const MOST_NAME_BYTES = 128;

export default function Groups() {
  const { data, error, reload } = useResource<Group[]>("groups", () => all<Group>("/groups"));
  const [adding, setAdding] = useState(false);
  const soon = useSoon(reload);
  useNews(["group", "device", "presence", "alarm"], soon);
  const administers = can("administer");
  const add = administers ? <Button kind="primary" icon="plus" onClick={() => setAdding(true)}>{t("groups.add")}</Button> : undefined;
  return (
    <Page title={t("groups.title")} subtitle={t("groups.lead")} actions={add}>
      {error && <ErrorNote error={error} retry={reload} />}
      {!data && !error && <Spinner />}
      {data?.length === 0 && (
        <Empty icon="groups" title={t("groups.none")} hint={t(administers ? "groups.none_hint" : "groups.none_yours")} action={add} />
      )}
      {data && data.length > 0 && <GroupTable groups={data} administers={administers} reload={reload} />}
      {adding && <AddGroup onClose={() => setAdding(false)} onAdded={reload} />}
    </Page>
  );
}

function GroupTable({ groups, administers, reload }: { groups: Group[]; administers: boolean; reload: () => void }) {
  const [removing, setRemoving] = useState("");
  const remove = async (group: Group): Promise<void> => {
    if (!(await confirmDialog(t("groups.remove_ask", { name: group.name }), { danger: true, ok: t("admin.remove") }))) return;
    setRemoving(group.name);
    try {
      await api.del(`/groups/${encodeURIComponent(group.name)}`);
      toast(t("groups.removed", { name: group.name }));
      await refreshMe().catch(() => undefined);
      reload();
    } catch (refused) {
      toastError(refused);
    } finally {
      setRemoving("");
    }
  };
  const of = (group: Group): string => `?group=${encodeURIComponent(group.name)}`;
  const columns: Column<Group>[] = [
    { id: "name", title: t("admin.name"), render: (group) => <a class="strong" href={link(`/devices${of(group)}`)}>{group.name}</a> },
    { id: "devices", title: t("groups.devices"), num: true, render: (group) => formatNumber(group.devices) },
    { id: "online", title: t("groups.online"), num: true, render: (group) => <Share group={group} /> },
    {
      id: "alarms", title: t("groups.alarms"), num: true,
      render: (group) => group.open_alarms === 0
        ? <span class="muted">{t("groups.no_alarms")}</span>
        : <a href={link(`/alarms${of(group)}`)}><Badge tone="bad" icon="warn">{formatNumber(group.open_alarms)}</Badge></a>,
    },
    {
      id: "actions", title: t("admin.actions"), hideTitle: true, tight: true,
      render: (group) => (
        <div class="row-tight actions">
          <a class="button quiet icon-button" href={link(`/console${of(group)}`)} aria-label={t("groups.console", { name: group.name })} title={t("groups.console", { name: group.name })}>
            <Icon name="console" size={16} />
          </a>
          {administers && (
            <IconButton
              icon="trash" label={t("groups.remove", { name: group.name })} disabled={group.devices > 0} busy={removing === group.name}
              title={group.devices > 0 ? t("groups.not_empty", { n: group.devices }) : undefined} onClick={() => void remove(group)}
            />
          )}
        </div>
      ),
    },
  ];
  return (
    <Card flush>
      <Table columns={columns} rows={groups} keyOf={(group) => group.name} caption={t("groups.caption")} />
    </Card>
  );
}

/** How many are online, as a number and as a bar. */
function Share({ group }: { group: Group }) {
  const part = group.devices === 0 ? 0 : group.online / group.devices;
  return (
    <span class="share" data-live>
      <span class="share-bar" aria-hidden="true"><span class="share-part" style={{ width: `${part * 100}%` }} /></span>
      <span class="share-number">{formatNumber(group.online)}</span>
    </span>
  );
}

function AddGroup({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
  const act = useAct();
  const [name, setName] = useState("");
  const [tried, setTried] = useState(false);
  const wrong = name.trim() === "" ? t("groups.name_needed") : bytesOf(name.trim()) > MOST_NAME_BYTES ? t("groups.name_long") : undefined;
  const submit = async (): Promise<void> => {
    setTried(true);
    if (wrong) return;
    const done = await act.run(async () => {
      await api.post("/groups", { name: name.trim() });
      await refreshMe().catch(() => undefined);
    });
    if (!done) return;
    toast(t("groups.added", { name: name.trim() }));
    onAdded();
    onClose();
  };
  return (
    <Dialog
      title={t("groups.add")} onClose={onClose} onSubmit={() => void submit()}
      actions={<><Button onClick={onClose}>{t("ui.cancel")}</Button><Button type="submit" kind="primary" busy={act.busy}>{t("groups.add")}</Button></>}
    >
      <div class="stack">
        <Field label={t("groups.name")} hint={t("groups.name_hint")} error={act.of("name") ?? (tried ? wrong : undefined)}>
          <TextInput value={name} onInput={setName} autofocus maxLength={128} />
        </Field>
        {!act.of("name") && <Refusal act={act} />}
      </div>
    </Dialog>
  );
}
