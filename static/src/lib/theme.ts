// Light or dark: as the system has it, unless somebody chose.

import { createStore } from "./store";

export type Theme = "auto" | "light" | "dark";

const KEPT = "hub.theme";

function kept(): Theme {
  const value = localStorage.getItem(KEPT);
  return value === "light" || value === "dark" ? value : "auto";
}

export const theme = createStore<Theme>(kept());

/** On <html data-theme>: always light or dark, so that the styles say each colour once. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
}

export function setTheme(to: Theme): void {
  if (to === "auto") localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, to);
  theme.set(to);
  applyTheme();
}

/** What is shown now; for what draws on a canvas. */
export function isDark(): boolean {
  const chosen = theme.get();
  return chosen === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : chosen === "dark";
}

/** Calls when light turns to dark or back; answers how to stop. */
export function onThemeChange(listener: () => void): () => void {
  const query = matchMedia("(prefers-color-scheme: dark)");
  query.addEventListener("change", listener);
  const stop = theme.subscribe(listener);
  return () => {
    query.removeEventListener("change", listener);
    stop();
  };
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyTheme);
