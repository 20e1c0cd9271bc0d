// The hub at a glance: for the overview page and for the count beside "Alarms".

import { api, toApiError, type ApiError } from "./api";
import { live, resync } from "./live";
import { me } from "./me";
import { createStore, useStore } from "./store";
import type { Overview } from "./types";

interface Held {
  data?: Overview;
  error?: ApiError;
  loading: boolean;
}

/** News ask for it again, but no more often than this. */
const PAUSE_MS = 1_500;

const held = createStore<Held>({ loading: true });
let timer = 0;
let readAt = 0;
let reading = false;

async function read(): Promise<void> {
  if (reading || !me.get()) return;
  reading = true;
  readAt = Date.now();
  try {
    held.set({ data: await api.get<Overview>("/overview"), loading: false });
  } catch (error) {
    held.update((h) => ({ ...h, error: toApiError(error), loading: false }));
  } finally {
    reading = false;
  }
}

export function readOverviewSoon(): void {
  if (timer) return;
  timer = window.setTimeout(() => {
    timer = 0;
    void read();
  }, Math.max(20, readAt + PAUSE_MS - Date.now()));
}

live.listen(["presence", "alarm", "device", "group", "command"], readOverviewSoon);
resync.subscribe(readOverviewSoon);

export function readOverview(): void {
  void read();
}

export function useOverview(): Held {
  return useStore(held);
}

export function useOpenAlarms(): { open: number; unacknowledged: number } {
  const open = useStore(held, (h) => h.data?.alarms.open ?? 0);
  const unacknowledged = useStore(held, (h) => h.data?.alarms.unacknowledged ?? 0);
  return { open, unacknowledged };
}
