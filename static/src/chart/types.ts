/** What a chart shows, and the lines that its readings make. */

export type Value = number | boolean | string;

/** One sensor of a device. A composite makes a line for each of its parts. */
export interface SeriesSpec {
  address: number;
  sensor: string;
  /** Only readings in this unit; without it, each unit is a line of its own. */
  unit?: string | undefined;
  label?: string | undefined;
  color?: string | undefined;
  /** Readings of so many milliseconds earlier, drawn over those of now. */
  shift_ms?: number | undefined;
}

export interface View {
  from_ms: number;
  to_ms: number;
  /** The window moves with the time. */
  live: boolean;
}

/** number: a line; state: steps between a few values; marks: texts too many to be levels. */
export type Kind = "number" | "state" | "marks";

export interface Line {
  key: string;
  /** Which spec it belongs to. */
  spec: number;
  address: number;
  sensor: string;
  unit: string;
  label: string;
  /** Behind the label: the part of a composite, or the unit where there are several. */
  extra: string;
  color?: string | undefined;
  /** Its place among the colours: one of an earlier period has that of today's. */
  hue: number;
  shift_ms: number;
  /** Unix ms, ascending, shifted already. */
  at: number[];
  values: Value[];
  kind: Kind;
  /** Of a state: its values, in the order of their levels. */
  levels: string[];
  /** Readings were left out between least and greatest ones. */
  decimated: boolean;
  error?: string | undefined;
}

/** A stretch of time that is marked behind the lines. */
export interface Span {
  from_ms: number;
  /** Null: it goes on. */
  to_ms: number | null;
  label?: string | undefined;
}

/** A level on the scale of the first line, which may be dragged. */
export interface Level {
  id: string;
  value: number;
  label: string;
  tone: "raise" | "clear";
  min?: number | undefined;
  max?: number | undefined;
  onChange?: ((value: number) => void) | undefined;
}
