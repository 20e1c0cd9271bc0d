// The API's JSON, as the hub has it. Times are Unix milliseconds.

export * from "./types/common";
export * from "./types/accounts";
export * from "./types/devices";
export * from "./types/readings";
export * from "./types/commands";
export * from "./types/alarms";
export * from "./types/schedules";
export * from "./types/hub";
export * from "./types/live";
