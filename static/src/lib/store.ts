// A value that many parts of the page show: set in one place, drawn wherever it is used.

import { useEffect, useReducer, useRef } from "preact/hooks";

export interface Store<T> {
  get(): T;
  set(value: T): void;
  update(change: (value: T) => T): void;
  subscribe(listener: (value: T) => void): () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<(value: T) => void>();
  const set = (next: T) => {
    if (Object.is(next, value)) return;
    value = next;
    for (const listener of [...listeners]) listener(value);
  };
  return {
    get: () => value,
    set,
    update: (change) => set(change(value)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Draws the component anew when what `select` takes from the store changes. */
export function useStore<T>(store: Store<T>): T;
export function useStore<T, S>(store: Store<T>, select: (value: T) => S): S;
export function useStore<T, S>(store: Store<T>, select?: (value: T) => S): T | S {
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
  const take = (value: T): T | S => (select ? select(value) : value);
  const shown = take(store.get());
  const latest = useRef({ shown, take });
  latest.current = { shown, take };
  useEffect(() => {
    const look = (value: T) => {
      if (!Object.is(latest.current.take(value), latest.current.shown)) redraw();
    };
    // It may have changed between drawing and now.
    look(store.get());
    return store.subscribe(look);
  }, [store]);
  return shown;
}
