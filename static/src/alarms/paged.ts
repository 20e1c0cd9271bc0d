/** A list that is read page by page as whoever looks asks for more. */
import { useEffect, useState } from "preact/hooks";
import { api, queryText, toApiError, type ApiError, type Query } from "../lib/api";
import { useResource } from "../lib/resource";
import type { Page } from "../lib/types";

const PAGE_ITEMS = 200;

export interface Paged<T> {
  items: T[] | undefined;
  error: ApiError | undefined;
  loading: boolean;
  /** There are more: `more` reads them. */
  hasMore: boolean;
  more(): void;
  reload(): void;
  mutate(change: (items: T[]) => T[]): void;
}

export function usePaged<T>(path: string, query: Query, limit = PAGE_ITEMS): Paged<T> {
  const key = path + queryText(query);
  const first = useResource<Page<T>>(key, () => api.get<Page<T>>(path, { limit, ...query }));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | undefined>();
  useEffect(() => setError(undefined), [key]);
  const next = first.data?.next ?? null;
  const more = () => {
    if (next === null || busy) return;
    setBusy(true);
    api.get<Page<T>>(path, { limit, ...query, cursor: next })
      .then((page) => first.mutate((before) => (before.next === next ? { items: [...before.items, ...page.items], next: page.next } : before)))
      .catch((problem: unknown) => setError(toApiError(problem)))
      .finally(() => setBusy(false));
  };
  return {
    items: first.data?.items,
    error: first.error ?? error,
    loading: first.loading || busy,
    hasMore: next !== null,
    more,
    reload: first.reload,
    mutate: (change) => first.mutate((page) => ({ ...page, items: change(page.items) })),
  };
}
