/** Schedules in words. */
import { formatNumber } from "../lib/format";
import { hasText, t, td } from "../lib/i18n";
import { link } from "../lib/routes";
import { formatDateTime, formatSpan, zoneName } from "../lib/time";
import { KIND, type NextRun, type Outcome, type Schedule, type ScheduleAct } from "../lib/types";
import { Badge, DeviceLink, Labels, type IconName, type Tone } from "../ui";
import { cronText } from "./cron";

/** When it runs. */
export function timingText(schedule: Pick<Schedule, "cron" | "at_ms" | "every_ms">): string {
  if (schedule.cron !== null) return cronText(schedule.cron);
  if (schedule.every_ms !== null) return t("schedules.says.every", { span: formatSpan(schedule.every_ms) });
  return schedule.at_ms === null ? "" : t("schedules.says.once", { at: formatDateTime(schedule.at_ms) });
}

/** The types that may be ordered, by the names of the protocol. */
export const ORDERS = [KIND.WRITE, KIND.READ, KIND.BLINK, KIND.CLOCK_SET, KIND.CLOCK_READ] as const;

export function typeName(type: number): string {
  return hasText(`schedules.type.${type}`) ? td(`schedules.type.${type}`) : t("schedules.type.other", { type: String(type) });
}

export function Target({ target }: { target: string }) {
  if (target === "*") return <>{t("schedules.target.all")}</>;
  if (target.startsWith("@")) return <Labels labels={[target.slice(1)]} />;
  return <DeviceLink address={Number(target)} />;
}

/** What it does, with links to whom. */
export function ActText({ act }: { act: ScheduleAct }) {
  if (act.kind === "rule") return <span>{t(act.enabled ? "schedules.does.enable" : "schedules.does.disable")} <a href={link(`/rules/${act.rule}`)}>{t("schedules.does.rule", { id: String(act.rule) })}</a></span>;
  if (act.kind === "event_period") {
    const what = act.period_ms > 0 ? t("schedules.does.period", { sensor: act.sensor, span: formatSpan(act.period_ms) }) : t("schedules.does.no_period", { sensor: act.sensor });
    return <span>{what} · <Target target={act.target} /></span>;
  }
  const fields = act.type === KIND.WRITE ? `${act.fields[0] ?? ""} = ${act.fields[1] ?? ""}` : act.fields.join(", ");
  return (
    <span>
      {typeName(act.type)}{fields && <> <strong>{fields}</strong></>} · <Target target={act.target} />
      {act.condition && <span class="muted"> · {t("schedules.does.if", { condition: act.condition })}</span>}
    </span>
  );
}

const OUTCOMES: Record<Outcome, [Tone, IconName]> = {
  running: ["info", "wait"], ordered: ["ok", "check"], done: ["ok", "check"], refused: ["bad", "close"], skipped: ["warn", "minus"],
};

export function OutcomeBadge({ outcome, detail }: { outcome: Outcome; detail?: string }) {
  const [tone, icon] = OUTCOMES[outcome];
  return <Badge tone={tone} icon={icon} title={detail}>{t(`schedules.outcome.${outcome}`)}</Badge>;
}

/** `2026-11-21T18:00:00+01:00` as somebody reads it: the day, the time, the offset. */
export function localParts(local: string): { day: string; time: string; offset: string } {
  const [, day = local, time = "", offset = ""] = /^(\d{4}-\d\d-\d\d)T([\d:.]+)(.*)$/.exec(local) ?? [];
  return { day, time: time.endsWith(":00") && time.length === 8 ? time.slice(0, 5) : time, offset };
}

/** What a change of the clocks does, in the page's language; what the hub says otherwise is shown as it is. */
export function noteText(note: string): string {
  const forms: [RegExp, string][] = [
    [/^clocks go forward: for (?<at>.+), which does not exist that day$/, "schedules.note.later"],
    [/^clocks go forward: no run for (?<at>.+), which does not exist$/, "schedules.note.skipped"],
    [/^clocks go back: the first of two (?<at>.+)$/, "schedules.note.first"],
    [/^clocks go back: the second of two (?<at>.+)$/, "schedules.note.second"],
  ];
  for (const [form, key] of forms) {
    const at = form.exec(note)?.groups?.at;
    if (at !== undefined) return td(key, { at: at.replace("T", " ") });
  }
  return note;
}

/** Runs that are shown, and so many that are asked for: what a change of the clocks does to a daily one lies within a year. */
const SHOWN = 10;
const MOST_NOTED = 4;
export const LOOKED_AT = 400;

/** The next ones, and of those after them the ones that a change of the clocks touches. */
export function NextRuns({ items, zone }: { items: NextRun[]; zone: string }) {
  const noted = items.slice(SHOWN).filter((run) => run.note !== "").slice(0, MOST_NOTED);
  return (
    <>
      <RunList items={items.slice(0, SHOWN)} zone={zone} />
      {noted.length > 0 && <><p class="small muted next-later">{t("schedules.later")}</p><RunList items={noted} zone={zone} /></>}
    </>
  );
}

function RunList({ items, zone }: { items: NextRun[]; zone: string }) {
  const elsewhere = zone !== zoneName();
  return (
    <ol class="next-runs">
      {items.map((run) => {
        const { day, time, offset } = localParts(run.local);
        return (
          <li key={`${run.due_ms} ${run.runs}`} class={run.runs ? "" : "is-left-out"}>
            <span class="next-time"><span class="next-day">{weekdayOf(day)} {day}</span> <strong>{time}</strong> <span class="small muted">{offset}</span></span>
            {elsewhere && run.runs && <span class="small muted">{t("schedules.yours", { at: formatDateTime(run.due_ms) })}</span>}
            {run.note && <span class="next-note"><Badge tone={run.runs ? "info" : "warn"} icon={run.runs ? "info" : "minus"}>{noteText(run.note)}</Badge></span>}
          </li>
        );
      })}
    </ol>
  );
}

function weekdayOf(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? "" : new Intl.DateTimeFormat(document.documentElement.lang || "en", { weekday: "short", timeZone: "UTC" }).format(at);
}

/** How the commands of a run stand. */
export function CommandStates({ commands, states }: { commands: number; states: Partial<Record<string, number>> }) {
  if (commands === 0) return <span class="muted">–</span>;
  const known = Object.entries(states).filter(([, count]) => (count ?? 0) > 0);
  return (
    <span class="alarm-marks">
      {known.length === 0 && <span>{t("schedules.commands", { n: commands })}</span>}
      {known.map(([state, count]) => <Badge key={state} tone={state === "succeeded" ? "ok" : state === "rejected" ? "bad" : "neutral"}>{formatNumber(count ?? 0, 0)} {td(`command.${state}`)}</Badge>)}
    </span>
  );
}
