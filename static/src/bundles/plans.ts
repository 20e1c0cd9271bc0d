// Pages that come together: alarms, rules, schedules, as lists.
export { default as alarms } from "../pages/alarms";
export { default as rules } from "../pages/rules";
export { default as schedules } from "../pages/schedules";
export { default as schedule } from "../pages/schedule";
