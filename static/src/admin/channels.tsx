// Notification channels: whom the alarms of a group are told to, how that goes, and a test of each.

import { useState } from "preact/hooks";
import { api } from "../lib/api";
import { formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { useMe } from "../lib/me";
import { useResource } from "../lib/resource";
import { formatDateTime } from "../lib/time";
import type { AddedChannel, Channel } from "../lib/types";
import { Ago, Badge, Button, Card, Dialog, Empty, ErrorNote, Icon, IconButton, Note, Severity, Spinner, Time, confirmDialog, toast, toastError } from "../ui";
import { all } from "./act";
import { AddChannel } from "./channelform";
import { OnceDialog } from "./parts";

interface Tested {
  delivered: boolean;
  reason: string;
}

export function Channels() {
  const me = useMe();
  const { data, error, reload } = useResource<Channel[]>("channels", () => all<Channel>("/channels"));
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<AddedChannel | null>(null);
  const add = <Button kind="primary" icon="plus" onClick={() => setAdding(true)} disabled={me.groups.length === 0}>{t("channels.add")}</Button>;
  return (
    <div class="stack">
      <div class="row tab-head"><p class="muted grow">{t("channels.lead")}</p>{add}</div>
      {error && <ErrorNote error={error} retry={reload} />}
      {!data && !error && <Spinner />}
      {data?.length === 0 && <Empty icon="send" title={t("channels.none")} hint={t("channels.none_hint")} />}
      {data && data.length > 0 && (
        <ul class="channels" aria-label={t("channels.caption")}>
          {data.map((channel) => <One key={channel.id} channel={channel} reload={reload} />)}
        </ul>
      )}
      {adding && (
        <AddChannel
          onClose={() => setAdding(false)}
          onAdded={(channel) => {
            setAdding(false);
            toast(t("channels.added", { name: channel.name }));
            if (channel.secret) setMade(channel);
            reload();
          }}
        />
      )}
      {made?.secret && (
        <OnceDialog
          title={t("channels.secret_title", { name: made.name })} label={t("channels.secret_label")} value={made.secret}
          hint={t("channels.secret_use")} onClose={() => setMade(null)}
        />
      )}
    </div>
  );
}

function One({ channel, reload }: { channel: Channel; reload: () => void }) {
  const [testing, setTesting] = useState(false);
  const [tested, setTested] = useState<Tested | null>(null);
  const [removing, setRemoving] = useState(false);
  const test = async (): Promise<void> => {
    setTesting(true);
    setTested(null);
    try {
      setTested(await api.post<Tested>(`/channels/${channel.id}/test`, {}, { idempotent: false }));
      reload();
    } catch (refused) {
      toastError(refused);
    } finally {
      setTesting(false);
    }
  };
  const remove = async (): Promise<void> => {
    if (!(await confirmDialog(t("channels.remove_ask", { name: channel.name }), { danger: true, ok: t("admin.remove") }))) return;
    setRemoving(true);
    try {
      await api.del(`/channels/${channel.id}`);
      toast(t("channels.removed", { name: channel.name }));
      reload();
    } catch (refused) {
      toastError(refused);
      setRemoving(false);
    }
  };
  return (
    <li>
      <Card>
        <div class="channel">
          <Icon name={channel.kind === "email" ? "send" : "link"} />
          <div class="channel-what">
            <h2>{channel.name}</h2>
            <p class="muted small">{channel.group} · {channel.kind === "email" ? t("channels.kind.email") : t("channels.kind.webhook")}</p>
            <p class="mono small channel-target">{channel.target}</p>
          </div>
          <div class="channel-how">
            <ChannelState channel={channel} />
            <span class="row-tight small"><span class="muted">{t("channels.severity")}</span> <Severity severity={channel.severity} /></span>
          </div>
          <div class="row-tight actions">
            <Button small icon="send" busy={testing} label={t("channels.test_of", { name: channel.name })} onClick={() => void test()}>{t("channels.test")}</Button>
            <IconButton small icon="trash" busy={removing} label={t("channels.remove_of", { name: channel.name })} onClick={() => void remove()} />
          </div>
        </div>
        <div role="status">{tested && <TestWord tested={tested} />}</div>
        {channel.failing_since_ms !== null && (
          <Note tone="bad">{t("channels.failing_since", { when: formatDateTime(channel.failing_since_ms), error: channel.last_error })}</Note>
        )}
        <Figures channel={channel} />
      </Card>
    </li>
  );
}

function TestWord({ tested }: { tested: Tested }) {
  if (!tested.delivered) return <Note tone="bad">{t("channels.test_failed", { reason: tested.reason })}</Note>;
  if (tested.reason !== "") return <Note tone="warn">{t("channels.test_done_but", { reason: tested.reason })}</Note>;
  return <Note tone="ok">{t("channels.test_done")}</Note>;
}

function ChannelState({ channel }: { channel: Channel }) {
  if (channel.state === "failing") return <Badge tone="bad" icon="warn">{t("channels.state.failing")}</Badge>;
  if (channel.state === "ok") return <Badge tone="ok" icon="check">{t("channels.state.ok")}</Badge>;
  return <Badge icon="wait">{t("channels.state.new")}</Badge>;
}

function Figures({ channel }: { channel: Channel }) {
  const [open, setOpen] = useState(false);
  return (
    <div class="channel-figures muted small">
      <span>{t("channels.sent", { n: channel.sent })}</span>
      {channel.last_sent_ms !== null && <span><Icon name="check" size={12} /> <Ago ms={channel.last_sent_ms} /></span>}
      {channel.waiting > 0 && <span>{t("channels.waiting", { n: channel.waiting })}</span>}
      {channel.omitted > 0 && <span>{t("channels.omitted", { n: channel.omitted })}</span>}
      {channel.dead > 0 && (
        <button type="button" class="link-button" onClick={() => setOpen(true)}>
          {t("channels.dead", { n: channel.dead })}<span class="sr-only">: {t("channels.dead_show")}</span>
        </button>
      )}
      {open && <DeadLetters channel={channel} onClose={() => setOpen(false)} />}
    </div>
  );
}

function DeadLetters({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  return (
    <Dialog title={t("channels.dead_title")} onClose={onClose} actions={<Button onClick={onClose}>{t("ui.close")}</Button>}>
      <ul class="dead-letters">
        {[...channel.dead_letters].reverse().map((letter) => (
          <li key={letter.delivery}>
            <p class="row"><Time ms={letter.at_ms} full /><span class="muted">{t("channels.dead_notifications", { n: letter.notifications })}</span></p>
            <p>{letter.reason}</p>
          </li>
        ))}
        {channel.dead_letters.length === 0 && <li>{formatNumber(channel.dead)}</li>}
      </ul>
    </Dialog>
  );
}
