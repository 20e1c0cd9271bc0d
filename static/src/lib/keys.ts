// Keys for the whole page: one letter, or two in a row such as `g d`.

import { useEffect, useRef } from "preact/hooks";
import { createStore } from "./store";

export interface Shortcut {
  keys: string;
  label: string;
  run: () => void;
}

/** All that hold at the moment, the newest last; the help shows them. */
export const shortcuts = createStore<Shortcut[]>([]);

const PAUSE_MS = 1_200;
let before = "";
let beforeAt = 0;

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return !!element?.closest("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]");
}

export function startKeys(): void {
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const key = event.key;
    if (key.length !== 1 && key !== "Escape") return;
    const two = Date.now() - beforeAt < PAUSE_MS ? `${before} ${key}` : "";
    const all = shortcuts.get();
    const found = (two && all.findLast((s) => s.keys === two)) || all.findLast((s) => s.keys === key);
    before = key;
    beforeAt = Date.now();
    if (!found) return;
    before = "";
    event.preventDefault();
    found.run();
  });
}

/** Keys that hold while the component is there. */
export function useKeys(keys: Record<string, { label: string; run: () => void }>): void {
  const latest = useRef(keys);
  latest.current = keys;
  const names = Object.entries(keys).map(([k, s]) => `${k}=${s.label}`).join("\n");
  useEffect(() => {
    const mine = Object.entries(latest.current).map(([k, s]) => ({
      keys: k, label: s.label, run: () => latest.current[k]?.run(),
    }));
    shortcuts.update((all) => [...all, ...mine]);
    return () => shortcuts.update((all) => all.filter((s) => !mine.includes(s)));
  }, [names]);
}

/** Focuses the page's search field, if it has one. */
export function focusSearch(): void {
  document.querySelector<HTMLInputElement>("[data-search]")?.focus();
}
