/** The chart for those who cannot see it: a sentence for each line, and a table of some of its readings. */
import { useEffect, useState } from "preact/hooks";
import { formatNumber, formatValue } from "../lib/format";
import { t } from "../lib/i18n";
import { formatDateTime, formatSpan, hubNow } from "../lib/time";
import { sample, summarise } from "./summary";
import type { Line, Span, View } from "./types";
import { windowOf } from "./view";

const MOST_ROWS = 20;
/** A live chart's words change slowly: nobody can listen to each reading. */
const REFRESH_MS = 15_000;

interface WordsProps {
  lines: Line[];
  view: View;
  spans: Span[];
  name: string;
}

export function Words({ lines, view, spans, name }: WordsProps) {
  const [, refresh] = useState(0);
  useEffect(() => {
    if (!view.live) return;
    const timer = window.setInterval(() => refresh((n) => n + 1), REFRESH_MS);
    return () => window.clearInterval(timer);
  }, [view.live]);
  const { from_ms, to_ms } = windowOf(view, hubNow());
  return (
    <figcaption class="sr-only">
      <p>{t("chart.words.window", { name, from: formatDateTime(from_ms), to: formatDateTime(to_ms) })}</p>
      {lines.map((line) => <p key={line.key}>{sentence(line, from_ms, to_ms)}</p>)}
      {spans.length > 0 && <p>{t("chart.words.spans", { n: spans.length })} {spans.slice(0, MOST_ROWS).map((span) => spanText(span)).join("; ")}</p>}
      {lines.filter((line) => line.at.length > 0).map((line) => <Rows key={line.key} line={line} from_ms={from_ms} to_ms={to_ms} />)}
    </figcaption>
  );
}

function spanText(span: Span): string {
  const how = span.to_ms === null ? t("chart.words.open") : formatSpan(span.to_ms - span.from_ms);
  return `${formatDateTime(span.from_ms)} (${how})`;
}

function sentence(line: Line, from_ms: number, to_ms: number): string {
  if (line.error) return `${line.label}: ${line.error}`;
  const { count, last, last_ms, min, max, trend } = summarise(line, from_ms, to_ms);
  if (last === undefined) return t("chart.words.none", { label: line.label });
  const parts = [t("chart.words.last", { label: line.label, value: formatValue(last, line.unit), at: formatDateTime(last_ms ?? 0), count: formatNumber(count, 0) })];
  if (min !== undefined && max !== undefined) parts.push(t("chart.words.range", { min: formatValue(min, line.unit), max: formatValue(max, line.unit) }));
  if (trend !== "none") parts.push(t(`chart.trend.${trend}`));
  return parts.join(" ");
}

function Rows({ line, from_ms, to_ms }: { line: Line; from_ms: number; to_ms: number }) {
  return (
    <table>
      <caption>{t("chart.words.table", { label: line.label })}</caption>
      <thead><tr><th scope="col">{t("chart.words.time")}</th><th scope="col">{t("chart.words.value")}</th></tr></thead>
      <tbody>
        {sample(line, from_ms, to_ms, MOST_ROWS).map(({ at_ms, value }) => (
          <tr key={at_ms}><td>{formatDateTime(at_ms)}</td><td>{formatValue(value, line.unit)}</td></tr>
        ))}
      </tbody>
    </table>
  );
}
