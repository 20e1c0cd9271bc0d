// The commands of a device, each with all its states.

import { useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { formatSpan } from "../lib/time";
import type { Command, CommandState as StateName } from "../lib/types";
import { Badge, Button, CommandState, Empty, ErrorNote, Select, Spinner, Time } from "../ui";
import { orderText } from "./news";
import { cancel, isEnded, useHistory } from "./orders";

const STATES: readonly (StateName | "")[] = ["", "queued", "sent", "accepted", "succeeded", "rejected", "expired", "cancelled", "timed_out"];

export function CommandHistory({ address, may }: { address: number; may: boolean }) {
  const [state, setState] = useState<StateName | "">("");
  const history = useHistory(address, state);
  return (
    <div class="stack-tight">
      <div class="toolbar" hidden={!state && history.items?.length === 0}>
        <Select
          label={t("commands.state")} value={state} onInput={setState}
          options={STATES.map((value) => ({ value, label: value ? t(`command.${value}`) : t("commands.all") }))}
        />
      </div>
      {history.error && <ErrorNote error={history.error} retry={history.reload} />}
      {!history.items && !history.error && <Spinner />}
      {history.items?.length === 0 && <Empty icon="send" title={t(state ? "commands.none_so" : "commands.none")} hint={may ? t("commands.none_hint") : undefined} />}
      {!!history.items?.length && (
        <ol class="commands" aria-label={t("commands.title")}>
          {history.items.map((command) => <CommandLine key={command.id} command={command} may={may} />)}
        </ol>
      )}
      {history.more && <div class="row"><Button busy={history.loading} onClick={history.loadMore}>{t("ui.load_more")}</Button></div>}
    </div>
  );
}

function CommandLine({ command, may }: { command: Command; may: boolean }) {
  return (
    <li class="command" data-testid={`command-${command.id}`}>
      <div class="command-head">
        <span class="command-order mono">{orderText(command.type, command.fields)}</span>
        <CommandState state={command.state} />
        {command.detail && <span class="command-detail">{command.detail}</span>}
        {command.late && <Badge tone="warn">{t("commands.late")}</Badge>}
        {command.state === "queued" && may && <Button small onClick={() => void cancel(command.id)}>{t("device.take_back")}</Button>}
      </div>
      <Steps command={command} />
      <p class="command-by muted small">
        #{String(command.id)} · {t("commands.by", { issuer: command.issuer })}
        {command.condition && <> · {t("commands.if", { condition: command.condition })}</>}
        {command.expires_ms !== null && !isEnded(command) && <> · {t("commands.expires")} <Time ms={command.expires_ms} /></>}
      </p>
    </li>
  );
}

/** Queued, sent, the end: with the time of each. */
function Steps({ command }: { command: Command }) {
  const { issued_ms, sent_ms, ended_ms, state, sendings } = command;
  const ended = isEnded(command) && state !== "sent";
  const took = ended_ms === null ? null : ended_ms - issued_ms;
  return (
    <ol class="steps">
      <li class="step is-done"><span>{t("command.queued")}</span><Time ms={issued_ms} /></li>
      {sent_ms !== null && (
        <li class="step is-done"><span>{t("command.sent")}{sendings > 1 && ` ×${sendings}`}</span><Time ms={sent_ms} /></li>
      )}
      {state === "accepted" && <li class="step is-now"><span>{t("command.accepted")}</span></li>}
      {ended
        ? (
          <li class={`step is-end is-${state}`}>
            <span>{t(`command.${state}`)}</span><Time ms={ended_ms} />{took !== null && took >= 0 && <span class="muted">({formatSpan(took)})</span>}
          </li>
        )
        : state !== "sent" || command.ended_ms === null ? <li class="step is-waiting"><span>{t("commands.waiting")}</span></li> : null}
    </ol>
  );
}
