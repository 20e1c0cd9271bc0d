// One device: what is so now, what can be done, what was.

import { useMemo, useState } from "preact/hooks";
import { Control } from "../device/control";
import { DeviceChart } from "../device/charts";
import { CommandHistory } from "../device/history";
import { Identity, LedgerCard } from "../device/ledger";
import { Manage } from "../device/manage";
import { News, reasonText } from "../device/news";
import { LocalRules } from "../device/rules";
import { Sensor, useFollowed } from "../device/sensor";
import { useCapabilities } from "../device/caps";
import { isEnded, useOrder } from "../device/orders";
import { api } from "../lib/api";
import { deviceName } from "../lib/devices";
import { t } from "../lib/i18n";
import { useNews } from "../lib/live";
import { can } from "../lib/me";
import { link, useQuery, useRoute } from "../lib/routes";
import { useResource } from "../lib/resource";
import { formatSpan } from "../lib/time";
import { KIND, type Alarm, type Capabilities, type Device, type Page as ListPage } from "../lib/types";
import {
  Ago, Badge, Button, Card, CommandState, Empty, ErrorNote, Labels, LinkButton, Note, Page, Severity, Spinner, State, Tabs, useTick,
} from "../ui";

const BACK = () => ({ to: "/devices", label: t("nav.devices") });

export default function DevicePage() {
  const { parts } = useRoute();
  const address = Number(parts[1]);
  const known = useResource(Number.isInteger(address) && address > 0 ? `device ${address}` : null, () => api.get<Device>(`/devices/${address}`));
  const [removed, setRemoved] = useState(false);
  useNews(["presence", "device"], (item) => {
    if (item.address !== address) return;
    if (item.e === "device" && item.what === "removed") setRemoved(true);
    else if (item.e === "presence") {
      known.mutate((d) => ({ ...d, presence: item.presence, connected: item.presence.state === "online" }));
    } else known.reload();
  });
  const gone = removed || known.error?.status === 404 || !(Number.isInteger(address) && address > 0);
  if (gone) {
    return (
      <Page title={t("device.gone")} back={BACK()}>
        <Empty icon="search" title={t("device.gone")} hint={t("device.gone_hint")} action={<LinkButton href={link("/devices")}>{t("nav.devices")}</LinkButton>} />
      </Page>
    );
  }
  if (!known.data) {
    return (
      <Page title={t("ui.unknown_device", { address: String(address) })} back={BACK()}>
        {known.error ? <ErrorNote error={known.error} retry={known.reload} /> : <Spinner />}
      </Page>
    );
  }
  return <Shown device={known.data} reload={known.reload} />;
}

type TabName = "commands" | "rules" | "news" | "about";

function Shown({ device, reload }: { device: Device; reload: () => void }) {
  const caps = useCapabilities(device.address);
  const [query, setQuery] = useQuery();
  const may = can("operate", device.group);
  const tab = (["commands", "rules", "news", "about"].find((x) => x === query.get("tab")) ?? "commands") as TabName;
  const changed = () => {
    reload();
    caps.reload();
  };
  return (
    <Page
      title={deviceName(device)} back={BACK()}
      subtitle={(
        <span class="row">
          <State state={device.presence.state} disabled={device.disabled} />
          <Since device={device} />
          <a href={link(`/devices?group=${encodeURIComponent(device.group)}`)}>{device.group}</a>
          <span class="mono small">{device.type}/{device.id}</span>
          <Labels labels={device.labels} />
          {device.weak && <Badge tone="warn" icon="weak">{t("devices.weak")}</Badge>}
        </span>
      )}
      actions={(
        <>
          {may && <Identify device={device} />}
          {can("manage", device.group) && <Manage device={device} caps={caps.data} onChanged={changed} />}
        </>
      )}
    >
      <Notes device={device} may={may} />
      {caps.error && <ErrorNote error={caps.error} retry={caps.reload} />}
      {!caps.data && !caps.error && <Spinner />}
      {caps.data && <Now device={device} caps={caps.data} given={caps.given} may={may} />}
      <Tabs<TabName>
        label={t("device.more")} value={tab} onChange={(id) => setQuery((q) => q.set("tab", id))}
        tabs={(["commands", "rules", "news", "about"] as const).map((id) => ({ id, label: t(`device.tab_${id}`) }))}
      >
        {tab === "commands" && <CommandHistory address={device.address} may={may} />}
        {tab === "rules" && <Card flush><LocalRules address={device.address} may={may} /></Card>}
        {tab === "news" && <Card flush><News device={device.address} /></Card>}
        {tab === "about" && <div class="about"><Identity device={device} /><LedgerCard ledger={device.ledger} /></div>}
      </Tabs>
    </Page>
  );
}

function Since({ device }: { device: Device }) {
  const now = useTick();
  const { state, since_ms, reason } = device.presence;
  if (state === "never_seen" || since_ms === null) return null;
  return <span class="muted small">{t("device.for", { span: formatSpan(Math.max(1_000, Math.floor((now - since_ms) / 1_000) * 1_000)) })}{state === "offline" && reason && ` (${reasonText(reason)})`}</span>;
}

