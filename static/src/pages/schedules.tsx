/** All schedules: what they do, when next, and how the last run went. */
import { useMemo, useState } from "preact/hooks";
import { usePaged } from "../alarms/paged";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { useKeys } from "../lib/keys";
import { useNewsBatch } from "../lib/live";
import { can } from "../lib/me";
import { go, link, useQuery } from "../lib/routes";
import { zoneName } from "../lib/time";
import type { Schedule } from "../lib/types";
import { useDue } from "../schedules/due";
import { PauseSwitch } from "../schedules/pause";
import { removeSchedule } from "../schedules/remove";
import { ActText, localParts, OutcomeBadge, timingText } from "../schedules/words";
import { Ago, Button, Card, Empty, ErrorNote, GroupSelect, LinkButton, Menu, Page, SearchInput, Spinner, Table, Time, type Column } from "../ui";

const AT_ONCE = 1_000;
/** When so many changed at once the list is read anew. */
const MANY = 5;

export default function Schedules() {
  const [query, setQuery] = useQuery();
  const group = query.get("group") ?? "";
  const [search, setSearch] = useState("");
  const list = usePaged<Schedule>("/schedules", { group }, AT_ONCE);
  const refresh = async (ids: number[]) => {
    const known = new Set((list.items ?? []).map((schedule) => schedule.id));
    if (ids.length > MANY || ids.some((id) => !known.has(id))) return list.reload();
    for (const id of ids) {
      const schedule = await api.get<Schedule>(`/schedules/${id}`).catch(() => null);
      list.mutate((before) => (schedule ? before.map((one) => (one.id === id ? schedule : one)) : before.filter((one) => one.id !== id)));
    }
  };
  useNewsBatch(["schedule"], (items) => void refresh(items.map((item) => item.id)));
  useDue(list.items, (ids) => void refresh(ids));
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = useMemo(() => (list.items ?? []).filter((schedule) => {
    const text = `${schedule.name} ${schedule.group} ${timingText(schedule)} ${JSON.stringify(schedule.act)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  }), [list.items, search]);
  const changed = (schedule: Schedule) => list.mutate((before) => before.map((one) => (one.id === schedule.id ? { ...schedule, last_run: schedule.last_run ?? one.last_run } : one)));
  const removed = (schedule: Schedule) => list.mutate((before) => before.filter((one) => one.id !== schedule.id));
  useKeys(can("operate") ? { n: { label: t("schedules.new"), run: () => go("/schedules/new") } } : {});
  const add = can("operate") && <LinkButton kind="primary" icon="plus" href={link(`/schedules/new${group ? `?group=${encodeURIComponent(group)}` : ""}`)}>{t("schedules.new")}</LinkButton>;
  return (
    <Page title={t("schedules.title")} actions={add}>
      <div class="stack">
        <div class="filter-bar">
          <SearchInput label={t("schedules.search")} value={search} onInput={setSearch} />
          <GroupSelect all label={t("ui.group")} value={group} onInput={(value) => setQuery((q) => (value ? q.set("group", value) : q.delete("group")))} />
        </div>
        {list.error && <ErrorNote error={list.error} retry={list.reload} />}
        {!list.items && list.loading && <Spinner />}
        {list.items && rows.length === 0 && (search
          ? <Empty icon="search" title={t("schedules.none.search")} action={<Button onClick={() => setSearch("")}>{t("ui.clear_search")}</Button>} />
          : <Empty icon="schedules" title={t("schedules.none")} hint={t("schedules.none.hint")} action={add} />)}
        {rows.length > 0 && <Card flush><Table caption={t("schedules.title")} rows={rows} keyOf={(schedule) => schedule.id} columns={columns(changed, removed)} rowClass={(schedule) => (schedule.paused ? "is-paused" : "")} /></Card>}
        {list.hasMore && <div class="row more-row"><Button busy={list.loading} onClick={list.more}>{t("ui.load_more")}</Button></div>}
      </div>
    </Page>
  );
}

function NextRun({ schedule }: { schedule: Schedule }) {
  if (schedule.paused) return <span class="muted">{t("schedules.paused")}</span>;
  if (schedule.next_ms === null) return <span class="muted">{t("schedules.no_next")}</span>;
  const { day, time } = localParts(schedule.next_local);
  return (
    <span class="alarm-name">
      <span><Ago ms={schedule.next_ms} /> <span class="muted small">(<Time ms={schedule.next_ms} />)</span></span>
      {schedule.zone !== zoneName() && schedule.next_local && <span class="small muted">{day} {time} {schedule.zone}</span>}
    </span>
  );
}

function columns(changed: (schedule: Schedule) => void, removed: (schedule: Schedule) => void): Column<Schedule>[] {
  return [
    {
      id: "name", title: t("rules.name"),
      render: (schedule) => <div class="alarm-name"><a class="strong" href={link(`/schedules/${schedule.id}`)}>{schedule.name}</a><span class="small muted">{timingText(schedule)} · {schedule.group}</span></div>,
    },
    { id: "act", title: t("schedules.does"), render: (schedule) => <ActText act={schedule.act} /> },
    { id: "next", title: t("schedules.next"), render: (schedule) => <NextRun schedule={schedule} /> },
    {
      id: "last", title: t("schedules.last"),
      render: (schedule) => schedule.last_run
        ? <span class="alarm-name last-run"><OutcomeBadge outcome={schedule.last_run.outcome} detail={schedule.last_run.detail} /><span class="small muted"><Ago ms={schedule.last_run.begun_ms} /></span></span>
        : <span class="muted">{t("schedules.never")}</span>,
    },
    { id: "active", title: t("schedules.active"), tight: true, render: (schedule) => <PauseSwitch schedule={schedule} changed={changed} /> },
    {
      id: "more", title: t("alarms.actions"), hideTitle: true, tight: true,
      render: (schedule) => can("operate", schedule.group) && (
        <Menu small label={t("alarms.more", { name: schedule.name })} items={[
          { label: t("rules.edit"), icon: "edit", onClick: () => go(`/schedules/new?replace=${schedule.id}`) },
          { label: t("schedules.copy"), icon: "copy", onClick: () => go(`/schedules/new?copy=${schedule.id}`) },
          { label: t("rules.remove"), icon: "trash", danger: true, onClick: () => void removeSchedule(schedule).then((gone) => { if (gone) removed(schedule); }) },
        ]} />
      ),
    },
  ];
}
