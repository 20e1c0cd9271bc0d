// A small line of the last ten minutes. Its words for screen readers are the caller's.

import { WINDOW_MS } from "./healthlog";

const WIDTH = 240;
const HEIGHT = 44;
const EDGE = 3;
/** At first the line is as long as this; it grows to the whole window. */
const LEAST_MS = 60_000;
/** Without samples for so long, the line is broken: it must not claim what nobody measured. */
const GAP_MS = 10_000;

interface Props {
  points: readonly { at: number; value: number }[];
  now: number;
  label: string;
  /** The scale reaches at least to it, so that small movements of large numbers look small. */
  least?: number;
}

export function Spark({ points, now, label, least = 1 }: Props) {
  const values = points.map((point) => point.value);
  const low = Math.min(...values, Infinity);
  const high = Math.max(...values, -Infinity);
  const span = Math.max(high - low, least);
  const middle = (high + low) / 2;
  const width = Math.min(WINDOW_MS, Math.max(LEAST_MS, now - (points[0]?.at ?? now)));
  const x = (at: number): number => WIDTH - ((now - at) / width) * WIDTH;
  const y = (value: number): number => HEIGHT / 2 - ((value - middle) / span) * (HEIGHT - 2 * EDGE);
  let path = "";
  let before = -Infinity;
  for (const point of points) {
    path += `${point.at - before > GAP_MS ? "M" : "L"}${x(point.at).toFixed(1)} ${y(point.value).toFixed(1)}`;
    before = point.at;
  }
  const last = points[points.length - 1];
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path class="spark-line" d={path} />
      {last && <path class="spark-now" d={`M${x(last.at).toFixed(1)} ${y(last.value).toFixed(1)}h0`} />}
    </svg>
  );
}
