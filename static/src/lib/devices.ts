// All devices that the viewer may see, kept once for the list, the search and the names; news keep it true.

import { useEffect, useReducer } from "preact/hooks";
import { api, ApiError, toApiError } from "./api";
import { live, resync } from "./live";
import { createStore, useStore } from "./store";
import type { Device, DeviceSummary, NewsItem } from "./types";

export interface DeviceBook {
  /** In the hub's order. A new array whenever anything changed. */
  items: DeviceSummary[];
  /** All pages are here. */
  complete: boolean;
  loading: boolean;
  /** Rises when devices came, went or were renamed: when an order of them has to be made anew. */
  version: number;
  error?: ApiError;
  at?: number;
}

/** While there is nothing new, what was read is good for so long. */
const REFRESH_MS = 250;

const book = createStore<DeviceBook>({ items: [], complete: false, loading: false, version: 0 });
let byAddress = new Map<number, DeviceSummary>();
let users = 0;
let run = 0;

/** Search text of a device, made once. */
const searchable = new WeakMap<DeviceSummary, string>();

export function searchText(device: DeviceSummary): string {
  let text = searchable.get(device);
  if (text === undefined) {
    text = `${device.name}\n${device.type}/${device.id}\n${device.address}\n${device.labels.map((l) => `@${l}`).join(" ")}\n${device.group}`.toLowerCase();
    searchable.set(device, text);
  }
  return text;
}

/** Sorts as people count: without accents, and 9 before 10. Far quicker than Intl.Collator. */
export function sortKey(device: DeviceSummary): string {
  return (device.name || device.id).normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/\d+/g, (n) => n.padStart(12, "0"));
}

/** Whether every word of the search occurs. */
export function matches(device: DeviceSummary, words: readonly string[]): boolean {
  const text = searchText(device);
  return words.every((word) => text.includes(word));
}

async function load(): Promise<void> {
  const mine = ++run;
  const fresh = new Map<number, DeviceSummary>();
  book.update((b) => ({ ...b, loading: true, error: undefined }));
  try {
    for await (const page of api.pages<DeviceSummary>("/devices")) {
      if (mine !== run) return;
      for (const device of page) {
        fresh.set(device.address, device);
        // Here, a page at a time: at the first letter of a search it would be felt.
        searchText(device);
      }
      // The first time every page is shown as it comes; later the old list stays until the new one is whole.
      if (!book.get().complete) {
        byAddress = fresh;
        book.update((b) => ({ ...b, items: [...fresh.values()], version: b.version + 1 }));
      }
    }
    byAddress = fresh;
    book.update((b) => ({ items: [...fresh.values()], complete: true, loading: false, version: b.version + 1, at: Date.now() }));
  } catch (error) {
    if (mine === run) book.update((b) => ({ ...b, loading: false, error: toApiError(error) }));
  }
}

let timer = 0;
function reloadSoon(): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => void load(), REFRESH_MS);
}

async function refetch(addresses: number[]): Promise<void> {
  if (addresses.length > 20) return reloadSoon();
  for (const address of addresses) {
    try {
      put(summaryOf(await api.get<Device>(`/devices/${address}`)));
    } catch (error) {
      if (toApiError(error).status === 404) byAddress.delete(address);
    }
  }
  publish(true);
}

/** The list's form of a device that was read alone. */
export function summaryOf(device: Device): DeviceSummary {
  const before = byAddress.get(device.address);
  const { address, group, type, id, name, labels, disabled, weak, open_alarms, presence } = device;
  const { state, since_ms, last_byte_ms } = presence;
  return {
    address, group, type, id, name, labels, state, since_ms, last_byte_ms, disabled, weak, open_alarms,
    worst: open_alarms ? (device.worst ?? before?.worst ?? "") : "",
  };
}

function put(device: DeviceSummary): void {
  byAddress.set(device.address, device);
}

// With 20,000 devices even the copy of the list takes its time: not for each animation frame.
const PUBLISH_MS = 40;
let publishing = 0;
let renamed = false;
function publish(order = false): void {
  renamed ||= order;
  if (publishing) return;
  publishing = window.setTimeout(() => {
    publishing = 0;
    const version = book.get().version + (renamed ? 1 : 0);
    renamed = false;
    book.update((b) => ({ ...b, items: [...byAddress.values()], version }));
  }, PUBLISH_MS);
}

