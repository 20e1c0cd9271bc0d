/** Writes a schedule, with its next runs beside it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { SpanField } from "../alarms/span";
import { api, toApiError, type ApiError } from "../lib/api";
import { t } from "../lib/i18n";
import { can } from "../lib/me";
import { go } from "../lib/routes";
import type { NewSchedule, NewTiming, NextRun, Schedule } from "../lib/types";
import { Button, Card, Checkbox, Choice, ErrorNote, Field, GroupSelect, Note, Select, TextInput, toast } from "../ui";
import { ActFields } from "./actfields";
import { scheduleOf, timingOf, type Draft, type Wrong } from "./draft";
import { PlanField } from "./planfield";
import { LOOKED_AT, NextRuns } from "./words";
import { zones } from "./zones";

const SETTLE_MS = 350;
const NAME_CHARS = 128;

export function ScheduleForm({ initial, replaces }: { initial: Draft; replaces?: Schedule | undefined }) {
  const [draft, setDraft] = useState(initial);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const { schedule, wrong } = scheduleOf(draft);
  const shown: Wrong = tried ? { ...wrong, ...serverWrong(error) } : {};
  const save = async () => {
    setTried(true);
    setError(null);
    if (Object.keys(wrong).length > 0) {
      setTimeout(() => document.querySelector<HTMLElement>(".editor .has-error input, .editor .has-error select")?.focus(), 50);
      return;
    }
    setBusy(true);
    try {
      const made = replaces ? await replace(replaces, initial, schedule) : await api.post<Schedule>("/schedules", schedule);
      toast(t("schedules.saved", { name: made.name }));
      go(`/schedules/${made.id}`, { replace: true });
    } catch (problem) {
      setError(toApiError(problem));
      setBusy(false);
    }
  };
  return (
    <form class="editor" noValidate onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <div class="stack">
        {!mayWrite(draft.group) && <Note tone="warn">{t("editor.may_not")}</Note>}
        {replaces && <Note tone="warn">{t("schedules.replace.hint")}</Note>}
        <Card title={t("schedules.part.what")}>
          <div class="stack-tight">
            <div class="form-grid">
              <Field label={t("rules.name")} error={shown.name} required><TextInput value={draft.name} onInput={(name) => set({ name })} maxLength={NAME_CHARS} name="name" /></Field>
              <Field label={t("ui.group")} error={shown.group} required><GroupSelect value={draft.group} onInput={(group) => set({ group, address: null, rule: null })} /></Field>
            </div>
            <ActFields draft={draft} set={set} wrong={shown} />
          </div>
        </Card>
        <Card title={t("schedules.part.when")}><When draft={draft} set={set} wrong={shown} /></Card>
      </div>
      <div class="stack editor-side">
        <Card title={t("schedules.next_runs")}><Preview timing={timingOf(draft)} ready={Object.keys(timingWrong(draft)).length === 0} /></Card>
        {error && <ErrorNote error={error} title={t("schedules.refused")} />}
        <div class="row editor-actions">
          <Checkbox checked={draft.paused} onInput={(paused) => set({ paused })}>{t("schedules.paused_at_first")}</Checkbox>
          <Button class="end" onClick={() => history.back()}>{t("ui.cancel")}</Button>
          <Button type="submit" kind="primary" busy={busy} icon="check" disabled={!mayWrite(draft.group)} title={mayWrite(draft.group) ? undefined : t("editor.may_not")}>{t(replaces ? "schedules.replace" : "schedules.save")}</Button>
        </div>
      </div>
    </form>
  );
}

function timingWrong(draft: Draft): Wrong {
  const wrong: Wrong = {};
  timingOf(draft, wrong);
  return wrong;
}

/** The hub keeps no changed schedules: the old one goes, the new one comes; if it is refused, the old one comes back. */
async function replace(old: Schedule, before: Draft, next: NewSchedule): Promise<Schedule> {
  await api.del(`/schedules/${old.id}`);
  try {
    return await api.post<Schedule>("/schedules", next);
  } catch (problem) {
    await api.post("/schedules", scheduleOf(before).schedule);
    throw problem;
  }
}

function serverWrong(error: ApiError | null): Wrong {
  const wrong: Wrong = {};
  const said = (field: keyof Draft, ...pointers: string[]) => {
    const found = error?.errors?.find((one) => pointers.some((pointer) => one.pointer === pointer || one.pointer.startsWith(`${pointer}/`)));
    if (found) wrong[field] = found.detail;
  };
  said("name", "/name");
  said("group", "/group");
  said("plan", "/timing/cron");
  said("at", "/timing/at");
  said("every_ms", "/timing/every_ms");
  said("zone", "/timing/zone");
  said("from", "/timing/from");
  said("until", "/timing/until");
  said("jitter_ms", "/jitter_ms");
  said("address", "/act/target");
  said("fields", "/act/fields");
  said("condition", "/act/condition");
  said("rule", "/act/rule");
  return wrong;
}

