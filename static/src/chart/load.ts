/** Reads the lines of a chart through the API, as fine as it is wide. */
import { api } from "../lib/api";
import type { Page, SeriesAnswer, SeriesStats } from "../lib/types";
import { classify } from "./data";
import type { Line, SeriesSpec } from "./types";

/** More than the window, so that a line comes from somewhere at its edges and a short pan shows it at once. */
const MARGIN = 0.06;

export function margin(from_ms: number, to_ms: number): number {
  return Math.ceil((to_ms - from_ms) * MARGIN);
}

/** All series of a window. What one of them fails at is told by that one. */
export async function loadLines(series: SeriesSpec[], from_ms: number, to_ms: number, points: number): Promise<Line[]> {
  const all = await Promise.all(series.map((spec, i) => loadOne(spec, i, from_ms, to_ms, points)));
  const lines = all.flat();
  const plain = lines.filter((line) => line.shift_ms === 0);
  for (const line of lines) {
    line.hue = plain.findIndex((one) => one.address === line.address && one.sensor === line.sensor && one.unit === line.unit);
    if (line.hue < 0) line.hue = lines.indexOf(line);
  }
  return lines;
}

async function loadOne(spec: SeriesSpec, index: number, from_ms: number, to_ms: number, points: number): Promise<Line[]> {
  const shift = spec.shift_ms ?? 0;
  const more = margin(from_ms, to_ms);
  try {
    const { items } = await api.get<{ items: SeriesAnswer[] }>(`/devices/${spec.address}/readings`, {
      sensor: spec.sensor,
      ...(spec.unit === undefined ? {} : { unit: spec.unit }),
      from_ms: Math.max(0, Math.floor(from_ms - more - shift)),
      to_ms: Math.ceil(to_ms + more - shift),
      points: Math.max(4, Math.min(20_000, points)),
      resolution: "auto",
    });
    // A unit that the sensor no longer reports in has nothing in this window.
    const heard = items.filter((item) => item.points.length > 0);
    const shown = heard.length > 0 ? heard : items.slice(0, 1);
    if (shown.length === 0) return [empty(spec, index)];
    return shown.map((item) => lineOf(spec, index, item, shown.length > 1));
  } catch (error) {
    return [{ ...empty(spec, index), error: error instanceof Error ? error.message : String(error) }];
  }
}

function keyOf(spec: SeriesSpec, sensor: string, unit: string): string {
  return `${spec.address}:${sensor}:${unit}:${spec.shift_ms ?? 0}`;
}

export function labelOf(spec: SeriesSpec, extra: string): string {
  return [spec.label ?? spec.sensor, extra].filter(Boolean).join(" · ");
}

function empty(spec: SeriesSpec, index: number): Line {
  const unit = spec.unit ?? "";
  return {
    key: keyOf(spec, spec.sensor, unit), spec: index, address: spec.address, sensor: spec.sensor, unit,
    label: labelOf(spec, ""), extra: "", color: spec.color, hue: index, shift_ms: spec.shift_ms ?? 0,
    at: [], values: [], kind: "number", levels: [], decimated: false,
  };
}

function lineOf(spec: SeriesSpec, index: number, item: SeriesAnswer, several: boolean): Line {
  const shift = spec.shift_ms ?? 0;
  const part = item.sensor === spec.sensor ? "" : item.sensor.slice(spec.sensor.length + 1);
  const extra = part || (several ? item.unit : "");
  const values = item.points.map((point) => point.value);
  return {
    ...empty(spec, index),
    key: keyOf(spec, item.sensor, item.unit),
    sensor: item.sensor,
    unit: item.unit,
    label: labelOf(spec, extra),
    extra,
    // Only one of several lines can have the colour that was asked for.
    color: several ? undefined : spec.color,
    at: item.points.map((point) => point.at_ms + shift),
    values,
    ...classify(values),
    decimated: item.decimated,
  };
}

/** When the oldest reading of these sensors was; null: there is none. */
export async function oldest(series: SeriesSpec[]): Promise<number | null> {
  const addresses = [...new Set(series.map((spec) => spec.address))];
  const all = await Promise.all(addresses.map(async (address) => {
    try {
      return (await api.get<Page<SeriesStats>>(`/devices/${address}/series`)).items;
    } catch {
      return [];
    }
  }));
  const times = all.flat()
    .filter((stats) => series.some((spec) => spec.address === stats.address
      && (stats.sensor === spec.sensor || stats.sensor.startsWith(`${spec.sensor}/`))))
    .map((stats) => stats.first_ms)
    .filter((ms): ms is number => ms !== null);
  return times.length > 0 ? Math.min(...times) : null;
}
