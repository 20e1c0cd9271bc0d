/** One alarm: what it is of, what was done about it, and the readings around it. */
import { useMemo, useState } from "preact/hooks";
import { AlarmButtons, AlarmDialog, type Asked } from "../alarms/actions";
import { AlarmMarks, isShelved } from "../alarms/marks";
import { levelsOf } from "../alarms/levels";
import { reasonText, valueText } from "../alarms/words";
import { Chart, type Span } from "../chart";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { useNews } from "../lib/live";
import { useResource } from "../lib/resource";
import { link, useRoute } from "../lib/routes";
import { formatDateTime, formatSpan, hubNow } from "../lib/time";
import type { Alarm, AlarmEvent, Rule } from "../lib/types";
import { Ago, Card, DeviceLink, ErrorNote, Facts, Icon, Page, Severity, Spinner, Time, type IconName, useTick } from "../ui";

const AROUND_MS = 30 * 60_000;

export default function AlarmPage() {
  const id = Number(useRoute().parts[1]);
  const { data: alarm, error, reload, mutate } = useResource(`alarm ${id}`, () => api.get<Alarm>(`/alarms/${id}`));
  const rule = useResource(alarm?.rule ? `rule ${alarm.rule}` : null, () => api.get<Rule>(`/rules/${alarm?.rule}`));
  const [asked, setAsked] = useState<Asked | null>(null);
  useNews(["alarm"], (item) => {
    if (item.alarm.id === id) reload();
  });
  const back = { to: "/alarms", label: t("alarms.title") };
  if (!alarm) return <Page title={t("alarms.alarm")} back={back}>{error ? <ErrorNote error={error} retry={reload} /> : <Spinner />}</Page>;
  // The answer to an act has no history: it is read anew.
  const changed = (after: Alarm) => {
    mutate((before) => ({ ...after, events: before.events }));
    reload();
  };
  return (
    <Page
      title={alarm.name} back={back}
      subtitle={<span class="row"><Severity severity={alarm.severity} /><AlarmMarks alarm={alarm} /></span>}
      actions={<AlarmButtons alarm={alarm} ask={setAsked} changed={changed} />}
    >
      <div class="stack">
        {error && <ErrorNote error={error} retry={reload} />}
        <div class="alarm-grid">
          <Card title={t("alarms.facts")}><AlarmFacts alarm={alarm} /></Card>
          <Card title={t("alarms.history")}><History events={alarm.events ?? []} /></Card>
        </div>
        {alarm.sensor && <Around alarm={alarm} rule={rule.data} />}
      </div>
      {asked && <AlarmDialog asked={asked} close={() => setAsked(null)} changed={changed} />}
    </Page>
  );
}

function AlarmFacts({ alarm }: { alarm: Alarm }) {
  const found = alarm.by_hub && alarm.by_device ? "both" : alarm.by_device ? "device" : "hub";
  return (
    <Facts
      items={[
        [t("alarms.device"), <DeviceLink address={alarm.address} />],
        [t("ui.group"), alarm.group],
        alarm.sensor !== "" && [t("alarms.sensor"), alarm.sensor],
        [t("alarms.rule"), alarm.rule ? <a href={link(`/rules/${alarm.rule}`)}>{alarm.name}</a> : t("alarms.rule.none")],
        [t("alarms.found_by"), t(`alarms.found_by.${found}`)],
        [t("alarms.raised"), <><Time ms={alarm.raised_ms} full /> {alarm.raised_value !== "" && <span class="muted">({valueText(alarm.raised_value)})</span>}</>],
        [t("alarms.last"), <><span data-live>{valueText(alarm.last_value)}</span> <span class="muted">(<Ago ms={alarm.last_ms} />)</span></>],
        alarm.cleared_ms !== null && [t("alarms.cleared"), <><Time ms={alarm.cleared_ms} full /> <span class="muted">({reasonText(alarm)})</span></>],
        [t("alarms.duration"), <Duration alarm={alarm} />],
        alarm.times > 1 && [t("alarms.times"), String(alarm.times)],
        alarm.acked_ms !== null && [t("alarms.acknowledged_by"), <>{alarm.acked_by}, <Time ms={alarm.acked_ms} full /></>],
        alarm.note !== "" && [t("alarms.note"), alarm.note],
        isShelved(alarm) && [t("alarms.shelve.until"), <Time ms={alarm.shelved_until_ms} full />],
      ]}
    />
  );
}

/** Of one that is open it grows. */
function Duration({ alarm }: { alarm: Alarm }) {
  const now = useTick(alarm.cleared_ms === null);
  return <>{formatSpan(Math.max(0, (alarm.cleared_ms ?? now) - alarm.raised_ms))}</>;
}

const ICONS: Record<AlarmEvent["what"], IconName> = {
  raised: "alarms", cleared: "check", acknowledged: "eye", shelved: "pause", unshelved: "play", chattering: "bolt",
};

function whoText(by: string): string {
  return by === "hub" || by === "device" ? t(`alarms.found_by.${by}`) : by;
}

function History({ events }: { events: AlarmEvent[] }) {
  return (
    <ol class="timeline" tabIndex={0} aria-label={t("alarms.history")}>
      {events.map((event, i) => (
        <li key={i} class={`is-${event.what}`}>
          <Icon name={ICONS[event.what]} size={16} />
          <div>
            <p><strong>{t(`alarms.what.${event.what}`)}</strong> {event.value !== "" && <span class="muted">({valueText(event.value)})</span>}</p>
            {event.note !== "" && <p class="timeline-note">{event.note}</p>}
            <p class="small muted">{[formatDateTime(event.at_ms), whoText(event.by)].filter(Boolean).join(" · ")}</p>
          </div>
        </li>
      ))}
    </ol>
  );
}

function Around({ alarm, rule }: { alarm: Alarm; rule: Rule | undefined }) {
  const open = alarm.cleared_ms === null;
  const window_ = useMemo(() => {
    const end = alarm.cleared_ms ?? hubNow();
    const around = Math.max(AROUND_MS, (end - alarm.raised_ms) * 0.3);
    return { from_ms: alarm.raised_ms - around, to_ms: open ? end : Math.min(hubNow(), end + around) };
  }, [alarm.id, alarm.cleared_ms]);
  const spans = useMemo<Span[]>(() => [{ from_ms: alarm.raised_ms, to_ms: alarm.cleared_ms, label: alarm.name }], [alarm.raised_ms, alarm.cleared_ms]);
  const levels = useMemo(() => (rule ? levelsOf(rule.check) : []), [rule]);
  return (
    <Card title={t("alarms.readings")}>
      <Chart
        series={[{ address: alarm.address, sensor: alarm.sensor, ...(rule?.unit ? { unit: rule.unit } : {}) }]}
        {...window_} live={open} spans={spans} levels={levels} label={`${alarm.name}: ${alarm.sensor}`}
      />
    </Card>
  );
}
