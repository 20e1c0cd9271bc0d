// What a form does, from the click to the hub's answer: busy meanwhile, and what was refused in words.

import { useEffect, useRef, useState } from "preact/hooks";
import { api, toApiError, type ApiError, type Query } from "../lib/api";

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

/** All items of a list, page by page, up to a bound. */
export async function all<T>(path: string, query?: Query, most = 5000): Promise<T[]> {
  const items: T[] = [];
  for await (const page of api.pages<T>(path, query)) {
    items.push(...page);
    if (items.length >= most) break;
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