/** What has to be known before anything is done. */
function Notes({ device, may }: { device: Device; may: boolean }) {
  const alarms = useResource(`alarms of ${device.address}`, () => api.get<ListPage<Alarm>>("/alarms", { device: device.address, open: true, limit: 10 }));
  useNews(["alarm"], (item) => {
    if (item.alarm.address === device.address) alarms.reload();
  });
  const open = alarms.data?.items ?? [];
  return (
    <>
      {open.length > 0 && (
        <ul class="device-alarms" aria-label={t("nav.alarms")}>
          {open.map((alarm) => (
            <li key={alarm.id} class={`device-alarm is-${alarm.severity}`}>
              <Severity severity={alarm.severity} />
              <a class="strong grow" href={link(`/alarms/${alarm.id}`)}>{alarm.name}</a>
              {alarm.sensor && <span class="small">{alarm.sensor} {alarm.last_value}</span>}
              {alarm.state === "acknowledged" && <Badge icon="check">{t("overview.acknowledged")}</Badge>}
              <span class="muted small"><Ago ms={alarm.raised_ms} /></span>
            </li>
          ))}
        </ul>
      )}
      {device.disabled && <Note tone="warn" icon="power">{t("device.disabled_note")}</Note>}
      {device.weak && <Note tone="warn" icon="weak"><span class="strong">{t("device.weak_title")}</span> {t("device.weak_why")}</Note>}
      {!device.disabled && device.presence.state === "never_seen" && <Note icon="info">{t("device.never_note", { type: String(device.type), id: device.id })}</Note>}
      {!device.disabled && device.presence.state === "offline" && may && <Note icon="wait">{t("device.offline_note")}</Note>}
    </>
  );
}

/** BLINK: which one is it? */
function Identify({ device }: { device: Device }) {
  const [asked, follow] = useFollowed();
  const { busy, give, refused } = useOrder(device.address, follow);
  return (
    <span class="row-tight">
      {asked && <CommandState state={asked.state} />}
      {refused && <span class="small" role="alert">{refused}</span>}
      <Button
        icon="light" busy={busy || (asked !== null && !isEnded(asked))} disabled={device.disabled} title={t("device.identify_hint")}
        onClick={() => void give(KIND.BLINK, [])}
      >
        {t("device.identify")}
      </Button>
    </span>
  );
}

/** So many lines can be told apart. */
const MOST_LINES = 6;

function Now({ device, caps, given, may }: { device: Device; caps: Capabilities; given: ReturnType<typeof useCapabilities>["given"]; may: boolean }) {
  const [query, setQuery] = useQuery();
  const named = query.getAll("s");
  const all = useMemo(() => [
    ...caps.sensors.map((s) => ({ name: s.name, unit: s.unit, numeric: typeof s.last?.value === "number" })),
    ...caps.actuators.filter((a) => a.reported).map((a) => ({ name: a.name, unit: "", numeric: typeof a.reported?.value === "number" })),
  ], [caps]);
  // Until somebody chooses: the first that draws a line.
  const first = all.find((s) => s.numeric) ?? all.find((s) => s.name !== "event");
  const chosen = query.has("s") ? all.filter((s) => named.includes(s.name)) : first ? [first] : [];
  const toggle = (name: string) => {
    const names = chosen.map((s) => s.name);
    const next = names.includes(name) ? names.filter((n) => n !== name) : [...names, name].slice(-MOST_LINES);
    setQuery((q) => {
      q.delete("s");
      for (const n of next.length ? next : [""]) q.append("s", n);
    });
  };
  const nothing = !caps.sensors.length && !caps.actuators.length;
  if (nothing) {
    return <Card><Empty icon="gauge" title={t("device.nothing")} hint={t(!can("manage", device.group) ? "device.nothing_viewer" : device.presence.state === "never_seen" ? "device.nothing_never" : "device.nothing_hint")} /></Card>;
  }
  return (
    <div class="now">
      <div class="stack">
        {caps.actuators.length > 0 && (
          <Card title={t("device.controls")} flush>
            {!may && <p class="card-hint muted small">{t("device.may_not")}</p>}
            <ul class="controls">
              {caps.actuators.map((a) => <Control key={a.name} address={device.address} actuator={a} may={may && !device.disabled} given={given} />)}
            </ul>
          </Card>
        )}
        {caps.sensors.length > 0 && (
          <Card title={t("device.sensors")} flush>
            <ul class="sensors">
              {caps.sensors.map((s) => (
                <Sensor
                  key={s.name} address={device.address} sensor={s} may={may && !device.disabled} period={caps.events.find((e) => e.sensor === s.name)}
                  charted={chosen.some((c) => c.name === s.name)} onChart={() => toggle(s.name)}
                />
              ))}
            </ul>
          </Card>
        )}
      </div>
      <DeviceChart address={device.address} shown={chosen.map(({ name, unit }) => ({ name, unit }))} has={all.length > 0} />
    </div>
  );
}
