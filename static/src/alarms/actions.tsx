/** What an operator does with alarms: acknowledge, shelve, clear by force; of one or of many at once. */
import { useState } from "preact/hooks";
import { api, toApiError, type ApiError } from "../lib/api";
import { t } from "../lib/i18n";
import { can } from "../lib/me";
import { fromLocalInput, hubNow, toLocalInput, zoneName } from "../lib/time";
import type { Alarm } from "../lib/types";
import { Button, Choice, Dialog, ErrorNote, Field, Menu, TextArea, TextInput, toast, toastError } from "../ui";
import { isShelved } from "./marks";

export type AlarmAct = "acknowledge" | "shelve" | "clear";

export interface Asked {
  act: AlarmAct;
  alarms: Alarm[];
}

const HOUR = 3_600_000;
const SPANS = { "1h": HOUR, "4h": 4 * HOUR, "8h": 8 * HOUR, "24h": 24 * HOUR, "7d": 168 * HOUR } as const;
type SpanName = keyof typeof SPANS | "until";
const MOST_NOTE = 500;

/** The buttons beside an alarm. */
export function AlarmButtons({ alarm, ask, changed, small }: {
  alarm: Alarm; ask: (asked: Asked) => void; changed: (alarm: Alarm) => void; small?: boolean;
}) {
  const [busy, setBusy] = useState(false);
  if (!can("operate", alarm.group)) return null;
  const open = alarm.state !== "cleared";
  const unshelve = () => {
    setBusy(true);
    api.post<Alarm>(`/alarms/${alarm.id}/unshelve`, { note: "" })
      .then((after) => { changed(after); toast(t("alarms.unshelved.done")); }, toastError)
      .finally(() => setBusy(false));
  };
  const shelved = isShelved(alarm);
  return (
    <span class={`row-tight alarm-buttons ${small ? "is-small" : ""}`}>
      {alarm.acked_ms === null && (
        <Button small={small} kind={open && !small ? "primary" : undefined} icon="check" onClick={() => ask({ act: "acknowledge", alarms: [alarm] })}>{t("alarms.acknowledge")}</Button>
      )}
      {open && (small
        ? (
          <Menu
            small label={t("alarms.more", { name: alarm.name })}
            items={[
              shelved
                ? { label: t("alarms.unshelve"), icon: "play", disabled: busy, onClick: unshelve }
                : { label: t("alarms.shelve"), icon: "pause", onClick: () => ask({ act: "shelve", alarms: [alarm] }) },
              { label: t("alarms.clear"), icon: "close", danger: true, onClick: () => ask({ act: "clear", alarms: [alarm] }) },
            ]}
          />
        )
        : (
          <>
            {shelved
              ? <Button icon="play" busy={busy} onClick={unshelve}>{t("alarms.unshelve")}</Button>
              : <Button icon="pause" onClick={() => ask({ act: "shelve", alarms: [alarm] })}>{t("alarms.shelve")}</Button>}
            <Button kind="danger" icon="close" onClick={() => ask({ act: "clear", alarms: [alarm] })}>{t("alarms.clear")}</Button>
          </>
        ))}
    </span>
  );
}

/** Asks for the note, and does it. */
export function AlarmDialog({ asked, close, changed }: { asked: Asked; close: () => void; changed: (alarm: Alarm) => void }) {
  const { act, alarms } = asked;
  const [note, setNote] = useState("");
  const [span, setSpan] = useState<SpanName>("8h");
  const [until, setUntil] = useState(toLocalInput(hubNow() + 24 * HOUR));
  const [done, setDone] = useState<number | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const until_ms = span === "until" ? fromLocalInput(until) : hubNow() + SPANS[span];
  const wrongUntil = act === "shelve" && (until_ms === null || until_ms <= hubNow());
  const run = async () => {
    if (wrongUntil || done !== null) return;
    setError(null);
    try {
      for (const [i, alarm] of alarms.entries()) {
        setDone(i);
        changed(await api.post<Alarm>(`/alarms/${alarm.id}/${act}`, act === "shelve" ? { until_ms, note } : { note }));
      }
      toast(t(`alarms.done.${act}`, { n: alarms.length }));
      close();
    } catch (problem) {
      setError(toApiError(problem));
      setDone(null);
    }
  };
  const [one] = alarms;
  return (
    <Dialog
      title={t(`alarms.ask.${act}`, { n: alarms.length })}
      onClose={close}
      onSubmit={() => void run()}
      actions={(
        <>
          <Button onClick={close}>{t("ui.cancel")}</Button>
          <Button type="submit" kind={act === "clear" ? "danger" : "primary"} busy={done !== null} disabled={wrongUntil}>
            {done !== null && alarms.length > 1 ? `${done} / ${alarms.length}` : t(`alarms.${act}`)}
          </Button>
        </>
      )}
    >
      <div class="stack">
        <p>{alarms.length === 1 && one ? <strong>{one.name}</strong> : t("alarms.count", { n: alarms.length })}</p>
        {act !== "acknowledge" && <p class="muted">{t(`alarms.hint.${act}`)}</p>}
        {act === "shelve" && <HowLong span={span} setSpan={setSpan} until={until} setUntil={setUntil} wrong={wrongUntil} />}
        <Field label={t("alarms.note")} hint={t(`alarms.note.${act}`)} error={error?.of("note")}>
          <TextArea value={note} onInput={setNote} rows={3} maxLength={MOST_NOTE} autofocus />
        </Field>
        {error && !error.of("note") && <ErrorNote error={error} />}
      </div>
    </Dialog>
  );
}

function HowLong({ span, setSpan, until, setUntil, wrong }: {
  span: SpanName; setSpan: (span: SpanName) => void; until: string; setUntil: (until: string) => void; wrong: boolean;
}) {
  const spans: SpanName[] = [...(Object.keys(SPANS) as (keyof typeof SPANS)[]), "until"];
  return (
    <>
      <Choice label={t("alarms.shelve.how_long")} value={span} onInput={setSpan} options={spans.map((value) => ({ value, label: t(`alarms.span.${value}`) }))} />
      {span === "until" && (
        <Field label={t("alarms.shelve.until")} hint={t("charts.zone", { zone: zoneName() })} error={wrong ? t("alarms.shelve.past") : null}>
          <TextInput type="datetime-local" value={until} onInput={setUntil} />
        </Field>
      )}
    </>
  );
}
