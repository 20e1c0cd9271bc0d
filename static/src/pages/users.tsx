// Users: who may log in, as what, and to which groups. A group administrator sees those of the own groups.

import { useState } from "preact/hooks";
import { all, useSoon } from "../admin/act";
import { Names, OnceDialog } from "../admin/parts";
import { AddUser, EditUser } from "../admin/userform";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { useMe } from "../lib/me";
import { useResource } from "../lib/resource";
import { formatDateTime } from "../lib/time";
import type { User, UserLink } from "../lib/types";
import { Ago, Badge, Button, Card, Empty, ErrorNote, Menu, Page, SearchInput, Spinner, Table, confirmDialog, toast, toastError, type Column } from "../ui";

/** Fewer are seen at a glance. */
const WORTH_A_SEARCH = 8;

interface Link extends UserLink {
  name: string;
}

export default function Users() {
  const me = useMe();
  const { data, error, reload } = useResource<User[]>("users", () => all<User>("/users"));
  const [adding, setAdding] = useState(false);
  const [editing, setEditing] = useState<User | null>(null);
  const [shownLink, setLink] = useState<Link | null>(null);
  const [sought, setSought] = useState("");
  const soon = useSoon(reload);

  const text = sought.trim().toLowerCase();
  const shown = data?.filter((user) => text === "" || [user.name, t(`role.${user.role}`), ...user.groups].some((part) => part.toLowerCase().includes(text)));
  const add = <Button kind="primary" icon="plus" onClick={() => setAdding(true)}>{t("users.add")}</Button>;
  return (
    <Page title={t("users.title")} subtitle={t(me.role === "administrator" ? "users.lead" : "users.lead_group")} actions={add}>
      {error && <ErrorNote error={error} retry={reload} />}
      {!data && !error && <Spinner />}
      {data && data.length > WORTH_A_SEARCH && <SearchInput value={sought} onInput={setSought} label={t("users.search")} />}
      {data?.length === 0 && <Empty icon="users" title={t("users.none")} hint={t("users.none_hint")} action={add} />}
      {data && data.length > 0 && shown?.length === 0 && <Empty icon="search" title={t("users.none_found")} hint={t("users.none_found_hint")} />}
      {shown && shown.length > 0 && (
        <UserTable users={shown} own={me.id} onEdit={setEditing} onLink={setLink} reload={soon} />
      )}
      {adding && (
        <AddUser
          onClose={() => setAdding(false)}
          onAdded={(answer) => {
            setAdding(false);
            setLink({ name: answer.user.name, link: answer.link, expires_ms: answer.link_expires_ms });
            reload();
          }}
        />
      )}
      {editing && <EditUser user={editing} onClose={() => setEditing(null)} onSaved={reload} />}
      {shownLink && (
        <OnceDialog
          title={t("users.link_title", { name: shownLink.name })} label={t("users.link_label")} value={absolute(shownLink.link)}
          hint={t("users.link_hint", { name: shownLink.name, until: formatDateTime(shownLink.expires_ms) })}
          onClose={() => setLink(null)}
        />
      )}
    </Page>
  );
}

/** The hub does not know by which name it is called here: only what follows `#` is taken from its link. */
function absolute(address: string): string {
  const at = address.indexOf("#");
  return at < 0 ? address : location.origin + location.pathname + address.slice(at);
}

interface TableProps {
  users: User[];
  own: number;
  onEdit: (user: User) => void;
  onLink: (link: Link) => void;
  reload: () => void;
}

function UserTable({ users, own, onEdit, onLink, reload }: TableProps) {
  const [busy, setBusy] = useState<number | null>(null);
  const act = async (user: User, ask: string, danger: boolean, ok: string, run: () => Promise<string | null>): Promise<void> => {
    if (ask !== "" && !(await confirmDialog(ask, { danger, ok }))) return;
    setBusy(user.id);
    try {
      const done = await run();
      if (done !== null) toast(done);
      reload();
    } catch (refused) {
      toastError(refused);
    } finally {
      setBusy(null);
    }
  };
  const reset = (user: User) => act(user, t("users.reset_ask", { name: user.name }), false, t("users.reset"), async () => {
    const answer = await api.post<UserLink>(`/users/${user.id}/reset`);
    onLink({ ...answer, name: user.name });
    return null;
  });
  const setDisabled = (user: User, disabled: boolean) => act(
    user, disabled ? t("users.disable_ask", { name: user.name }) : "", true, t("users.disable"), async () => {
      await api.patch(`/users/${user.id}`, { disabled });
      return t(disabled ? "users.did_disable" : "users.did_enable", { name: user.name });
    });
  const remove = (user: User) => act(user, t("users.remove_ask", { name: user.name }), true, t("users.remove"), async () => {
    await api.del(`/users/${user.id}`);
    return t("users.removed", { name: user.name });
  });
  const columns: Column<User>[] = [
    {
      id: "name", title: t("admin.name"),
      render: (user) => <span class="row-tight user-cell"><span class="strong">{user.name}</span>{user.id === own && <Badge tone="accent">{t("users.you")}</Badge>}</span>,
    },
    { id: "role", title: t("users.role"), render: (user) => <span class="words">{t(`role.${user.role}`)}</span> },
    {
      id: "groups", title: t("users.groups"),
      render: (user) => user.role === "administrator" ? <span class="muted">{t("admin.every_group")}</span> : <Names names={user.groups} />,
    },
    { id: "state", title: t("users.state"), tight: true, render: (user) => <UserState user={user} /> },
    {
      id: "login", title: t("users.last_login"), tight: true,
      render: (user) => user.last_login_ms === null ? <span class="muted">{t("admin.never")}</span> : <Ago ms={user.last_login_ms} />,
    },
    {
      id: "actions", title: t("admin.actions"), hideTitle: true, tight: true,
      render: (user) => busy === user.id ? <Spinner inline /> : (
        <Menu
          small label={t("users.menu", { name: user.name })}
          items={[
            user.id !== own && { label: t("users.edit"), icon: "edit", onClick: () => onEdit(user) },
            { label: t("users.reset"), icon: "key", onClick: () => void reset(user) },
            user.id !== own && { label: t(user.disabled ? "users.enable" : "users.disable"), icon: "power", onClick: () => void setDisabled(user, !user.disabled) },
            user.id !== own && { label: t("users.remove"), icon: "trash", danger: true, onClick: () => void remove(user) },
          ]}
        />
      ),
    },
  ];
  return (
    <Card flush>
      <Table columns={columns} rows={users} keyOf={(user) => user.id} caption={t("users.caption")} rowClass={(user) => (user.disabled ? "is-off" : "")} />
    </Card>
  );
}

function UserState({ user }: { user: User }) {
  if (user.disabled) return <Badge tone="warn" icon="power">{t("users.disabled")}</Badge>;
  if (!user.has_password) return <Badge tone="info" icon="wait">{t("users.waiting")}</Badge>;
  return <Badge tone="ok" icon="check">{t("users.active")}</Badge>;
}
