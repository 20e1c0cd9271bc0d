// One sensor: its last value, "read now", how often it reports by itself, and whether the chart shows it.

import { useEffect, useState } from "preact/hooks";
import { formatValue } from "../lib/format";
import { t } from "../lib/i18n";
import { useNewsBatch } from "../lib/live";
import { formatSpan } from "../lib/time";
import { KIND, type Command, type EventPeriod, type SensorInfo } from "../lib/types";
import { Ago, Button, CommandState, Dialog, Field, Icon, IconButton, NumberInput, Select } from "../ui";
import { isEnded, useOrder } from "./orders";

/** How long the outcome of "read now" stays beside the value. */
const SHOWN_MS = 8_000;

/** Follows one command by the news until it has ended. */
export function useFollowed(): [Command | null, (command: Command | undefined) => void] {
  const [command, setCommand] = useState<Command | null>(null);
  useNewsBatch(["command"], (items) => {
    if (!command) return;
    const news = items.findLast((item) => item.command.id === command.id);
    if (news) setCommand(news.command);
  });
  const ended = command ? isEnded(command) : false;
  useEffect(() => {
    if (!ended) return;
    const timer = setTimeout(() => setCommand(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [ended, command?.id]);
  return [command, (given) => setCommand(given ?? null)];
}

export function Sensor({ address, sensor, period, may, charted, onChart }: {
  address: number; sensor: SensorInfo; period?: EventPeriod; may: boolean; charted: boolean; onChart: () => void;
}) {
  const [asked, follow] = useFollowed();
  const { busy, give, refused } = useOrder(address, follow);
  const waits = busy || (asked !== null && !isEnded(asked));
  const value = sensor.last?.value;
  return (
    <li class="sensor" data-testid={`sensor-${sensor.name}`}>
      <div class="sensor-name">
        <span class="strong">{sensor.name}</span>
        {sensor.min !== null && sensor.max !== null && <span class="muted small">{formatValue(sensor.min)} – {formatValue(sensor.max)}{sensor.unit && `\u202f${sensor.unit}`}</span>}
      </div>
      <div class="sensor-value" data-live>
        <span class={`value ${typeof value === "string" ? "is-text" : ""}`}>{typeof value === "string" && value.includes(";") ? <Composite text={value} unit={sensor.unit} /> : formatValue(value, sensor.unit)}</span>
        {sensor.last ? <span class="muted small"><Ago ms={sensor.last.at_ms} /></span> : <span class="muted small">{t("device.no_value")}</span>}
      </div>
      <div class="sensor-acts">
        <Period address={address} sensor={sensor.name} period={period} may={may} />
        {may && (
          <Button small icon="read" busy={waits} onClick={() => void give(KIND.READ, [sensor.name])} label={t("device.read_of", { sensor: sensor.name })}>
            {t("device.read")}
          </Button>
        )}
        <IconButton
          small icon="charts" label={t(charted ? "device.uncharted" : "device.chart_of", { sensor: sensor.name })} pressed={charted} onClick={onChart}
        />
      </div>
      {refused && <p class="control-wanted is-bad" role="alert"><Icon name="warn" size={14} /> {refused}</p>}
      {asked && (
        <p class="control-wanted small">
          <span>{t("device.reading_asked")}</span> <CommandState state={asked.state} />{asked.detail && <span class="muted">{asked.detail}</span>}
        </p>
      )}
    </li>
  );
}

/** The parts of a composite, such as `systolic=120;diastolic=80`. */
function Composite({ text, unit }: { text: string; unit: string }) {
  const parts = text.split(";").map((part) => part.split(/=(.*)/s));
  if (!parts.every(([name, value]) => name && value !== undefined)) return <>{text}</>;
  return (
    <span class="composite">
      {parts.map(([name, value]) => <span key={name}><span class="muted small">{name}</span> {value}</span>)}
      {unit && <span class="muted small">{unit}</span>}
    </span>
  );
}

const PERIODS_MS = [1_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];

/** EVENT_SET: how often the sensor reports by itself. */
function Period({ address, sensor, period, may }: { address: number; sensor: string; period?: EventPeriod; may: boolean }) {
  const [asked, follow] = useFollowed();
  const { busy, give, refused } = useOrder(address, follow);
  const [other, setOther] = useState(false);
  const now = period?.period_ms ?? 0;
  const open = busy || (asked !== null && !isEnded(asked));
  const failed = asked !== null && isEnded(asked) && asked.state !== "succeeded";
  const set = (ms: number) => void give(KIND.EVENT_SET, [sensor, String(ms)]);
  if (!may) {
    return <span class="muted small" title={t("device.period")}>{now ? t("device.each", { span: formatSpan(now) }) : t("device.by_itself")}</span>;
  }
  const options = [
    { value: "0", label: t("device.by_itself") },
    ...[...new Set(now ? [...PERIODS_MS, now] : PERIODS_MS)].sort((a, b) => a - b).map((ms) => ({ value: String(ms), label: t("device.each", { span: formatSpan(ms) }) })),
    { value: "other", label: t("device.period_other") },
  ];
  const wanted = open && asked ? (asked.fields[1] ?? String(now)) : String(now);
  return (
    <span class="event-period">
      <Select
        class="small-control" value={options.some((o) => o.value === wanted) ? wanted : String(now)} options={options} disabled={open} label={t("device.period_of", { sensor })}
        onInput={(value) => (value === "other" ? setOther(true) : set(Number(value)))}
      />
      {asked && (open || failed) && <CommandState state={asked.state} />}
      {refused && <span class="bad small" role="alert">{refused}</span>}
      {other && <OtherPeriod now={now} onClose={() => setOther(false)} onSet={set} sensor={sensor} />}
    </span>
  );
}

function OtherPeriod({ now, sensor, onClose, onSet }: { now: number; sensor: string; onClose: () => void; onSet: (ms: number) => void }) {
  const [seconds, setSeconds] = useState<number | null>(now ? now / 1_000 : null);
  const wrong = seconds === null || seconds < 0.001 || seconds > 31_622_400;
  const [tried, setTried] = useState(false);
  return (
    <Dialog
      title={t("device.period_of", { sensor })} onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (wrong || seconds === null) return;
        onSet(Math.round(seconds * 1_000));
        onClose();
      }}
      actions={<><Button onClick={onClose}>{t("ui.cancel")}</Button><Button type="submit" kind="primary">{t("device.set")}</Button></>}
    >
      <Field label={t("device.period_seconds")} hint={t("device.period_hint")} error={tried && wrong ? t("device.period_wrong") : null}>
        <NumberInput value={seconds} onInput={setSeconds} min={0.001} unit="s" autofocus />
      </Field>
    </Dialog>
  );
}
