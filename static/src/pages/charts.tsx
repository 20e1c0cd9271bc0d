/** Several sensors of several devices in one chart, for any period; all of it stands in the address. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { Chart, type SeriesSpec, type View } from "../chart";
import { AddSensor } from "../chart/addsensor";
import { readPeriod, writePeriod } from "../chart/period";
import { PeriodForm } from "../chart/periodform";
import { apiUrl } from "../lib/api";
import { deviceName, useDevice } from "../lib/devices";
import { t } from "../lib/i18n";
import { useKeys } from "../lib/keys";
import { useQuery } from "../lib/routes";
import { hubNow, zoneName } from "../lib/time";
import { Button, Card, copyText, Empty, IconButton, LinkButton, Menu, Page, Select, toast } from "../ui";

const MOST_SERIES = 8;
const DAY = 86_400_000;
const COMPARE = { none: 0, span: -1, "1d": DAY, "7d": 7 * DAY, "28d": 28 * DAY } as const;
type Compare = keyof typeof COMPARE;

interface Chosen { address: number; sensor: string }

function readChosen(query: URLSearchParams): Chosen[] {
  const all = query.getAll("s").map((text) => {
    const at = text.indexOf(":");
    return { address: Number(text.slice(0, at)), sensor: text.slice(at + 1) };
  });
  return all.filter((one) => Number.isInteger(one.address) && one.address > 0 && one.sensor !== "").slice(0, MOST_SERIES);
}

/** The names of at most so many devices: the number of hooks must not change. */
function useNames(chosen: Chosen[]): (address: number) => string {
  const known = new Map<number, string>();
  for (let i = 0; i < MOST_SERIES; i += 1) {
    const address = chosen[i]?.address ?? null;
    const device = useDevice(address);
    if (address !== null) known.set(address, device ? deviceName(device) : t("ui.unknown_device", { address: String(address) }));
  }
  return (address) => known.get(address) ?? String(address);
}

function useTallChart(): number {
  const fit = () => Math.round(Math.min(640, Math.max(260, innerHeight - 400)));
  const [tall, setTall] = useState(fit);
  useEffect(() => {
    const listener = () => setTall(fit());
    addEventListener("resize", listener);
    return () => removeEventListener("resize", listener);
  }, []);
  return tall;
}

export default function Charts() {
  const [query, setQuery] = useQuery();
  const [adding, setAdding] = useState(false);
  const text = query.toString();
  const chosen = useMemo(() => readChosen(query), [text]);
  const view = useMemo(() => readPeriod(query, hubNow(), "24h"), [text]);
  const nameOf = useNames(chosen);
  const tall = useTallChart();
  const compare = (query.get("c") ?? "none") in COMPARE ? (query.get("c") ?? "none") as Compare : "none";
  const several = new Set(chosen.map((one) => one.address)).size > 1;
  const label = (one: Chosen) => (several || chosen.length === 1 ? `${nameOf(one.address)} · ${one.sensor}` : one.sensor);
  const shift = compare === "span" ? view.to_ms - view.from_ms : COMPARE[compare];
  const series: SeriesSpec[] = chosen.map((one) => ({ ...one, label: label(one) }));
  if (shift > 0) series.push(...chosen.map((one) => ({ ...one, label: t("charts.earlier", { label: label(one) }), shift_ms: shift })));

  const setView = (next: View) => setQuery((q) => writePeriod(q, next));
  const add = (address: number, sensor: string) => {
    setAdding(false);
    if (!chosen.some((one) => one.address === address && one.sensor === sensor)) setQuery((q) => q.append("s", `${address}:${sensor}`));
  };
  const remove = (one: Chosen) => setQuery((q) => {
    const rest = q.getAll("s").filter((entry) => entry !== `${one.address}:${one.sensor}`);
    q.delete("s");
    rest.forEach((entry) => q.append("s", entry));
  });
  const full = chosen.length >= MOST_SERIES;
  useKeys({ n: { label: t("charts.add"), run: () => { if (!full) setAdding(true); } } });
  const addButton = <Button kind="primary" icon="plus" onClick={() => setAdding(true)} disabled={full} title={full ? t("charts.full", { n: MOST_SERIES }) : undefined}>{t("charts.add")}</Button>;
  return (
    <Page title={t("charts.title")} actions={chosen.length > 0 && <><Exports chosen={chosen} view={view} nameOf={nameOf} /><Share />{addButton}</>}>
      {chosen.length === 0
        ? <Empty icon="charts" title={t("charts.empty")} hint={t("charts.empty.hint")} action={addButton} />
        : (
          <div class="stack">
            <div class="chart-controls">
              <PeriodForm view={view} change={setView} />
              <label class="row-tight">
                <span class="small muted nowrap">{t("charts.compare")}</span>
                <Select value={compare} onInput={(c) => setQuery((q) => (c === "none" ? q.delete("c") : q.set("c", c)))} options={(Object.keys(COMPARE) as Compare[]).map((value) => ({ value, label: t(`charts.compare.${value}`) }))} />
              </label>
            </div>
            <ul class="chart-chosen" aria-label={t("device.sensors")}>
              {chosen.map((one) => (
                <li key={`${one.address}:${one.sensor}`} class="chip">
                  <a class="truncate" href={`#/devices/${one.address}`}>{nameOf(one.address)}</a> <span class="truncate">{one.sensor}</span>
                  <IconButton small icon="close" label={t("charts.remove", { name: `${nameOf(one.address)} ${one.sensor}` })} onClick={() => remove(one)} />
                </li>
              ))}
            </ul>
            <Card>
              <Chart series={series} {...view} height={tall} label={t("charts.title")} onRange={(from_ms, to_ms, live) => setView({ from_ms, to_ms, live })} />
            </Card>
          </div>
        )}
      {adding && <AddSensor onAdd={add} onClose={() => setAdding(false)} />}
    </Page>
  );
}

function csvUrl(devices: number[], sensor: string | undefined, view: View): string {
  const to_ms = view.live ? hubNow() : view.to_ms;
  return apiUrl("/readings.csv", {
    device: devices, sensor, from_ms: Math.floor(to_ms - (view.to_ms - view.from_ms)), to_ms: Math.ceil(to_ms), zone: zoneName(),
  });
}

function download(url: string): void {
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = "";
  anchor.click();
}

/** One file for each sensor; one for all where the name of the sensor is the same. */
function Exports({ chosen, view, nameOf }: { chosen: Chosen[]; view: View; nameOf: (address: number) => string }) {
  const names = new Set(chosen.map((one) => one.sensor));
  const [only] = names;
  if (names.size === 1) return <LinkButton icon="download" download href={csvUrl([...new Set(chosen.map((one) => one.address))], only, view)}>{t("charts.csv")}</LinkButton>;
  return (
    <Menu kind="plain" icon="download" label={t("charts.csv")} items={chosen.map((one) => ({
      label: `${nameOf(one.address)} · ${one.sensor}`, icon: "download" as const, onClick: () => download(csvUrl([one.address], one.sensor, view)),
    }))}>{t("charts.csv")}</Menu>
  );
}

function Share() {
  const copy = () => void copyText(location.href).then((done) => toast(done ? t("charts.copied") : t("charts.copy.failed"), done ? "ok" : "warn"));
  return <Button icon="link" onClick={copy}>{t("charts.share")}</Button>;
}

