// Series of readings.

import type { Value } from "./common";

export type Resolution = "auto" | "raw" | "minute" | "hour";
export type Detail = "raw" | "minute" | "hour";

export interface Point {
  at_ms: number;
  value: Value;
}

export interface Bucket {
  from_ms: number;
  count: number;
  min: Value | null;
  max: Value | null;
  mean: number | null;
  last: Value;
  last_at_ms: number;
}

export interface SeriesAnswer {
  address: number;
  sensor: string;
  unit: string;
  detail: Detail;
  decimated: boolean;
  points: Point[];
  width_ms?: number;
  buckets?: Bucket[];
}

export interface SeriesStats {
  address: number;
  group: string;
  sensor: string;
  unit: string;
  readings: number;
  rolled_up: number;
  first_ms: number | null;
  last_ms: number | null;
  bytes: number;
}

export interface RetentionRule {
  group: string;
  /** Empty: all sensors of the group. */
  sensor: string;
  raw_days: number;
  minute_days: number;
  hour_days: number;
}
