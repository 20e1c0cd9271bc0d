// What just happened, as lines: each thing once, and many alike within a few seconds as one.

import type { NewsItem } from "../lib/types";

export const MOST_LINES = 60;
/** More than so many that come or go at once are told as one; of changes, which are many at a login, more than one. */
const MOST_ALIKE = 4;
/** What follows the last of its kind within this time is of the same event, */
const NEAR_MS = 5_000;
/** but an event does not go on for ever. */
const LONGEST_MS = 30_000;

// Lines are data until they are drawn. Kept as elements, each would keep the whole page of its time alive.
export interface Line {
  key: string;
  at_ms: number;
  item: NewsItem;
  /** So many like this one are told in one line: the first of them came then. */
  alike?: number;
  since_ms?: number;
}

function keyOf(item: NewsItem): string | null {
  switch (item.e) {
    case "presence":
      return `p${item.address} ${item.at_ms}`;
    case "command":
      return `c${item.command.id}`;
    case "alarm":
      return `a${item.alarm.id} ${item.what}`;
    case "device":
      return `d${item.address} ${item.at_ms}`;
    case "group":
      return `g${item.group} ${item.what}`;
    case "rule":
    case "schedule":
      return `${item.e} ${item.id}`;
    case "discovered":
      return "discovered";
    default:
      return null;
  }
}

/** What can be told of many at once; of a device's own page, what it says of itself again and again. */
function kindOf({ item }: Line, own: boolean): string {
  if (item.e === "presence" && !own) return `${item.group}\n${item.presence.state}`;
  if (item.e === "device" && (!own || item.what === "changed")) return `${item.group}\n${item.what}`;
  return "";
}

const sinceOf = (line: Line): number => line.since_ms ?? line.at_ms;

/** A device that comes online, or is new, describes itself: no news of its own. */
function withoutDescriptions(lines: Line[]): Line[] {
  const came = new Map<number, number[]>();
  const many: Line[] = [];
  for (const line of lines) {
    const { item } = line;
    if (!(item.e === "presence" && item.presence.state === "online") && !(item.e === "device" && item.what === "added")) continue;
    if (line.alike) many.push(line);
    else came.set(item.address, [...(came.get(item.address) ?? []), line.at_ms]);
  }
  return lines.filter(({ item, at_ms, alike }) => {
    if (item.e !== "device" || item.what !== "changed" || alike) return true;
    return !came.get(item.address)?.some((at) => Math.abs(at - at_ms) < NEAR_MS)
      && !many.some((line) => line.item.group === item.group && at_ms > sinceOf(line) - NEAR_MS && at_ms < line.at_ms + NEAR_MS);
  });
}

/** Lines of a kind that follow each other closely: one event. The newest first. */
function eventsOf(lines: Line[], own: boolean): Line[][] {
  const events: Line[][] = [];
  const under = new Map<string, Line[]>();
  for (const line of lines) {
    const kind = kindOf(line, own);
    const event = under.get(kind);
    const [newest, last] = [event?.[0], event?.at(-1)];
    if (kind && event && newest && last && sinceOf(last) - line.at_ms <= NEAR_MS && newest.at_ms - sinceOf(line) <= LONGEST_MS) event.push(line);
    else {
      const begun = [line];
      events.push(begun);
      if (kind) under.set(kind, begun);
    }
  }
  return events;
}

function toldOnce(event: Line[], own: boolean): Line[] {
  const [newest] = event;
  if (!newest || event.length === 1) return event;
  const { item } = newest;
  const changes = item.e === "device" && item.what === "changed";
  // A device that was changed twice in that time was changed.
  const seen = new Set<number>();
  const each = !changes ? event : event.filter((line) => {
    if (line.alike || line.item.e !== "device") return true;
    const known = seen.has(line.item.address);
    seen.add(line.item.address);
    return !known;
  });
  const n = each.reduce((sum, line) => sum + (line.alike ?? 1), 0);
  if (n <= (changes ? 1 : MOST_ALIKE)) return each;
  const since_ms = event.reduce((first, line) => Math.min(first, sinceOf(line)), newest.at_ms);
  return [{ key: `m${kindOf(newest, own)} ${since_ms}`, at_ms: newest.at_ms, item, alike: n, since_ms }];
}

/** The lines with these news, the oldest first among themselves, before those that there were. */
export function withNews(before: Line[], items: readonly NewsItem[], own: boolean): Line[] {
  const byKey = new Map<string, Line>();
  for (let i = items.length - 1; i >= 0; i -= 1) {
    const item = items[i];
    const key = item ? keyOf(item) : null;
    if (item && key !== null && !byKey.has(key)) byKey.set(key, { key, at_ms: item.at_ms, item });
  }
  for (const line of before) if (!byKey.has(line.key)) byKey.set(line.key, line);
  const lines = eventsOf(withoutDescriptions([...byKey.values()]), own).flatMap((event) => toldOnce(event, own));
  return lines.sort((a, b) => b.at_ms - a.at_ms).slice(0, MOST_LINES);
}
