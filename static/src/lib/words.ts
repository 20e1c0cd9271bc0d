// The texts of a language, as the build made them of src/lang: data, and no script.

import type { Language } from "./types";

const KEPT = "hub.language";
const asked = new Map<Language, Promise<Record<string, string>>>();

/** The language kept in this browser, or else the browser's own. */
export function preferredLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "en" || kept === "es") return kept;
  return navigator.language.toLowerCase().startsWith("es") ? "es" : "en";
}

export function hasKeptLanguage(): boolean {
  return localStorage.getItem(KEPT) !== null;
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(KEPT, language);
}

/** Its address stands in the page: the name has a hash. */
export function wordsOf(language: Language): Promise<Record<string, string>> {
  let words = asked.get(language);
  if (!words) {
    const { wordsEn = "", wordsEs = "" } = document.documentElement.dataset;
    words = fetch(language === "es" ? wordsEs : wordsEn).then((response) => {
      if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
      return response.json() as Promise<Record<string, string>>;
    });
    // What failed may be asked again.
    words.catch(() => asked.delete(language));
    asked.set(language, words);
  }
  return words;
}
