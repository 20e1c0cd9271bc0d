// What was sent from here, with what became of it, to be sent again or changed first.

import { t } from "../lib/i18n";
import { useStore } from "../lib/store";
import type { CommandState as StateName } from "../lib/types";
import { Ago, Badge, Button, Card, CommandState, Icon, IconButton } from "../ui";
import { useSend } from "./composer";
import type { Draft } from "./draft";
import { clearSent, sent, type Sent } from "./sent";

export function History({ group, onEdit }: { group: string; onEdit: (draft: Draft) => void }) {
  const list = useStore(sent).filter((one) => one.draft.group === group);
  return (
    <Card
      title={t("console.history")} class="console-history" flush
      actions={list.length > 0 && <Button small kind="quiet" onClick={clearSent}>{t("console.history_clear")}</Button>}
    >
      {list.length === 0
        ? <p class="muted small console-history-none">{t("console.history_none")}</p>
        : <ul>{list.map((one) => <One key={one.key} one={one} onEdit={onEdit} />)}</ul>}
    </Card>
  );
}

function One({ one, onEdit }: { one: Sent; onEdit: (draft: Draft) => void }) {
  const { sending, send } = useSend();
  return (
    <li class="sent" data-testid="sent">
      <div class="sent-what">
        <p class="mono truncate" title={one.what}>{one.what}</p>
        <p class="small muted row-tight"><Icon name="right" size={11} /><span class="truncate">{one.to}</span><Ago ms={one.at} /></p>
        <p class="small sent-state"><Outcome one={one} /></p>
      </div>
      <IconButton small icon="refresh" busy={sending} label={t("console.history_again_of", { what: one.what })} title={t("console.history_again")} onClick={() => void send(one.draft)} />
      <IconButton small icon="edit" label={t("console.history_edit_of", { what: one.what })} title={t("console.history_edit")} onClick={() => onEdit(one.draft)} />
    </li>
  );
}

function Outcome({ one }: { one: Sent }) {
  if (one.refused !== "") return <><Badge tone="bad" icon="close">{t("console.state.refused")}</Badge> <span>{one.refused}</span></>;
  const states = Object.entries(one.counts) as [StateName, number][];
  if (states.length === 0) return <Badge tone="info" icon="send">{t("console.state.message")}</Badge>;
  return (
    <>
      {states.map(([state, n]) => (
        <span key={state} class="row-tight"><CommandState state={state} />{one.commands > 1 && <span class="muted">{n}</span>}</span>
      ))}
      {one.detail !== "" && <span class="mono">{one.detail}</span>}
    </>
  );
}
