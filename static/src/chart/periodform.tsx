/** The usual periods side by side, and one of one's own. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { formatShort, formatSpan, fromLocalInput, hubNow, toLocalInput, zoneName } from "../lib/time";
import { Button, Choice, Field, TextInput } from "../ui";
import { rangeOf, RANGES, type RangeName } from "./period";
import type { View } from "./types";

export function PeriodForm({ view, change }: { view: View; change: (view: View) => void }) {
  const range = rangeOf(view);
  // Only when asked for: a zoom must not move the chart under the mouse.
  const [custom, setCustom] = useState(false);
  const [from, setFrom] = useState(toLocalInput(view.from_ms));
  const [to, setTo] = useState(toLocalInput(view.to_ms));
  const [error, setError] = useState("");
  // What was zoomed to is what the fields say.
  useEffect(() => {
    if (view.live) return;
    setFrom(toLocalInput(view.from_ms));
    setTo(toLocalInput(view.to_ms));
  }, [view.from_ms, view.to_ms, view.live]);
  const options = (Object.keys(RANGES) as RangeName[]).map((value) => ({ value: value as string, label: t(`charts.range.${value}`) }));
  const choose = (name: string) => {
    setCustom(name === "custom" && !custom);
    if (name === "custom") return;
    const width = RANGES[name as RangeName];
    change({ from_ms: hubNow() - width, to_ms: hubNow(), live: true });
  };
  const apply = () => {
    const [from_ms, to_ms] = [fromLocalInput(from), fromLocalInput(to)];
    if (from_ms === null || to_ms === null || to_ms <= from_ms) return setError(t("charts.wrong"));
    setError("");
    change({ from_ms, to_ms, live: false });
  };
  return (
    <div class="period">
      <Choice label={t("charts.period")} value={custom || range === "custom" ? "custom" : range} onInput={choose} options={[...options, { value: "custom", label: t("charts.range.custom") }]} />
      {!custom && range === "custom" && (
        <Button small kind="quiet" icon="edit" onClick={() => setCustom(true)}>
          {view.live ? formatSpan(view.to_ms - view.from_ms) : `${formatShort(view.from_ms)} – ${formatShort(view.to_ms)}`}
        </Button>
      )}
      {custom && (
        <form class="period-custom" noValidate onSubmit={(event) => { event.preventDefault(); apply(); }}>
          <Field label={t("charts.from")}><TextInput type="datetime-local" value={from} onInput={setFrom} /></Field>
          <Field label={t("charts.to")} error={error}><TextInput type="datetime-local" value={to} onInput={setTo} /></Field>
          <Button type="submit">{t("charts.apply")}</Button>
          <span class="small muted">{t("charts.zone", { zone: zoneName() })}</span>
        </form>
      )}
    </div>
  );
}
