/** What a rule would have done: its levels on the sensor's chart, and the alarms that it would have raised. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Chart, type Span } from "../chart";
import { api, toApiError, type ApiError } from "../lib/api";
import { formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { formatDateTime, formatSpan, hubNow } from "../lib/time";
import type { BackTest, NewRule } from "../lib/types";
import { Button, Choice, DeviceLink, ErrorNote, Table } from "../ui";
import { levelsOf } from "./levels";
import { sensorOf, valueText } from "./words";

const DAY = 86_400_000;
const PERIODS = { "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY } as const;
type Period = keyof typeof PERIODS;
const SETTLE_MS = 450;
const MOST_ROWS = 50;

interface TrialProps {
  /** Null: there is nothing to be seen yet. */
  rule: NewRule | null;
  /** Its levels are shown already, but it cannot be tried yet. */
  unfinished?: boolean | undefined;
  /** A stored one. */
  id?: number | undefined;
  /** Whose readings are shown; null: all that it watches are counted. */
  address: number | null;
  pick?: ((address: number) => void) | undefined;
  change?: ((raise: number, clear: number) => void) | undefined;
}

export function Trial({ rule, unfinished, id, address, pick, change }: TrialProps) {
  const [period, setPeriod] = useState<Period>("24h");
  const window_ = useMemo(() => ({ from_ms: hubNow() - PERIODS[period], to_ms: hubNow() }), [period, address]);
  const check = rule?.check;
  const sensor = check ? sensorOf(check) : "";
  const test = useBackTest(unfinished ? null : rule, id, address, window_);
  const mine = address === null ? undefined : test.answers?.find((one) => one.address === address);
  const spans = useMemo<Span[]>(() => (mine?.spans ?? []).map((span) => ({ from_ms: span.raised_ms, to_ms: span.cleared_ms })), [mine]);
  const levels = useMemo(() => (check ? levelsOf(check, change) : []), [check, change]);
  const series = useMemo(() => (address !== null && sensor ? [{ address, sensor, ...(rule?.unit ? { unit: rule.unit } : {}) }] : []), [address, sensor, rule?.unit]);
  if (check?.kind === "offline") return <p class="muted">{t("rules.trial.offline")}</p>;
  return (
    <div class="stack-tight trial">
      <div class="row">
        <Choice label={t("rules.trial.period")} value={period} onInput={setPeriod} options={(Object.keys(PERIODS) as Period[]).map((value) => ({ value, label: t(`charts.range.${value}`) }))} />
        {levels.length > 0 && change && <span class="small muted">{t("rules.trial.drag")}</span>}
      </div>
      {series.length > 0
        ? <Chart series={series} {...window_} spans={spans} levels={levels} height={300} brush={false} label={t("rules.trial.chart", { sensor })} />
        : (address !== null || !test.answers) && <p class="trial-none muted">{t("rules.trial.none")}</p>}
      {test.error && (test.error.status === 422 ? <p class="field-error" role="alert">{test.error.detail}</p> : <ErrorNote error={test.error} retry={test.again} />)}
      <div role="status" aria-live="polite" class={test.busy ? "trial-result is-busy" : "trial-result"} data-testid="backtest">
        {!test.error && (address !== null ? mine && <Verdict answer={mine} until_ms={window_.to_ms} /> : test.answers && <Verdicts answers={test.answers} until_ms={window_.to_ms} pick={pick} />)}
      </div>
    </div>
  );
}

function totalOf(answer: BackTest, until_ms: number): number {
  return answer.spans.reduce((sum, span) => sum + ((span.cleared_ms ?? until_ms) - span.raised_ms), 0);
}

