export { Chart, type ChartProps } from "./chart";
export type { Level, SeriesSpec, Span, View } from "./types";
