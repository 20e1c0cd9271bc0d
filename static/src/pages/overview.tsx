// The hub at a glance: what is online, what is wrong, what just happened.

import { News } from "../device/news";
import { formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { can } from "../lib/me";
import { readOverview, useOverview } from "../lib/overview";
import { link } from "../lib/routes";
import { zoneName } from "../lib/time";
import type { Alarm, Overview } from "../lib/types";
import {
  Ago, Badge, Card, DeviceLink, Empty, ErrorNote, Icon, LinkButton, Page, Severity, Spinner, type IconName,
} from "../ui";

export default function OverviewPage() {
  const { data, error } = useOverview();
  return (
    <Page title={t("nav.overview")} subtitle={<span class="small">{t("app.zone", { zone: zoneName() })}</span>}>
      {error && !(data && error.status === 0) && <ErrorNote error={error} retry={readOverview} />}
      {!data ? !error && <Spinner /> : <Shown data={data} />}
    </Page>
  );
}

function Shown({ data }: { data: Overview }) {
  if (!data.devices.total) return <NoDevices />;
  return (
    <>
      <Tiles data={data} />
      <div class="overview-columns">
        <div class="stack">
          <Wrong alarms={data.alarms.items} open={data.alarms.open} />
          <Groups groups={data.groups} />
        </div>
        <Card title={t("news.title")} flush testid="news"><News /></Card>
      </div>
    </>
  );
}

function NoDevices() {
  const may = can("manage");
  return (
    <Card>
      <Empty
        icon="devices" title={t("overview.no_devices")} hint={may ? t("overview.no_devices_hint") : t("overview.no_devices_viewer")}
        action={may && <LinkButton kind="primary" icon="plus" href={link("/devices?add=1")}>{t("devices.add")}</LinkButton>}
      />
    </Card>
  );
}

function Tile({ icon, label, value, hint, to, tone, children }: {
  icon: IconName; label: string; value: string; hint?: string; to: string; tone?: "ok" | "bad" | "warn" | "info"; children?: preact.ComponentChildren;
}) {
  return (
    <a class={`tile ${tone ? `is-${tone}` : ""}`} href={link(to)}>
      <span class="tile-label"><Icon name={icon} size={16} />{label}</span>
      <span class="tile-value" data-live>{value}</span>
      {children}
      {hint && <span class="tile-hint">{hint}</span>}
    </a>
  );
}

function Tiles({ data }: { data: Overview }) {
  const { devices, alarms, commands } = data;
  return (
    <div class="tiles">
      <Tile
        icon="devices" label={t("overview.online")} value={formatNumber(devices.online)} to="/devices?state=online" tone="ok"
        hint={t("overview.of", { total: devices.total })}
      >
        <Share part={devices.online} whole={devices.total} />
      </Tile>
      <Tile
        icon="power" label={t("overview.offline")} value={formatNumber(devices.offline)} to="/devices?state=offline" tone={devices.offline ? "bad" : undefined}
        hint={devices.never_seen ? t("overview.never_seen", { n: devices.never_seen }) : t("overview.all_seen")}
      />
      <Tile
        icon="alarms" label={t("overview.alarms")} value={formatNumber(alarms.open)} to="/alarms" tone={alarms.unacknowledged ? "bad" : alarms.open ? "warn" : undefined}
        hint={alarms.open ? t("overview.unacknowledged", { n: alarms.unacknowledged }) : t("overview.no_alarms")}
      />
      <Tile
        icon="send" label={t("overview.commands")} value={formatNumber(commands.open)} to="/console" tone={commands.open ? "info" : undefined}
        hint={commands.open ? t("overview.commands_hint") : t("overview.no_commands")}
      />
      {devices.weak > 0 && (
        <Tile icon="weak" label={t("overview.weak")} value={formatNumber(devices.weak)} to="/devices?state=weak" tone="warn" hint={t("overview.weak_hint")} />
      )}
    </div>
  );
}

function Share({ part, whole }: { part: number; whole: number }) {
  return <span class="part-bar" aria-hidden="true"><span style={{ width: `${whole ? (100 * part) / whole : 0}%` }} /></span>;
}

/** The rest stands on the page of alarms. */
const MOST_WRONG = 12;

function Wrong({ alarms, open }: { alarms: Alarm[]; open: number }) {
  return (
    <Card
      title={t("overview.wrong")} flush testid="wrong"
      actions={open > 0 && <a href={link("/alarms")} class="small">{t("overview.all_alarms", { n: open })}</a>}
    >
      {!alarms.length
        ? <Empty icon="check" title={t("overview.nothing_wrong")} hint={t("overview.nothing_wrong_hint")} />
        : (
          <ul class="wrong">
            {alarms.slice(0, MOST_WRONG).map((alarm) => (
              <li key={alarm.id} class={`wrong-line is-${alarm.severity}`}>
                <Severity severity={alarm.severity} compact />
                <span class="grow">
                  <a class="strong" href={link(`/alarms/${alarm.id}`)}>{alarm.name}</a>
                  <span class="wrong-where muted small"><DeviceLink address={alarm.address} />{alarm.sensor && <> · {alarm.sensor} {alarm.last_value}</>}</span>
                </span>
                <span class="wrong-when small">
                  {alarm.shelved_until_ms ? <Badge icon="pause">{t("overview.shelved")}</Badge> : alarm.state === "acknowledged" && <Badge icon="check">{t("overview.acknowledged")}</Badge>}
                  <span class="muted"><Ago ms={alarm.raised_ms} /></span>
                </span>
              </li>
            ))}
          </ul>
        )}
    </Card>
  );
}

/** So many groups have room; the rest stand on their own page. */
const MOST_GROUPS = 12;

function Groups({ groups }: { groups: Overview["groups"] }) {
  if (groups.length < 2) return null;
  // Those with something wrong first.
  const shown = [...groups].sort((a, b) => b.open_alarms - a.open_alarms || a.name.localeCompare(b.name)).slice(0, MOST_GROUPS);
  return (
    <Card title={t("nav.groups")} flush actions={<a class="small" href={link("/groups")}>{t("overview.all_groups", { n: groups.length })}</a>}>
      <ul class="group-lines">
        {shown.map((group) => (
          <li key={group.name} class="group-line">
            <a class="truncate" href={link(`/devices?group=${encodeURIComponent(group.name)}`)}>{group.name}</a>
            <span class="group-alarms">{group.open_alarms > 0 && group.worst && <><Severity severity={group.worst} compact /> {formatNumber(group.open_alarms)}</>}</span>
            <span class="muted small nowrap" data-live>{t("overview.online_of", { online: group.online, total: group.devices })}</span>
            <Share part={group.online} whole={group.devices} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
