// Messages of the live socket.

import type { Alarm, AlarmWhat } from "./alarms";
import type { Command } from "./commands";
import type { Problem, Value } from "./common";
import type { Presence } from "./devices";

interface NewsOf<E extends string> {
  e: E;
  at_ms: number;
  group: string;
}

export type PresenceNews = NewsOf<"presence"> & { address: number; presence: Presence };
export type CommandNews = NewsOf<"command"> & { command: Command };
export type AlarmNews = NewsOf<"alarm"> & { what: AlarmWhat; by: string; note: string; alarm: Alarm };
export type ReadingNews = NewsOf<"reading"> & { address: number; sensor: string; unit: string; value: Value; hub_ms: number };
export type DeviceNews = NewsOf<"device"> & { what: "added" | "changed" | "removed"; address: number };
export type GroupNews = NewsOf<"group"> & { what: string };
export type DiscoveredNews = NewsOf<"discovered">;
export type ScheduleNews = NewsOf<"schedule"> & { id: number };
export type RuleNews = NewsOf<"rule"> & { id: number };
export type FrameItem = NewsOf<"frame"> & { n: number; from: number; to: string; type: number; fields: string[]; text: string };

export type NewsItem =
  | PresenceNews | CommandNews | AlarmNews | ReadingNews | DeviceNews | GroupNews | DiscoveredNews
  | ScheduleNews | RuleNews | FrameItem;
export type NewsKind = NewsItem["e"];
export type NewsFor<K extends NewsKind> = Extract<NewsItem, { e: K }>;

export type OverReason = "logged_out" | "expired" | "disabled" | "rights_changed" | "stopping" | "too_slow";

export type ServerMessage =
  | { t: "hello"; now_ms: number; version: string; addresses: { group: string; address: number }[] }
  | { t: "news"; now_ms: number; items: NewsItem[] }
  | { t: "missed"; frames: number }
  | { t: "resync" }
  | { t: "sent"; id: number }
  | { t: "refused"; id: number; problem: Problem }
  | { t: "over"; reason: OverReason };
