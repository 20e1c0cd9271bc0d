// The forms of a user: a new one, and another role or other groups for one that is there.

import { useState } from "preact/hooks";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { useMe } from "../lib/me";
import type { NewUserAnswer, Role, User } from "../lib/types";
import { Button, Dialog, Field, Select, TextInput, toast } from "../ui";
import { useAct } from "./act";
import { GroupChoice, Refusal, rolesFor } from "./parts";

/** What the hub takes; names differ by more than case. */
const NAME = /^[\p{Alphabetic}\p{N}._@+-]{1,64}$/u;

function groupsWrong(role: Role, groups: readonly string[]): string | undefined {
  return role !== "administrator" && groups.length === 0 ? t("users.groups_needed") : undefined;
}

interface RoleFieldsProps {
  role: Role;
  groups: string[];
  onRole: (role: Role) => void;
  onGroups: (groups: string[]) => void;
  roleError?: string | undefined;
  groupsError?: string | undefined;
}

function RoleFields({ role, groups, onRole, onGroups, roleError, groupsError }: RoleFieldsProps) {
  const me = useMe();
  const roles = rolesFor(me.role);
  return (
    <>
      <Field label={t("users.role")} hint={t(`admin.role_hint.${role}`)} error={roleError}>
        <Select value={role} onInput={onRole} options={roles.map((one) => ({ value: one, label: t(`role.${one}`) }))} />
      </Field>
      {role !== "administrator" && <GroupChoice legend={t("users.groups")} all={me.groups} chosen={groups} onInput={onGroups} error={groupsError} />}
    </>
  );
}

export function AddUser({ onClose, onAdded }: { onClose: () => void; onAdded: (answer: NewUserAnswer) => void }) {
  const me = useMe();
  const act = useAct();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const [groups, setGroups] = useState<string[]>(me.groups.length === 1 ? me.groups : []);
  const [tried, setTried] = useState(false);
  const nameWrong = name.trim() === "" ? t("users.name_needed") : NAME.test(name.trim()) ? undefined : t("users.name_wrong");
  const submit = async (): Promise<void> => {
    setTried(true);
    if (nameWrong || groupsWrong(role, groups)) return;
    await act.run(async () => {
      const body = { name: name.trim(), role, groups: role === "administrator" ? [] : groups };
      onAdded(await api.post<NewUserAnswer>("/users", body));
    });
  };
  const told = act.of("name") ?? act.of("role") ?? act.of("groups");
  return (
    <Dialog
      title={t("users.add")} onClose={onClose} onSubmit={() => void submit()}
      actions={<><Button onClick={onClose}>{t("ui.cancel")}</Button><Button type="submit" kind="primary" busy={act.busy}>{t("users.create")}</Button></>}
    >
      <div class="stack">
        <Field label={t("users.name")} hint={t("users.name_hint")} error={act.of("name") ?? (tried ? nameWrong : undefined)}>
          <TextInput value={name} onInput={setName} autofocus maxLength={64} />
        </Field>
        <RoleFields
          role={role} groups={groups} onRole={setRole} onGroups={setGroups} roleError={act.of("role")}
          groupsError={act.of("groups") ?? (tried ? groupsWrong(role, groups) : undefined)}
        />
        {!told && <Refusal act={act} />}
      </div>
    </Dialog>
  );
}

export function EditUser({ user, onClose, onSaved }: { user: User; onClose: () => void; onSaved: () => void }) {
  const act = useAct();
  const [role, setRole] = useState(user.role);
  const [groups, setGroups] = useState(user.groups);
  const [tried, setTried] = useState(false);
  const submit = async (): Promise<void> => {
    setTried(true);
    if (groupsWrong(role, groups)) return;
    const done = await act.run(() => api.patch(`/users/${user.id}`, { role, groups: role === "administrator" ? [] : groups }));
    if (!done) return;
    toast(t("users.saved", { name: user.name }));
    onSaved();
    onClose();
  };
  const told = act.of("role") ?? act.of("groups");
  return (
    <Dialog
      title={t("users.edit_title", { name: user.name })} onClose={onClose} onSubmit={() => void submit()}
      actions={<><Button onClick={onClose}>{t("ui.cancel")}</Button><Button type="submit" kind="primary" busy={act.busy}>{t("admin.save")}</Button></>}
    >
      <div class="stack">
        <RoleFields
          role={role} groups={groups} onRole={setRole} onGroups={setGroups} roleError={act.of("role")}
          groupsError={act.of("groups") ?? (tried ? groupsWrong(role, groups) : undefined)}
        />
        {!told && <Refusal act={act} />}
      </div>
    </Dialog>
  );
}
