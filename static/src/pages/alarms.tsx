/** Alarms that are open, and those that were. */
import { useMemo, useState } from "preact/hooks";
import { AlarmButtons, AlarmDialog, type Asked } from "../alarms/actions";
import { AlarmMarks, isShelved } from "../alarms/marks";
import { usePaged } from "../alarms/paged";
import { valueText } from "../alarms/words";
import { t } from "../lib/i18n";
import { useNewsBatch } from "../lib/live";
import { can } from "../lib/me";
import { link, useQuery } from "../lib/routes";
import { formatSpan } from "../lib/time";
import type { Alarm, Severity as SeverityName } from "../lib/types";
import {
  Ago, Button, Card, DeviceLink, DevicePicker, Empty, ErrorNote, GroupSelect, LinkButton, Page, Select, Severity, Spinner, Table, Tabs, Time, type Column,
} from "../ui";

/** A list that news make longer is cut: nobody reads that far. */
const MOST_ROWS = 2_000;
const STATES = ["open", "raised", "acknowledged", "cleared"] as const;
type StateFilter = (typeof STATES)[number];
const SEVERITIES: SeverityName[] = ["critical", "major", "minor", "warning"];

interface Filter {
  state: StateFilter;
  severity: SeverityName | "";
  group: string;
  device: number | null;
}

function readFilter(query: URLSearchParams): Filter {
  const state = STATES.find((one) => one === query.get("state")) ?? "open";
  const device = Number(query.get("device"));
  return {
    state,
    severity: SEVERITIES.find((one) => one === query.get("severity")) ?? "",
    group: query.get("group") ?? "",
    device: Number.isInteger(device) && device > 0 ? device : null,
  };
}

function fits(alarm: Alarm, filter: Filter): boolean {
  if (filter.state === "open" ? alarm.state === "cleared" : alarm.state !== filter.state) return false;
  return (filter.severity === "" || alarm.severity === filter.severity)
    && (filter.group === "" || alarm.group === filter.group)
    && (filter.device === null || alarm.address === filter.device);
}

/** What news say, in the order of the list: the newest first. */
function merged(before: Alarm[], news: Alarm[], filter: Filter): Alarm[] {
  const newest = new Map(news.map((alarm) => [alarm.id, alarm]));
  const kept: Alarm[] = [];
  for (const alarm of before) {
    const now = newest.get(alarm.id);
    newest.delete(alarm.id);
    if (fits(now ?? alarm, filter)) kept.push(now ?? alarm);
  }
  const fresh = [...newest.values()].filter((alarm) => fits(alarm, filter)).sort((a, b) => b.id - a.id);
  return [...fresh, ...kept].slice(0, MOST_ROWS);
}

export default function Alarms() {
  const [query, setQuery] = useQuery();
  const text = query.toString();
  const filter = useMemo(() => readFilter(query), [text]);
  const [asked, setAsked] = useState<Asked | null>(null);
  const list = usePaged<Alarm>("/alarms", {
    group: filter.group, severity: filter.severity, device: filter.device,
    ...(filter.state === "open" ? { open: true } : { state: filter.state }),
  });
  useNewsBatch(["alarm"], (items) => {
    list.mutate((before) => merged(before, items.map((item) => item.alarm), filter));
  });
  const changed = (alarm: Alarm) => list.mutate((before) => merged(before, [alarm], filter));
  const set = (name: string, value: string) => setQuery((q) => (value === "" ? q.delete(name) : q.set(name, value)));
  const items = list.items ?? [];
  const unseen = items.filter((alarm) => alarm.acked_ms === null && can("operate", alarm.group));
  const filtered = filter.severity !== "" || filter.group !== "" || filter.device !== null;
  return (
    <Page
      title={t("alarms.title")}
      actions={<LinkButton icon="rules" href={link("/rules")}>{t("alarms.to_rules")}</LinkButton>}
    >
      <Tabs
        label={t("alarms.which")} value={filter.state} onChange={(state) => set("state", state === "open" ? "" : state)}
        tabs={STATES.map((id) => ({ id, label: t(`alarms.tab.${id}`) }))}
      >
        <div class="stack">
          <div class="filter-bar">
            <Select
              label={t("alarms.severity")} value={filter.severity} onInput={(value) => set("severity", value)}
              options={[{ value: "", label: t("alarms.severity.all") }, ...SEVERITIES.map((value) => ({ value: value as SeverityName | "", label: t(`severity.${value}`) }))]}
            />
            <GroupSelect all label={t("ui.group")} value={filter.group} onInput={(value) => set("group", value)} />
            <div class="filter-device"><DeviceFilter value={filter.device} group={filter.group} pick={(address) => set("device", address === null ? "" : String(address))} /></div>
            {unseen.length > 1 && <Button class="end" icon="check" onClick={() => setAsked({ act: "acknowledge", alarms: unseen })}>{t("alarms.acknowledge_all", { n: unseen.length })}</Button>}
          </div>
          {list.error && <ErrorNote error={list.error} retry={list.reload} />}
          {!list.items && list.loading && <Spinner />}
          {list.items && items.length === 0 && <None state={filter.state} filtered={filtered} clear={() => setQuery((q) => ["severity", "group", "device"].forEach((name) => q.delete(name)))} />}
          {items.length > 0 && (
            <Card flush>
              <Table caption={t("alarms.title")} rows={items} keyOf={(alarm) => alarm.id} columns={columns(setAsked, changed)} rowClass={(alarm) => `alarm-row is-${alarm.severity} ${isShelved(alarm) ? "is-shelved" : ""} is-${alarm.state}`} />
            </Card>
          )}
          {list.hasMore && <div class="row more-row"><Button busy={list.loading} onClick={list.more}>{t("ui.load_more")}</Button></div>}
        </div>
      </Tabs>
      {asked && <AlarmDialog asked={asked} close={() => setAsked(null)} changed={changed} />}
    </Page>
  );
}

