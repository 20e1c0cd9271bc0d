// What a page has read from the hub, read again when news were lost.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError, toApiError } from "./api";
import { resync } from "./live";

export interface Resource<T> {
  data?: T;
  error?: ApiError;
  loading: boolean;
  /** When the data came, Unix ms. */
  at?: number;
  reload(): void;
  /** Changes what is shown by what news say. */
  mutate(change: (data: T) => T): void;
}

interface Held<T> {
  key: string | null;
  data?: T;
  error?: ApiError;
  loading: boolean;
  at?: number;
}

/** Reads what `key` names; `null` reads nothing. While it is read again the data before stays. */
export function useResource<T>(key: string | null, load: () => Promise<T>): Resource<T> {
  const [held, setHeld] = useState<Held<T>>({ key, loading: key !== null });
  const run = useRef(0);
  const loader = useRef(load);
  loader.current = load;

  const read = useCallback(() => {
    const mine = ++run.current;
    if (key === null) {
      setHeld({ key, loading: false });
      return;
    }
    setHeld((before) => (before.key === key ? { ...before, loading: true } : { key, loading: true }));
    loader.current().then(
      (data) => {
        if (run.current === mine) setHeld({ key, data, loading: false, at: Date.now() });
      },
      (error: unknown) => {
        if (run.current !== mine) return;
        // What is shown already stays, with the error beside it.
        setHeld((before) => ({ ...(before.key === key ? before : { key }), error: toApiError(error), loading: false }));
      },
    );
  }, [key]);

  useEffect(() => {
    read();
    return () => {
      run.current++;
    };
  }, [read]);
  useEffect(() => resync.subscribe(() => read()), [read]);

  const mutate = useCallback((change: (data: T) => T) => {
    setHeld((before) => (before.data === undefined ? before : { ...before, data: change(before.data) }));
  }, []);
  // A key that has just changed must not show what belongs to the one before.
  const shown: Held<T> = held.key === key ? held : { key, loading: key !== null };
  return { data: shown.data, error: shown.error, loading: shown.loading, at: shown.at, reload: read, mutate };
}
