// What a form does, from the click to the hub's answer: busy meanwhile, and what was refused in words.

import { useEffect, useRef, useState } from "preact/hooks";
import { api, toApiError, type ApiError, type Query } from "../lib/api";
import type { Page } from "../lib/types";

export interface Act {
  busy: boolean;
  /** What the hub said no with; its sentence for one field comes from `of`. */
  error: ApiError | null;
  of(field: string): string | undefined;
  /** True when it went through. */
  run(act: () => Promise<void>): Promise<boolean>;
  clear(): void;
}

export function useAct(): Act {
  const [state, setState] = useState<{ busy: boolean; error: ApiError | null }>({ busy: false, error: null });
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  const set = (busy: boolean, error: ApiError | null): void => {
    if (here.current) setState({ busy, error });
  };
  return {
    ...state,
    of: (field) => state.error?.of(field),
    clear: () => set(false, null),
    run: async (act) => {
      set(true, null);
      try {
        await act();
        set(false, null);
        return true;
      } catch (error) {
        set(false, toApiError(error));
        return false;
      }
    },
  };
}

/** More than these pages show. */
const MOST_PAGES = 50;

/** All items of a list. Some have all on one page and take no `limit`: where there is a next page, it is asked for. */
export async function all<T>(path: string, query?: Query): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null | undefined = null;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page: Page<T> = await api.get<Page<T>>(path, { ...query, cursor });
    items.push(...page.items);
    cursor = page.next;
    if (!cursor) break;
  }
  return items;
}

/** Calls at most twice a second, the last wish included: for lists that are read anew at news. */
export function useSoon(act: () => void): () => void {
  const timer = useRef(0);
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return () => {
    if (timer.current !== 0) return;
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      latest.current();
    }, 500);
  };
}

export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