live.listen(["presence", "device", "alarm"], (items: NewsItem[]) => {
  if (!users && !book.get().items.length) return;
  const again = new Set<number>();
  let changed = false;
  for (const item of items) {
    if (item.e === "presence") {
      const known = byAddress.get(item.address);
      if (known) {
        const { state, since_ms, last_byte_ms } = item.presence;
        const next = { ...known, state, since_ms, last_byte_ms };
        searchable.set(next, searchText(known));
        put(next);
        changed = true;
      }
    } else if (item.e === "device") {
      names.delete(item.address);
      if (item.what !== "removed") again.add(item.address);
      else if (byAddress.delete(item.address)) publish(true);
    } else if (item.e === "alarm" && (item.what === "raised" || item.what === "cleared")) {
      again.add(item.alarm.address);
    }
  }
  if (changed) publish();
  if (again.size) later(again);
});

// What has to be read again is read at most twice a second.
const due = new Set<number>();
let dueTimer = 0;
function later(addresses: Set<number>): void {
  for (const address of addresses) due.add(address);
  if (dueTimer) return;
  dueTimer = window.setTimeout(() => {
    dueTimer = 0;
    const all = [...due];
    due.clear();
    if (users) void refetch(all);
    else stale = true;
  }, 500);
}

let stale = false;
resync.subscribe(() => {
  names.clear();
  if (users) reloadSoon();
  else stale = true;
});

/** The whole list, read when it is first used. */
export function useDevices(): DeviceBook & { reload(): void } {
  const known = useStore(book);
  useEffect(() => {
    users++;
    const { complete, loading } = book.get();
    if ((!complete && !loading) || stale) {
      stale = false;
      void load();
    }
    return () => {
      users--;
    };
  }, []);
  return { ...known, reload: () => void load() };
}

// Single devices, for names beside alarms and commands on pages that do not need the whole list.

type Name = Pick<DeviceSummary, "address" | "name" | "type" | "id" | "group">;
const MOST_NAMES = 2_000;
const MOST_ASKED = 4;
const names = new Map<number, Name | null>();
const asking = new Map<number, Set<() => void>>();
const queue: number[] = [];
let asked = 0;

function pump(): void {
  while (asked < MOST_ASKED && queue.length) {
    const address = queue.shift();
    if (address === undefined) return;
    asked++;
    api.get<Device>(`/devices/${address}`)
      .then(({ name, type, id, group }) => names.set(address, { address, name, type, id, group }), (error: unknown) => {
        if (toApiError(error).status === 404) names.set(address, null);
      })
      .finally(() => {
        asked--;
        if (names.size > MOST_NAMES) names.delete(names.keys().next().value as number);
        const waiting = asking.get(address);
        asking.delete(address);
        waiting?.forEach((tell) => tell());
        pump();
      });
  }
}

/** What is known of one device; `undefined` until it is known, `null` when there is none (any more). */
export function useDevice(address: number | null): Name | null | undefined {
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
  useEffect(() => {
    if (address === null || byAddress.has(address) || names.has(address)) return;
    const tell = () => redraw();
    let waiting = asking.get(address);
    if (!waiting) {
      waiting = new Set();
      asking.set(address, waiting);
      queue.push(address);
      pump();
    }
    waiting.add(tell);
    return () => {
      waiting.delete(tell);
      // Nobody waits any more, and it was not asked yet: a feed that rolls by asks for nothing.
      const at = waiting.size ? -1 : queue.indexOf(address);
      if (at < 0) return;
      queue.splice(at, 1);
      asking.delete(address);
    };
  }, [address]);
  if (address === null) return null;
  return byAddress.get(address) ?? names.get(address);
}

/** How a device is called where there is room for one word: its name, or else type/id. */
export function deviceName(device: { name: string; type: number; id: string }): string {
  return device.name || `${device.type}/${device.id}`;
}

/** What is known now, without asking. */
export function knownDevice(address: number): DeviceSummary | undefined {
  return byAddress.get(address);
}
