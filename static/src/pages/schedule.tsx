/** One schedule: its next runs and its history; or a new one. */
import { useMemo, useState } from "preact/hooks";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { useNews } from "../lib/live";
import { can, useMe } from "../lib/me";
import { useResource } from "../lib/resource";
import { go, link, useRoute } from "../lib/routes";
import { formatSpan } from "../lib/time";
import type { NextRun, Run, Schedule } from "../lib/types";
import { draftOf, newDraft, type Draft } from "../schedules/draft";
import { useDue } from "../schedules/due";
import { ScheduleForm } from "../schedules/form";
import { PauseSwitch } from "../schedules/pause";
import { removeSchedule } from "../schedules/remove";
import { ActText, CommandStates, LOOKED_AT, NextRuns, OutcomeBadge, timingText } from "../schedules/words";
import { Badge, Button, Card, ErrorNote, Facts, LinkButton, Menu, Page, Spinner, Table, Time, type Column } from "../ui";

const BACK = () => ({ to: "/schedules", label: t("schedules.title") });
const FIRST_RUNS = 50;
const MORE_RUNS = 500;

export default function SchedulePage() {
  const { parts } = useRoute();
  return parts[1] === "new" ? <NewSchedulePage /> : <StoredSchedule id={Number(parts[1])} key={parts[1]} />;
}

/** Empty, or from another schedule (`copy`, `replace`), or for a device (`device`). */
function NewSchedulePage() {
  const { query } = useRoute();
  const { groups } = useMe();
  const replaces = Number(query.get("replace")) || null;
  const from = replaces ?? (Number(query.get("copy")) || null);
  const source = useResource(from === null ? null : `schedule ${from}`, () => api.get<Schedule>(`/schedules/${from}`));
  const device = Number(query.get("device")) || null;
  const owner = useResource(device === null ? null : `device ${device}`, () => api.get<{ group: string }>(`/devices/${device}`));
  const initial = useMemo<Draft | null>(() => {
    if (from !== null) {
      if (!source.data) return null;
      const draft = draftOf(source.data);
      return replaces ? draft : { ...draft, name: `${draft.name} 2`.slice(0, 128) };
    }
    if (device !== null && !owner.data) return null;
    const group = owner.data?.group ?? query.get("group") ?? (groups.length === 1 ? groups[0] ?? "" : "");
    return { ...newDraft(group), address: device };
  }, [source.data, owner.data]);
  const error = source.error ?? owner.error;
  return (
    <Page title={t(replaces ? "schedules.change" : "schedules.new")} back={BACK()}>
      {error ? <ErrorNote error={error} /> : initial ? <ScheduleForm initial={initial} replaces={replaces ? source.data : undefined} /> : <Spinner />}
    </Page>
  );
}