function Verdict({ answer, until_ms }: { answer: BackTest; until_ms: number }) {
  const [open, setOpen] = useState(false);
  if (answer.readings === 0) return <p>{t("rules.trial.no_readings")}</p>;
  const { spans } = answer;
  return (
    <>
      <p>
        <strong>{t("rules.trial.count", { n: spans.length })}</strong>
        {spans.length > 0 && <>, {t("rules.trial.total", { span: formatSpan(totalOf(answer, until_ms)) })}</>}
        <span class="muted small"> {t("rules.trial.readings", { n: answer.readings })}</span>
      </p>
      {spans.length > 0 && <Button small kind="quiet" icon={open ? "up" : "down"} onClick={() => setOpen(!open)}>{t(open ? "rules.trial.hide" : "rules.trial.show")}</Button>}
      {open && (
        <ol class="trial-spans" tabIndex={0} aria-label={t("rules.trial.alarms")}>
          {spans.slice(-MOST_ROWS).reverse().map((span) => (
            <li key={span.raised_ms}>
              {formatDateTime(span.raised_ms)} <span class="muted">({valueText(span.value)})</span> – {span.cleared_ms === null ? t("chart.words.open") : formatSpan(span.cleared_ms - span.raised_ms)}
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

function Verdicts({ answers, until_ms, pick }: { answers: BackTest[]; until_ms: number; pick: ((address: number) => void) | undefined }) {
  const rows = [...answers].sort((a, b) => b.spans.length - a.spans.length);
  const total = answers.reduce((sum, one) => sum + one.spans.length, 0);
  return (
    <>
      <p><strong>{t("rules.trial.count", { n: total })}</strong> <span class="muted">{t("rules.trial.devices", { n: answers.length })}</span></p>
      {rows.length > 0 && (
        <Table
          caption={t("rules.trial.by_device")} rows={rows.slice(0, MOST_ROWS)} keyOf={(row) => row.address}
          columns={[
            { id: "device", title: t("alarms.device"), render: (row) => <DeviceLink address={row.address} /> },
            { id: "count", title: t("rules.trial.alarms"), num: true, render: (row) => formatNumber(row.spans.length, 0) },
            { id: "total", title: t("rules.trial.time"), num: true, render: (row) => (row.spans.length > 0 ? formatSpan(totalOf(row, until_ms)) : "–") },
            ...(pick ? [{ id: "pick", title: t("rules.trial.look"), hideTitle: true, tight: true, render: (row: BackTest) => <Button small icon="charts" onClick={() => pick(row.address)}>{t("rules.trial.look")}</Button> }] : []),
          ]}
        />
      )}
    </>
  );
}

/** Asks again when the rule has not changed for a moment; the answer before stays until then. */
function useBackTest(rule: NewRule | null, id: number | undefined, address: number | null, window_: { from_ms: number; to_ms: number }) {
  const [answers, setAnswers] = useState<BackTest[] | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const [round, again] = useState(0);
  const run = useRef(0);
  const under = useRef<Promise<void>>(Promise.resolve());
  // A name does not change the verdict.
  const body = rule && { ...(id === undefined ? { new: { ...rule, name: rule.name || "trial" } } : { rule: id }), ...window_, ...(address === null ? {} : { address }) };
  const key = body ? JSON.stringify({ ...body, new: rule && { ...rule, name: "" } }) : "";
  useEffect(() => {
    run.current += 1;
    const mine = run.current;
    if (!body || rule?.check.kind === "offline") {
      setAnswers(null);
      setError(null);
      return;
    }
    setBusy(true);
    let timer = 0;
    const ask = async () => {
      // One at a time: the hub takes two of one user, and another page may have one.
      await under.current;
      if (run.current !== mine) return;
      const asked = api.post<{ items: BackTest[] }>("/rules/backtest", body, { idempotent: false });
      under.current = asked.then(() => undefined, () => undefined);
      try {
        const { items } = await asked;
        if (run.current !== mine) return;
        setAnswers(items);
        setError(null);
      } catch (problem) {
        if (run.current !== mine) return;
        const told = toApiError(problem);
        if (told.status === 503 && told.retryAfter) {
          timer = window.setTimeout(() => void ask(), told.retryAfter * 1_000);
          return;
        }
        setError(told);
      }
      setBusy(false);
    };
    timer = window.setTimeout(() => void ask(), SETTLE_MS);
    return () => window.clearTimeout(timer);
  }, [key, round]);
  return { answers, error, busy, again: () => again((n) => n + 1) };
}