/** Before a group is chosen: in any. */
function mayWrite(group: string): boolean {
  return can("operate", group || undefined);
}

interface PartProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  wrong: Wrong;
}

function When({ draft, set, wrong }: PartProps) {
  const option = <V extends string>(prefix: string, values: readonly V[]) => values.map((value) => ({ value, label: t(`${prefix}.${value}` as "schedules.when.cron") }));
  return (
    <div class="stack-tight">
      <Choice label={t("schedules.when")} value={draft.when} onInput={(when) => set({ when })} options={option("schedules.when", ["cron", "every", "at"] as const)} />
      {draft.when === "cron" && <PlanField plan={draft.plan} change={(plan) => set({ plan })} error={wrong.plan} />}
      {draft.when === "every" && <SpanField label={t("schedules.every")} hint={t("schedules.every.hint")} error={wrong.every_ms} required value={draft.every_ms} onInput={(every_ms) => set({ every_ms })} />}
      {draft.when === "at" && <Field label={t("schedules.moment")} hint={t("schedules.in_zone", { zone: draft.zone })} error={wrong.at} required><TextInput type="datetime-local" value={draft.at} onInput={(at) => set({ at })} /></Field>}
      <Zone draft={draft} set={set} wrong={wrong} />
      <details class="more-fields">
        <summary>{t("schedules.more.timing")}</summary>
        <div class="form-grid">
          {draft.when !== "at" && (
            <>
              <Field label={t("schedules.from")} error={wrong.from}><TextInput type="datetime-local" value={draft.from} onInput={(from) => set({ from })} /></Field>
              <Field label={t("schedules.until")} error={wrong.until}><TextInput type="datetime-local" value={draft.until} onInput={(until) => set({ until })} /></Field>
            </>
          )}
          {draft.when === "cron" && (
            <>
              <Field label={t("schedules.skipped")} hint={t("schedules.skipped.hint")}><Select value={draft.skipped} onInput={(skipped) => set({ skipped })} options={option("schedules.skipped", ["auto", "later", "skip"] as const)} /></Field>
              <Field label={t("schedules.repeated")} hint={t("schedules.repeated.hint")}><Select value={draft.repeated} onInput={(repeated) => set({ repeated })} options={option("schedules.repeated", ["auto", "first", "second", "both"] as const)} /></Field>
            </>
          )}
          <Field label={t("schedules.missed")} hint={t("schedules.missed.hint")}><Select value={draft.missed} onInput={(missed) => set({ missed })} options={option("schedules.missed", ["skip", "once", "all"] as const)} /></Field>
          <SpanField label={t("schedules.jitter")} hint={t("schedules.jitter.hint")} error={wrong.jitter_ms} value={draft.jitter_ms} onInput={(jitter_ms) => set({ jitter_ms })} />
        </div>
      </details>
    </div>
  );
}

function Zone({ draft, set, wrong }: PartProps) {
  return (
    <Field label={t("schedules.zone")} hint={t("schedules.zone.hint")} error={wrong.zone}>
      <TextInput value={draft.zone} onInput={(zone) => set({ zone })} list="zones" name="zone" />
      <datalist id="zones">{zones().map((zone) => <option key={zone} value={zone} />)}</datalist>
    </Field>
  );
}

/** Asked of the hub as it is typed: it alone knows what clocks do. */
function Preview({ timing, ready }: { timing: NewTiming; ready: boolean }) {
  const [items, setItems] = useState<NextRun[] | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const run = useRef(0);
  const key = JSON.stringify(timing);
  useEffect(() => {
    run.current += 1;
    const mine = run.current;
    if (!ready) return;
    const timer = window.setTimeout(() => {
      api.post<{ items: NextRun[] }>("/schedules/preview", { timing, count: LOOKED_AT }, { idempotent: false }).then(
        (answer) => {
          if (run.current !== mine) return;
          setItems(answer.items);
          setError(null);
        },
        (problem: unknown) => {
          if (run.current !== mine) return;
          setItems(null);
          setError(toApiError(problem));
        },
      );
    }, SETTLE_MS);
    return () => window.clearTimeout(timer);
  }, [key, ready]);
  return (
    <div class="preview" role="status" aria-live="polite" data-testid="preview">
      {error && <p class="field-error">{error.detail}</p>}
      {!error && items?.length === 0 && <p class="muted">{t("schedules.no_runs")}</p>}
      {!error && items && items.length > 0 && <NextRuns items={items} zone={timing.zone} />}
    </div>
  );
}
