// What was sent from this console, with what became of it; kept for this tab, so that a reload forgets nothing.

import { createStore } from "../lib/store";
import type { Command, CommandState } from "../lib/types";
import type { Draft } from "./draft";

export interface Sent {
  key: number;
  at: number;
  draft: Draft;
  /** Such as `WRITE vent 40`. */
  what: string;
  to: string;
  /** Of an order: how many of its commands are in which state. */
  counts: Partial<Record<CommandState, number>>;
  commands: number;
  /** What the device reported, or why not; of an order for one. */
  detail: string;
  /** Of one that was not taken. */
  refused: string;
}

const MOST = 30;
/** Commands of one order that are followed one by one; of larger ones each is, but only while the order is among the newest. */
const FEW = 100;
const NEWEST = 5;

export const sent = createStore<readonly Sent[]>([]);

/** The commands of each order, with their states; not kept over a reload. */
const followed = new Map<number, Map<number, CommandState>>();
let next = 1;
let place = "";

/** The list belongs to one user. */
export function openSent(user: number): void {
  const wanted = `hub.console.sent.${user}`;
  if (place === wanted) return;
  place = wanted;
  followed.clear();
  let kept: Sent[] = [];
  try {
    kept = JSON.parse(sessionStorage.getItem(place) ?? "[]") as Sent[];
  } catch {
    kept = [];
  }
  next = kept.reduce((most, one) => Math.max(most, one.key), 0) + 1;
  sent.set(kept);
}

export function addSent(draft: Draft, what: string, to: string, commands: readonly Command[], refused: string): void {
  const one: Sent = { key: next++, at: Date.now(), draft, what, to, counts: {}, commands: commands.length, detail: "", refused };
  if (commands.length > 0) followed.set(one.key, new Map(commands.map((command) => [command.id, command.state])));
  keep([recount(one, commands), ...sent.get()].slice(0, MOST));
  sent.get().forEach((old, at) => {
    const states = followed.get(old.key);
    if (states && at >= NEWEST && states.size > FEW) followed.delete(old.key);
  });
  for (const key of followed.keys()) if (!sent.get().some((old) => old.key === key)) followed.delete(key);
}

/** News of commands: those of this list are told of. */
export function hear(commands: readonly Command[]): void {
  const touched = new Map<number, Command[]>();
  for (const command of commands) {
    for (const [key, states] of followed) {
      if (!states.has(command.id)) continue;
      states.set(command.id, command.state);
      const before = touched.get(key);
      if (before) before.push(command);
      else touched.set(key, [command]);
    }
  }
  if (touched.size === 0) return;
  keep(sent.get().map((one) => recount(one, touched.get(one.key) ?? [])));
}

export function clearSent(): void {
  followed.clear();
  keep([]);
}

function recount(one: Sent, news: readonly Command[]): Sent {
  const states = followed.get(one.key);
  if (!states || news.length === 0) return one;
  const counts: Partial<Record<CommandState, number>> = {};
  for (const state of states.values()) counts[state] = (counts[state] ?? 0) + 1;
  const last = news[news.length - 1];
  return { ...one, counts, detail: states.size === 1 && last ? last.detail : "" };
}

let writing = false;

function keep(list: readonly Sent[]): void {
  sent.set(list);
  if (writing) return;
  writing = true;
  // Not with each state of each command: news may come by the hundred.
  setTimeout(() => {
    writing = false;
    try {
      sessionStorage.setItem(place, JSON.stringify(sent.get()));
    } catch {
      // No room, or none allowed: the list lives as long as the page.
    }
  }, 500);
}
