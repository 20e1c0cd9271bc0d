// A list that goes on as its end comes into sight: page by page, up to a bound.

import { useEffect, useRef, useState } from "preact/hooks";
import { api, toApiError, type ApiError, type Query } from "../lib/api";
import { resync } from "../lib/live";
import type { Page } from "../lib/types";

export interface Endless<T> {
  items: readonly T[] | undefined;
  error: ApiError | undefined;
  loading: boolean;
  /** Nothing is left to be read. */
  ended: boolean;
  /** As many as this page shows; there are more. */
  full: boolean;
  more(): void;
  reload(): void;
}

interface Held<T> {
  key: string;
  items: readonly T[] | undefined;
  error: ApiError | undefined;
  loading: boolean;
  next: string | null;
}

const PAGE = 100;

export function useEndless<T>(path: string, query: Query, most: number): Endless<T> {
  const key = `${path} ${JSON.stringify(query)}`;
  const empty: Held<T> = { key, items: undefined, error: undefined, loading: true, next: null };
  const [held, setHeld] = useState<Held<T>>(empty);
  const now = useRef(held);
  const run = useRef(0);
  const set = (next: Held<T>): void => {
    now.current = next;
    setHeld(next);
  };

  const read = async (before: Held<T>): Promise<void> => {
    const mine = ++run.current;
    set({ ...before, loading: true, error: undefined });
    try {
      const page = await api.get<Page<T>>(path, { ...query, limit: PAGE, cursor: before.next });
      if (mine !== run.current) return;
      set({ key, items: [...(before.items ?? []), ...page.items], error: undefined, loading: false, next: page.next });
    } catch (error) {
      if (mine === run.current) set({ ...before, loading: false, error: toApiError(error) });
    }
  };
  const reload = (): void => void read(empty);
  useEffect(() => {
    reload();
    const stop = resync.subscribe(reload);
    return () => {
      run.current++;
      stop();
    };
  }, [key]);

  const shown = held.key === key ? held : empty;
  const full = (shown.items?.length ?? 0) >= most;
  return {
    items: shown.items,
    error: shown.error,
    loading: shown.loading,
    ended: shown.items !== undefined && shown.next === null,
    full,
    more: () => {
      const { loading, next, items } = now.current;
      if (!loading && next !== null && (items?.length ?? 0) < most) void read(now.current);
    },
    reload,
  };
}

/** Calls while the element is in sight, or nearly. */
export function useInSight(act: () => void, on: boolean): (element: Element | null) => void {
  const latest = useRef(act);
  latest.current = act;
  const observer = useRef<IntersectionObserver | null>(null);
  const [element, setElement] = useState<Element | null>(null);
  useEffect(() => {
    if (!element || !on) return;
    observer.current = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) latest.current();
    }, { rootMargin: "400px" });
    observer.current.observe(element);
    return () => observer.current?.disconnect();
  }, [element, on]);
  return setElement;
}