function StoredSchedule({ id }: { id: number }) {
  const [limit, setLimit] = useState(FIRST_RUNS);
  const schedule = useResource(`schedule ${id}`, () => api.get<Schedule>(`/schedules/${id}`));
  const next = useResource(`schedule next ${id}`, () => api.get<{ items: NextRun[] }>(`/schedules/${id}/preview`, { count: LOOKED_AT }));
  const runs = useResource(`schedule runs ${id} ${limit}`, () => api.get<{ items: Run[] }>(`/schedules/${id}/runs`, { limit }));
  const reload = () => [schedule, next, runs].forEach((one) => one.reload());
  useNews(["schedule"], (item) => {
    if (item.id === id) reload();
  });
  const { data, error } = schedule;
  useDue(data && [data], reload);
  if (!data) return <Page title={t("schedules.schedule")} back={BACK()}>{error ? <ErrorNote error={error} retry={reload} /> : <Spinner />}</Page>;
  const changed = (after: Schedule) => {
    schedule.mutate((before) => ({ ...after, last_run: after.last_run ?? before.last_run }));
    next.reload();
  };
  return (
    <Page
      title={data.name} back={BACK()}
      subtitle={<span class="row"><span>{timingText(data)}</span>{data.paused && <Badge tone="warn" icon="pause">{t("schedules.paused")}</Badge>}</span>}
      actions={can("operate", data.group) && (
        <>
          <LinkButton icon="edit" href={link(`/schedules/new?replace=${id}`)}>{t("rules.edit")}</LinkButton>
          <Menu items={[
            { label: t("schedules.copy"), icon: "copy", onClick: () => go(`/schedules/new?copy=${id}`) },
            { label: t("rules.remove"), icon: "trash", danger: true, onClick: () => void removeSchedule(data).then((gone) => { if (gone) go("/schedules", { replace: true }); }) },
          ]} />
        </>
      )}
    >
      <div class="stack">
        {error && <ErrorNote error={error} retry={reload} />}
        <div class="alarm-grid">
          <Card title={t("alarms.facts")}><ScheduleFacts schedule={data} changed={changed} /></Card>
          <Card title={t("schedules.next_runs")}>
            {data.paused && <p class="muted">{t("schedules.paused.hint")}</p>}
            {!data.paused && next.error && <ErrorNote error={next.error} retry={next.reload} />}
            {!data.paused && next.data && (next.data.items.length > 0 ? <NextRuns items={next.data.items} zone={data.zone} /> : <p class="muted">{t("schedules.no_next")}</p>)}
          </Card>
        </div>
        <Card title={t("schedules.history")} flush>
          {runs.error && <ErrorNote error={runs.error} retry={runs.reload} />}
          {runs.data && runs.data.items.length === 0 && <p class="muted card-text">{t("schedules.history.none")}</p>}
          {runs.data && runs.data.items.length > 0 && <Table caption={t("schedules.history")} rows={runs.data.items} keyOf={(run) => run.due_ms} columns={runColumns()} />}
        </Card>
        {runs.data?.items.length === FIRST_RUNS && limit === FIRST_RUNS && <div class="row more-row"><Button busy={runs.loading} onClick={() => setLimit(MORE_RUNS)}>{t("ui.load_more")}</Button></div>}
      </div>
    </Page>
  );
}

function ScheduleFacts({ schedule, changed }: { schedule: Schedule; changed: (schedule: Schedule) => void }) {
  return (
    <Facts items={[
      [t("schedules.active"), <PauseSwitch schedule={schedule} changed={changed} />],
      [t("schedules.does"), <ActText act={schedule.act} />],
      [t("ui.group"), schedule.group],
      [t("schedules.zone"), schedule.zone],
      schedule.cron !== null && [t("schedules.pattern"), <code>{schedule.cron}</code>],
      schedule.from_ms !== null && [t("schedules.from"), <Time ms={schedule.from_ms} full />],
      schedule.until_ms !== null && [t("schedules.until"), <Time ms={schedule.until_ms} full />],
      schedule.cron !== null && [t("schedules.skipped"), t(`schedules.skipped.${schedule.skipped}`)],
      schedule.cron !== null && [t("schedules.repeated"), t(`schedules.repeated.${schedule.repeated}`)],
      [t("schedules.missed"), t(`schedules.missed.${schedule.missed}`)],
      schedule.jitter_ms > 0 && [t("schedules.jitter"), formatSpan(schedule.jitter_ms)],
      [t("rules.created"), <Time ms={schedule.created_ms} full />],
    ]} />
  );
}

function runColumns(): Column<Run>[] {
  return [
    { id: "due", title: t("schedules.due"), render: (run) => <Time ms={run.due_ms} full /> },
    { id: "outcome", title: t("schedules.outcome"), tight: true, render: (run) => <OutcomeBadge outcome={run.outcome} /> },
    { id: "late", title: t("schedules.begun"), tight: true, render: (run) => <span class="muted">+{formatSpan(Math.max(0, run.begun_ms - run.due_ms))}</span> },
    { id: "commands", title: t("schedules.commands.title"), render: (run) => <CommandStates commands={run.commands} states={run.states} /> },
    { id: "detail", title: t("schedules.detail"), render: (run) => run.detail || <span class="muted">–</span> },
  ];
}
