/** Keeps the lines of a chart: loads them, follows what comes live, and stays within bounds. */
import type { ReadingNews } from "../lib/types";
import { append, thin, trim } from "./bounds";
import { classify } from "./data";
import { labelOf, loadLines, margin } from "./load";
import type { Line, SeriesSpec, View } from "./types";
import { spanOf, windowOf } from "./view";

/** A line may grow to so many of the points that were asked for before it is thinned. */
const GROWTH = 3;
/** Lines of an earlier period are read again after so large a share of a live window. */
const SHIFT_SHARE = 0.02;

export class Lines {
  all: Line[] = [];
  loading = false;
  private wanted = 0;
  private points = 800;
  private shiftedAt = 0;
  /** With the names as they are known now. */
  private named: SeriesSpec[] = [];

  constructor(private readonly changed: () => void) {}

  /** Reads all lines of a window anew. What comes meanwhile is kept. */
  async load(series: SeriesSpec[], view: View, points: number, now_ms: number): Promise<void> {
    this.wanted += 1;
    const mine = this.wanted;
    this.points = points;
    this.loading = true;
    this.shiftedAt = now_ms;
    this.changed();
    const { from_ms, to_ms } = windowOf(view, now_ms);
    const loaded = await loadLines(series, from_ms, to_ms, points);
    if (mine !== this.wanted) return;
    if (view.live) for (const line of loaded) this.keepNewer(line);
    this.all = loaded.flatMap((line) => (line.error ? this.kept(line) : [line]));
    this.label();
    this.loading = false;
    this.changed();
  }

  /** What could not be read anew stays as it was, with the reason beside it. */
  private kept(line: Line): Line[] {
    const before = this.all.filter((one) => one.spec === line.spec && one.address === line.address && one.shift_ms === line.shift_ms && one.at.length > 0);
    return before.length > 0 ? before.map((one) => ({ ...one, error: line.error })) : [line];
  }

  /** The name of a device may be known later than its readings, or while they are under way. */
  rename(series: SeriesSpec[]): void {
    this.named = series;
    this.label();
    this.changed();
  }

  private label(): void {
    for (const line of this.all) {
      const spec = this.named[line.spec];
      if (spec) line.label = labelOf(spec, line.extra);
    }
  }

  /** Readings that came while the answer was under way. */
  private keepNewer(line: Line): void {
    const before = this.all.find((one) => one.key === line.key && one.shift_ms === 0);
    if (!before) return;
    const last = line.at[line.at.length - 1] ?? -Infinity;
    let first = before.at.length;
    while (first > 0 && (before.at[first - 1] ?? 0) > last) first -= 1;
    for (let i = first; i < before.at.length; i += 1) append(line, before.at[i] ?? 0, before.values[i] ?? "");
  }

  /** True: something is to be drawn. */
  follow(items: ReadingNews[], view: View, now_ms: number): boolean {
    let changed = false;
    for (const item of items) {
      const line = this.lineFor(item);
      if (line && append(line, item.at_ms, item.value)) changed = true;
    }
    if (!changed) return false;
    const { from_ms, to_ms } = windowOf(view, now_ms);
    for (const line of this.all) {
      trim(line, from_ms - margin(from_ms, to_ms));
      if (line.at.length > this.points * GROWTH) thin(line, this.points);
    }
    return true;
  }

  private lineFor(item: ReadingNews): Line | undefined {
    const mine = (line: Line) => line.shift_ms === 0 && line.address === item.address && line.sensor === item.sensor;
    const exact = this.all.find((line) => mine(line) && line.unit === item.unit);
    if (exact) return exact;
    const waiting = this.all.find((line) => mine(line) && line.at.length === 0 && line.unit === "");
    if (waiting) Object.assign(waiting, { unit: item.unit, ...classify([item.value]) });
    return waiting;
  }

  /** Whether the lines of an earlier period have moved on so far that they are to be read again. */
  isBehind(view: View, now_ms: number): boolean {
    if (!view.live || this.loading || !this.all.some((line) => line.shift_ms !== 0)) return false;
    return now_ms - this.shiftedAt > Math.max(10_000, spanOf(view) * SHIFT_SHARE);
  }

  stop(): void {
    this.wanted += 1;
  }
}
