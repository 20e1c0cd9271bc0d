// The form of a new API token.

import { useState } from "preact/hooks";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { useMe } from "../lib/me";
import { hubNow, toLocalInput } from "../lib/time";
import type { Role, Scope, TokenInfo } from "../lib/types";
import { Button, Choice, Dialog, Field, Select, TextInput } from "../ui";
import { useAct } from "./act";
import { GroupChoice, Refusal } from "./parts";

const DAY_MS = 86_400_000;
/** The hub's bound, less a little for the way there. */
const MOST_MS = 366 * DAY_MS - 60_000;
const DAYS = ["7", "30", "90", "365"] as const;
const OWN = "own";

/** A token never has more rights than its owner. */
function scopesFor(role: Role): readonly Scope[] {
  if (role === "viewer") return ["read"];
  return role === "operator" ? ["read", "operate"] : ["read", "operate", "manage"];
}

export function AddToken({ onClose, onAdded }: { onClose: () => void; onAdded: (token: TokenInfo) => void }) {
  const me = useMe();
  const act = useAct();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Scope>("read");
  const [some, setSome] = useState<"all" | "some">("all");
  const [groups, setGroups] = useState<string[]>([]);
  const [days, setDays] = useState<string>("90");
  const [day, setDay] = useState(() => toLocalInput(hubNow() + 30 * DAY_MS).slice(0, 10));
  const [tried, setTried] = useState(false);
  const now = hubNow();
  // A day that is chosen counts to its end, in the viewer's zone.
  const expires = days === OWN ? Math.min(new Date(`${day}T23:59:59`).getTime(), now + MOST_MS) : Math.min(now + Number(days) * DAY_MS, now + MOST_MS);
  const wrong = {
    name: name.trim() === "" ? t("account.token_name_needed") : undefined,
    groups: some === "some" && groups.length === 0 ? t("account.token_groups_needed") : undefined,
    expires_ms: Number.isFinite(expires) && expires > now ? undefined : t("account.token_day_wrong"),
  };
  const submit = async (): Promise<void> => {
    setTried(true);
    if (wrong.name || wrong.groups || wrong.expires_ms) return;
    await act.run(async () => {
      const body = { name: name.trim(), scope, groups: some === "all" ? null : groups, expires_ms: expires };
      onAdded(await api.post<TokenInfo>("/me/tokens", body));
    });
  };
  const shown = (field: keyof typeof wrong): string | undefined => act.of(field) ?? (tried ? wrong[field] : undefined);
  const choices = [...DAYS.map((n) => ({ value: n as string, label: t("account.token_days", { n: Number(n) }) })), { value: OWN, label: t("account.token_until") }];
  return (
    <Dialog
      title={t("account.token_add")} onClose={onClose} onSubmit={() => void submit()}
      actions={<><Button onClick={onClose}>{t("ui.cancel")}</Button><Button type="submit" kind="primary" busy={act.busy}>{t("account.token_create")}</Button></>}
    >
      <div class="stack">
        <Field label={t("account.token_name")} hint={t("account.token_name_hint")} error={shown("name")}>
          <TextInput value={name} onInput={setName} autofocus maxLength={64} />
        </Field>
        <Field label={t("account.token_scope")} hint={t(`account.scope_hint.${scope}`)} error={act.of("scope")}>
          <Select value={scope} onInput={setScope} options={scopesFor(me.role).map((one) => ({ value: one, label: t(`account.scope.${one}`) }))} />
        </Field>
        <div class="field">
          <span class="field-label">{t("account.token_groups")}</span>
          <Choice
            label={t("account.token_groups")} value={some} onInput={setSome}
            options={[{ value: "all", label: t("account.token_all") }, { value: "some", label: t("account.token_some") }]}
          />
        </div>
        {some === "some" && <GroupChoice legend={t("account.token_some")} all={me.groups} chosen={groups} onInput={setGroups} error={shown("groups")} />}
        <Field label={t("account.token_expires")} error={days === OWN ? undefined : shown("expires_ms")}>
          <Select value={days} onInput={setDays} options={choices} />
        </Field>
        {days === OWN && (
          <Field label={t("account.token_day")} error={shown("expires_ms")}>
            <TextInput type="date" value={day} onInput={setDay} />
          </Field>
        )}
        {!act.of("name") && <Refusal act={act} />}
      </div>
    </Dialog>
  );
}
