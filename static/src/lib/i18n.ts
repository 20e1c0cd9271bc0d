// English and Spanish; only the one that is wanted is loaded.

import { createStore } from "./store";
import type { Key } from "../lang/index";
import type { Language } from "./types";
import { keepLanguage, wordsOf } from "./words";

export type { Key };
export type Vars = Record<string, string | number>;

let words: Record<string, string> = {};
/** The shell draws everything anew when it changes. */
export const language = createStore<Language>("en");

export function localeOf(): string {
  // English with days before months, as the rest of the page writes dates.
  return language.get() === "es" ? "es" : "en-GB";
}

/** Only in this browser; the account page also tells the hub (PATCH /me). */
export async function setLanguage(to: Language, keep = true): Promise<void> {
  if (keep) keepLanguage(to);
  words = await wordsOf(to);
  document.documentElement.lang = to;
  language.set(to);
}

/** Letters that run from right to left, and characters that turn the direction. */
const TURNS = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]/;

/** A name in a sentence keeps its direction to itself: between the isolates of Unicode. */
function isolated(text: string): string {
  return TURNS.test(text) ? `\u2068${text}\u2069` : text;
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
  let text = words[key] ?? key;
  if (vars && "n" in vars && text.includes("|")) {
    const [one = "", many = one] = text.split("|");
    text = Number(vars.n) === 1 ? one : many;
  }
  if (!vars) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = vars[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(localeOf()) : isolated(value);
  });
}
