// Pages that come together: those that draw charts.
export { default as device } from "../pages/device";
export { default as charts } from "../pages/charts";
export { default as alarm } from "../pages/alarm";
export { default as rule } from "../pages/rule";