/** The list of all devices is read only for whoever wants to choose one. */
function DeviceFilter({ value, group, pick }: { value: number | null; group: string; pick: (address: number | null) => void }) {
  const [open, setOpen] = useState(value !== null);
  if (!open) return <Button icon="filter" onClick={() => setOpen(true)}>{t("alarms.by_device")}</Button>;
  return <DevicePicker label={t("alarms.device")} value={value} group={group || undefined} onInput={pick} autofocus={value === null} />;
}

function None({ state, filtered, clear }: { state: StateFilter; filtered: boolean; clear: () => void }) {
  if (filtered) return <Empty icon="filter" title={t("alarms.none.filtered")} action={<Button onClick={clear}>{t("alarms.filter.clear")}</Button>} />;
  if (state === "open") {
    return <Empty icon="check" title={t("alarms.none.open")} hint={t("alarms.none.open.hint")} action={<LinkButton href={link("/rules")}>{t("alarms.to_rules")}</LinkButton>} />;
  }
  return <Empty icon="alarms" title={t("alarms.none.other")} />;
}

function columns(ask: (asked: Asked) => void, changed: (alarm: Alarm) => void): Column<Alarm>[] {
  return [
    { id: "severity", title: t("alarms.severity"), tight: true, render: (alarm) => <Severity severity={alarm.severity} /> },
    {
      id: "name", title: t("alarms.alarm"),
      render: (alarm) => <div class="alarm-name"><a class="strong" href={link(`/alarms/${alarm.id}`)}>{alarm.name}</a>{alarm.sensor && <span class="small muted">{alarm.sensor}</span>}</div>,
    },
    { id: "device", title: t("alarms.device"), render: (alarm) => <div class="alarm-name"><DeviceLink address={alarm.address} /><span class="small muted">{alarm.group}</span></div> },
    { id: "value", title: t("alarms.value"), num: true, tight: true, render: (alarm) => <span class="truncate alarm-value" data-live>{valueText(alarm.state === "cleared" ? alarm.raised_value : alarm.last_value || alarm.raised_value)}</span> },
    {
      id: "raised", title: t("alarms.raised"), tight: true,
      render: (alarm) => alarm.cleared_ms === null
        ? <Ago ms={alarm.raised_ms} />
        : <span class="alarm-name"><Time ms={alarm.raised_ms} /><span class="small muted">{t("alarms.lasted", { span: formatSpan(alarm.cleared_ms - alarm.raised_ms) })}</span></span>,
    },
    { id: "state", title: t("alarms.state"), render: (alarm) => <AlarmMarks alarm={alarm} /> },
    { id: "act", title: t("alarms.actions"), hideTitle: true, tight: true, render: (alarm) => <AlarmButtons small alarm={alarm} ask={ask} changed={changed} /> },
  ];
}
