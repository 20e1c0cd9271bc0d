// The live chart of a device, with its history.

import { useState } from "preact/hooks";
import { Chart } from "../chart";
import { t } from "../lib/i18n";
import { usePhone } from "../lib/media";
import { link } from "../lib/routes";
import { hubNow } from "../lib/time";
import { Card, Choice, Empty, LinkButton } from "../ui";

const MINUTE = 60_000;
const RANGES: Record<string, number> = { "15m": 15 * MINUTE, "1h": 60 * MINUTE, "24h": 1_440 * MINUTE, "7d": 10_080 * MINUTE, "30d": 43_200 * MINUTE };
type Range = "15m" | "1h" | "24h" | "7d" | "30d";
const NAMES = Object.keys(RANGES) as Range[];

interface Shown {
  name: string;
  unit: string;
}

interface Window {
  range: Range | null;
  from_ms: number;
  to_ms: number;
  live: boolean;
}

function windowOf(range: Range): Window {
  const now = hubNow();
  return { range, from_ms: now - (RANGES[range] ?? 60 * MINUTE), to_ms: now, live: true };
}

export function DeviceChart({ address, shown, has }: { address: number; shown: readonly Shown[]; has: boolean }) {
  const [view, setView] = useState<Window>(() => windowOf("15m"));
  const phone = usePhone();
  const query = shown.map((s) => `s=${encodeURIComponent(`${address}:${s.name}`)}`).join("&");
  return (
    <Card
      title={t("device.chart")} class="chart-card"
      actions={shown.length > 0 && <LinkButton small icon="charts" href={link(`/charts?${query}`)}>{t("device.open_charts")}</LinkButton>}
    >
      {!shown.length
        ? <Empty icon="charts" title={t(has ? "device.chart_none" : "device.chart_nothing")} hint={t(has ? "device.chart_none_hint" : "device.chart_nothing_hint")} />
        : (
          <div class="stack-tight">
            <Choice<Range | "">
              label={t("device.range")} value={view.range ?? ""} onInput={(range) => range && setView(windowOf(range))}
              options={NAMES.map((value) => ({ value, label: t(`device.range_${value}`) }))}
            />
            <Chart
              series={shown.map((s) => ({ address, sensor: s.name, unit: s.unit || undefined, label: s.name }))}
              from_ms={view.from_ms} to_ms={view.to_ms} live={view.live} height={phone ? 220 : 300} label={t("device.chart")}
              onRange={(from_ms, to_ms, live) => setView({ range: live ? rangeOf(to_ms - from_ms) : null, from_ms, to_ms, live })}
            />
          </div>
        )}
    </Card>
  );
}

function rangeOf(span: number): Range | null {
  return NAMES.find((name) => Math.abs((RANGES[name] ?? 0) - span) < 2_000) ?? null;
}
