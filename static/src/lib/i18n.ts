// English and Spanish. English is there at once; Spanish comes when it is wanted.

import { createStore } from "./store";
import { english, type Key } from "../lang/index";
import type { Language } from "./types";

export type { Key };
export type Vars = Record<string, string | number>;

const KEPT = "hub.language";

let words: Record<string, string> = english;
/** The shell draws everything anew when it changes. */
export const language = createStore<Language>("en");

export function localeOf(): string {
  // English with days before months, as the rest of the page writes dates.
  return language.get() === "es" ? "es" : "en-GB";
}

/** The language kept in this browser, or else the browser's own. */
export function preferredLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "en" || kept === "es") return kept;
  return navigator.language.toLowerCase().startsWith("es") ? "es" : "en";
}

export function hasKeptLanguage(): boolean {
  return localStorage.getItem(KEPT) !== null;
}

/** Only in this browser; the account page also tells the hub (PATCH /me). */
export async function setLanguage(to: Language, keep = true): Promise<void> {
  if (keep) localStorage.setItem(KEPT, to);
  words = to === "es" ? (await import("../lang/spanish")).spanish : english;
  document.documentElement.lang = to;
  language.set(to);
}

/** `one|many` is chosen by `vars.n`; `{name}` stands for a variable. */
export function t(key: Key, vars?: Vars): string {
  return dynamic(key, vars);
}

/** For keys that are put together at run time; an unknown one is shown as it is. */
export function td(key: string, vars?: Vars): string {
  return dynamic(key, vars);
}

export function hasText(key: string): boolean {
  return key in words;
}

function dynamic(key: string, vars?: Vars): string {
  let text = words[key] ?? english[key as Key] ?? key;
  if (vars && "n" in vars && text.includes("|")) {
    const [one = "", many = one] = text.split("|");
    text = Number(vars.n) === 1 ? one : many;
  }
  if (!vars) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = vars[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(localeOf()) : value;
  });
}
