/** Builds a cron pattern without one having to know cron. */
import { t } from "../lib/i18n";
import { Field, NumberInput, Select, TextInput } from "../ui";
import { cronOf, cronText, dayName, HOURS, LAST_DAY, MINUTES, WORKING_DAYS, type Plan } from "./cron";

type Choice = Plan["kind"] | "weekdays";
const CHOICES: Choice[] = ["daily", "weekdays", "days", "minutes", "hours", "monthly", "pattern"];

export function PlanField({ plan, change, error }: { plan: Plan; change: (plan: Plan) => void; error: string | undefined }) {
  const weekdays = plan.kind === "days" && plan.days.join() === WORKING_DAYS.join();
  const time = "time" in plan ? plan.time : "06:30";
  const choose = (kind: Choice) => {
    const made: Record<Choice, Plan> = {
      daily: { kind: "daily", time },
      weekdays: { kind: "days", time, days: WORKING_DAYS },
      days: { kind: "days", time, days: [1] },
      minutes: { kind: "minutes", every: 10 },
      hours: { kind: "hours", every: 1, minute: 0 },
      monthly: { kind: "monthly", time, day: 1 },
      pattern: { kind: "pattern", text: cronOf(plan) },
    };
    change(made[kind]);
  };
  const cron = cronOf(plan);
  return (
    <div class="stack-tight plan">
      <div class="form-grid">
        <Field label={t("schedules.repeat")}>
          <Select value={weekdays ? "weekdays" : plan.kind} onInput={choose} options={CHOICES.map((value) => ({ value, label: t(`schedules.repeat.${value}`) }))} />
        </Field>
        {"time" in plan && <Field label={t("schedules.time")} error={error}><TextInput type="time" value={plan.time} onInput={(next) => next && change({ ...plan, time: next })} /></Field>}
        {plan.kind === "minutes" && (
          <Field label={t("schedules.every")}>
            <Select value={String(plan.every)} onInput={(n) => change({ ...plan, every: Number(n) })} options={MINUTES.map((n) => ({ value: String(n), label: t("schedules.minutes", { n }) }))} />
          </Field>
        )}
        {plan.kind === "hours" && (
          <>
            <Field label={t("schedules.every")}>
              <Select value={String(plan.every)} onInput={(n) => change({ ...plan, every: Number(n) })} options={HOURS.map((n) => ({ value: String(n), label: t("schedules.hours", { n }) }))} />
            </Field>
            <Field label={t("schedules.at_minute")}><NumberInput value={plan.minute} min={0} max={59} step={1} onInput={(minute) => change({ ...plan, minute: Math.min(59, Math.max(0, Math.round(minute ?? 0))) })} /></Field>
          </>
        )}
        {plan.kind === "monthly" && (
          <Field label={t("schedules.day")}>
            <Select
              value={String(plan.day)} onInput={(day) => change({ ...plan, day: Number(day) })}
              options={[...Array.from({ length: 31 }, (_, i) => ({ value: String(i + 1), label: String(i + 1) })), { value: String(LAST_DAY), label: t("schedules.last_day") }]}
            />
          </Field>
        )}
        {plan.kind === "pattern" && (
          <Field label={t("schedules.pattern")} hint={t("schedules.pattern.hint")} error={error} class="span-all"><TextInput mono value={plan.text} onInput={(text) => change({ kind: "pattern", text })} maxLength={256} name="cron" /></Field>
        )}
      </div>
      {plan.kind === "days" && !weekdays && <Days days={plan.days} change={(days) => change({ ...plan, days })} />}
      {plan.kind !== "pattern" && <p class="small muted">{cronText(cron)} · <code>{cron}</code></p>}
    </div>
  );
}

function Days({ days, change }: { days: number[]; change: (days: number[]) => void }) {
  const turn = (day: number) => change((days.includes(day) ? days.filter((one) => one !== day) : [...days, day]).sort());
  return (
    <div class="choice day-choice" role="group" aria-label={t("schedules.days")}>
      {[1, 2, 3, 4, 5, 6, 0].map((day) => (
        <button key={day} type="button" class={`choice-one ${days.includes(day) ? "is-chosen" : ""}`} aria-pressed={days.includes(day)} aria-label={dayName(day, "long")} onClick={() => turn(day)}><span>{dayName(day)}</span></button>
      ))}
    </div>
  );
}
