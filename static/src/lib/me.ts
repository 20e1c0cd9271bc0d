// Who is logged in, and what they may do.

import { createStore, useStore } from "./store";
import type { Me, Need } from "./types";

/** `undefined`: not known yet; `null`: nobody. */
export const me = createStore<Me | null | undefined>(undefined);

/** While somebody waits for the login that the shell shows over the page. */
export const loginWanted = createStore(false);

let waiting: ((known: Me) => void)[] = [];

export function csrf(): string {
  return me.get()?.csrf ?? "";
}

/** Settles when somebody has logged in again. */
export function askLogin(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(() => resolve());
    loginWanted.set(true);
  });
}

/** A login came through. Another user than before gets a page of their own. */
export function loggedIn(known: Me): void {
  const before = me.get();
  if (before && before.id !== known.id) {
    location.reload();
    return;
  }
  me.set(known);
  loginWanted.set(false);
  const all = waiting;
  waiting = [];
  for (const settle of all) settle(known);
}

/** Reads anew who this is; a session that is over asks for a login. */
export async function refreshMe(): Promise<void> {
  const response = await fetch("/api/v1/me", { credentials: "same-origin", cache: "no-store", headers: { Accept: "application/json" } });
  if (response.ok) me.set((await response.json()) as Me);
  else if (response.status === 401 && !me.get()) me.set(null);
  else if (response.status === 401) await askLogin();
  else throw new Error(`GET /me: ${response.status}`);
}

/** Only on pages behind the login. */
export function useMe(): Me {
  const known = useStore(me);
  if (!known) throw new Error("nobody is logged in");
  return known;
}

const LEVEL: Record<Need, number> = { see: 0, operate: 1, manage: 2, administer: 3 };
const ROLE = { viewer: 0, operator: 1, group_administrator: 2, administrator: 3 } as const;

/** Whether the role suffices: in this group, or in any. The hub has the last word. */
export function can(need: Need, group?: string): boolean {
  const known = me.get();
  if (!known) return false;
  if (ROLE[known.role] < LEVEL[need]) return false;
  return group === undefined || known.role === "administrator" || known.groups.includes(group);
}
