// One's own API tokens: for programs, with a scope, an end, and perhaps only some groups.

import { useState } from "preact/hooks";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { useResource } from "../lib/resource";
import { formatDateTime, hubNow } from "../lib/time";
import type { TokenInfo } from "../lib/types";
import { Ago, Badge, Button, Card, Empty, ErrorNote, IconButton, Spinner, Table, Time, confirmDialog, toast, toastError, type Column } from "../ui";
import { all } from "./act";
import { Names, OnceDialog } from "./parts";
import { AddToken } from "./tokenform";

export function Tokens() {
  const { data, error, reload } = useResource<TokenInfo[]>("tokens", () => all<TokenInfo>("/me/tokens"));
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<TokenInfo | null>(null);
  const add = <Button icon="plus" onClick={() => setAdding(true)}>{t("account.token_add")}</Button>;
  return (
    <Card title={t("account.tokens")} actions={add} flush>
      {error && <ErrorNote error={error} retry={reload} />}
      {!data && !error && <Spinner />}
      {data?.length === 0 && <Empty icon="key" title={t("account.tokens_none")} hint={t("account.tokens_none_hint")} />}
      {data && data.length > 0 && <TokenTable tokens={data} reload={reload} />}
      {adding && (
        <AddToken
          onClose={() => setAdding(false)}
          onAdded={(token) => {
            setAdding(false);
            setMade(token);
            reload();
          }}
        />
      )}
      {made?.token && (
        <OnceDialog
          title={t("account.token_title", { name: made.name })} label={t("account.token_label")} value={made.token}
          hint={t("account.token_use", { until: formatDateTime(made.expires_ms) })} onClose={() => setMade(null)}
        />
      )}
    </Card>
  );
}

function TokenTable({ tokens, reload }: { tokens: TokenInfo[]; reload: () => void }) {
  const [busy, setBusy] = useState<number | null>(null);
  const revoke = async (token: TokenInfo): Promise<void> => {
    if (!(await confirmDialog(t("account.token_remove_ask", { name: token.name }), { danger: true, ok: t("account.token_remove") }))) return;
    setBusy(token.id);
    try {
      await api.del(`/me/tokens/${token.id}`);
      toast(t("account.token_removed"));
      reload();
    } catch (refused) {
      toastError(refused);
    } finally {
      setBusy(null);
    }
  };
  const columns: Column<TokenInfo>[] = [
    { id: "name", title: t("account.token_name"), render: (token) => <span class="strong">{token.name}</span> },
    { id: "scope", title: t("account.token_scope"), tight: true, render: (token) => <Badge>{t(`account.scope.${token.scope}`)}</Badge> },
    {
      id: "groups", title: t("account.token_groups"),
      render: (token) => token.groups && token.groups.length > 0 ? <Names names={token.groups} /> : <span class="muted">{t("account.token_all")}</span>,
    },
    {
      id: "used", title: t("account.token_used"), tight: true,
      render: (token) => token.used_ms ? <Ago ms={token.used_ms} /> : <span class="muted">{t("admin.never")}</span>,
    },
    {
      id: "ends", title: t("account.token_expires"), tight: true,
      render: (token) => token.expires_ms <= hubNow() ? <Badge tone="warn" icon="wait">{t("account.token_expired")}</Badge> : <Time ms={token.expires_ms} />,
    },
    {
      id: "actions", title: t("admin.actions"), hideTitle: true, tight: true,
      render: (token) => (
        <IconButton small icon="trash" label={t("account.token_remove_of", { name: token.name })} busy={busy === token.id} onClick={() => void revoke(token)} />
      ),
    },
  ];
  return <Table columns={columns} rows={tokens} keyOf={(token) => token.id} caption={t("account.tokens_caption")} />;
}
