// The live socket: news gathered per animation frame, a connection that comes back by itself.

import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "./api";
import { Gathered } from "./gather";
import { t } from "./i18n";
import { askLogin, me, refreshMe } from "./me";
import { createStore, useStore } from "./store";
import { setHubTime } from "./time";
import type { FrameItem, NewsFor, NewsItem, NewsKind, OverReason, ServerMessage } from "./types";

/** Silent for so long: the hub is asked whether it is there at all. */
const SILENT_MS = 15_000;
const ASK_MS = 5_000;
const FIRST_WAIT_MS = 400;
const MOST_WAIT_MS = 8_000;
const ANSWER_MS = 15_000;
/** The hub watches no more devices for one socket. */
const MOST_DEVICES = 64;

export interface LiveState {
  status: "connecting" | "live" | "lost";
  /** Since when it is so. */
  since_ms: number;
  /** When the hub was last heard: what is shown is as old as that. */
  last_ms: number;
}

export interface Readings {
  devices?: number[];
  groups?: string[];
}

export interface FrameWatch {
  group: string;
  device?: number;
}

const state = createStore<LiveState>({ status: "connecting", since_ms: Date.now(), last_ms: Date.now() });
/** Rises whenever everything shown has to be read again. */
export const resync = createStore(0);
/** The addresses that the hub gave this browser, by group. */
export const ownAddresses = createStore<Record<string, number>>({});

type Batch = (items: NewsItem[]) => void;

const listeners = new Map<NewsKind, Set<Batch>>();
const readingWatches = new Set<Readings>();
const frameWatches: { watch: FrameWatch; take: (frames: FrameItem[], missed: number) => void }[] = [];
const pending = new Map<number, { resolve: () => void; reject: (error: ApiError) => void; timer: number }>();
const gathered = new Gathered();

let socket: WebSocket | null = null;
let wanted = false;
let failures = 0;
let retry = 0;
let heard = Date.now();
let lastSend = 0;
let watchTimer = 0;
let watchSaid = "";
let drawing = false;
let hadConnection = false;
let probing = false;

function setStatus(status: LiveState["status"]): void {
  const before = state.get();
  if (before.status !== status) state.set({ status, since_ms: Date.now(), last_ms: heard });
}

function open(): void {
  window.clearTimeout(retry);
  if (!wanted || socket) return;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const mine = new WebSocket(`${scheme}//${location.host}/api/v1/live`);
  socket = mine;
  mine.onmessage = (event) => {
    if (socket === mine) take(event.data as string);
  };
  mine.onclose = () => {
    if (socket === mine) closed();
  };
}

function closed(): void {
  socket = null;
  watchSaid = "";
  for (const [, call] of pending) {
    window.clearTimeout(call.timer);
    call.reject(new ApiError(0, "unreachable", t("error.unreachable")));
  }
  pending.clear();
  if (!wanted) return;
  setStatus(hadConnection ? "lost" : "connecting");
  // With jitter, so that a hub that comes back is not run over by all its browsers at once.
  const wait = Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 1.7 ** failures) * (0.5 + Math.random());
  failures++;
  retry = window.setTimeout(() => void checkThenOpen(), wait);
}

/** A socket does not say why it was refused; GET /me does. */
async function checkThenOpen(): Promise<void> {
  if (failures > 1) {
    try {
      await refreshMe();
    } catch {
      if (!socket && wanted) closed();
      return;
    }
  }
  open();
}

function take(text: string): void {
  let message: ServerMessage;
  try {
    message = JSON.parse(text) as ServerMessage;
  } catch {
    return;
  }
  heard = Date.now();
  switch (message.t) {
    case "hello":
      greeted(message);
      break;
    case "news":
      setHubTime(message.now_ms);
      for (const item of message.items) gathered.put(item);
      drawSoon();
      break;
    case "missed":
      gathered.missed += message.frames;
      drawSoon();
      break;
    case "resync":
      askResync();
      break;
    case "sent":
      settle(message.id);
      break;
    case "refused":
      settle(message.id, new ApiError(message.problem.status, message.problem.code, message.problem.detail, message.problem.errors));
      break;
    case "over":
      over(message.reason);
      break;
  }
}

function greeted(hello: Extract<ServerMessage, { t: "hello" }>): void {
  setHubTime(hello.now_ms);
  failures = 0;
  ownAddresses.set(Object.fromEntries(hello.addresses.map((a) => [a.group, a.address])));
  const again = hadConnection;
  hadConnection = true;
  setStatus("live");
  sayWatch();
  if (again) askResync();
}

function over(reason: OverReason): void {
  const ended = socket;
  socket = null;
  ended?.close();
  watchSaid = "";
  if (reason === "rights_changed") void refreshMe().catch(() => undefined).then(askResync);
  if (reason === "logged_out" || reason === "expired" || reason === "disabled") {
    setStatus("lost");
    void askLogin().then(() => open());
    return;
  }
  closed();
}

let resyncTimer = 0;
function askResync(): void {
  window.clearTimeout(resyncTimer);
  // Many browsers that lost the same news do not all read at once.
  resyncTimer = window.setTimeout(() => resync.update((n) => n + 1), Math.random() * 300);
}

function settle(id: number, error?: ApiError): void {
  const call = pending.get(id);
  if (!call) return;
  pending.delete(id);
  window.clearTimeout(call.timer);
  if (error) call.reject(error);
  else call.resolve();
}

function drawSoon(): void {
  if (drawing) return;
  drawing = true;
  // A hidden page gets no animation frames, and must not gather for ever.
  if (document.hidden) window.setTimeout(draw, 500);
  else requestAnimationFrame(draw);
}

function draw(): void {
  drawing = false;
  const { items, frames, missed } = gathered.take();
  const byKind = new Map<NewsKind, NewsItem[]>();
  for (const item of items) {
    const same = byKind.get(item.e);
    if (same) same.push(item);
    else byKind.set(item.e, [item]);
  }
  const told = new Map<Batch, NewsItem[]>();
  for (const [kind, some] of byKind) {
    for (const listener of listeners.get(kind) ?? []) {
      const before = told.get(listener);
      told.set(listener, before ? before.concat(some) : some);
    }
  }
  for (const [listener, some] of told) {
    try {
      listener(some);
    } catch (error) {
      console.error(error);
    }
  }
  if (frames.length || missed) frameWatches[frameWatches.length - 1]?.take(frames, missed);
}

function wantedWatch(): string {
  const devices = new Set<number>();
  const groups = new Set<string>();
  for (const watch of readingWatches) {
    for (const address of watch.devices ?? []) devices.add(address);
    for (const group of watch.groups ?? []) groups.add(group);
  }
  const frames = frameWatches[frameWatches.length - 1]?.watch ?? null;
  return JSON.stringify({
    t: "watch",
    readings: { devices: [...devices].slice(0, MOST_DEVICES), groups: [...groups] },
    frames,
  });
}

function sayWatch(): void {
  window.clearTimeout(watchTimer);
  watchTimer = window.setTimeout(() => {
    const watch = wantedWatch();
    if (socket?.readyState !== WebSocket.OPEN || state.get().status !== "live" || watch === watchSaid) return;
    watchSaid = watch;
    socket.send(watch);
  }, 20);
}

/** A link that broke without a word is only found out by asking. */
async function probe(): Promise<void> {
  if (!wanted || !socket || probing || Date.now() - heard < SILENT_MS) return;
  probing = true;
  const asked = socket;
  try {
    await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(ASK_MS) });
    heard = Date.now();
  } catch {
    if (socket === asked) {
      asked.onclose = null;
      asked.close();
      closed();
    }
  } finally {
    probing = false;
  }
}

function tryNow(): void {
  if (wanted && !socket && !document.hidden) {
    failures = Math.min(failures, 1);
    open();
  }
}

export const live = {
  state,
  /** Once, when somebody is logged in. */
  start(): void {
    if (wanted) return;
    wanted = true;
    window.setInterval(() => void probe(), 5_000);
    window.addEventListener("online", tryNow);
    document.addEventListener("visibilitychange", tryNow);
    me.subscribe((known) => known && tryNow());
    open();
  },
  /** When the hub was last heard. */
  heard: () => heard,
  listen(kinds: readonly NewsKind[], batch: Batch): () => void {
    for (const kind of kinds) {
      const some = listeners.get(kind) ?? new Set();
      some.add(batch);
      listeners.set(kind, some);
    }
    return () => {
      for (const kind of kinds) listeners.get(kind)?.delete(batch);
    };
  },
  /** A frame from this browser's own address in the group. */
  send(group: string, to: string, type: number, fields: string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const gone = () => reject(new ApiError(0, "unreachable", t("error.unreachable")));
      if (socket?.readyState !== WebSocket.OPEN) return gone();
      const id = ++lastSend;
      const timer = window.setTimeout(() => {
        pending.delete(id);
        gone();
      }, ANSWER_MS);
      pending.set(id, { resolve, reject, timer });
      socket.send(JSON.stringify({ t: "send", id, group, to, type, fields }));
    });
  },
};

export function useLiveState(): LiveState {
  return useStore(state);
}

/** The whole batch of these kinds, once per animation frame. */
export function useNewsBatch<K extends NewsKind>(kinds: readonly K[], handler: (items: NewsFor<K>[]) => void): void {
  const latest = useRef(handler);
  latest.current = handler;
  const key = kinds.join();
  useEffect(() => live.listen(kinds, (items) => latest.current(items as NewsFor<K>[])), [key]);
}

/** Each item of the gathered batch; what the handlers set is drawn once. */
export function useNews<K extends NewsKind>(kinds: readonly K[], handler: (item: NewsFor<K>) => void): void {
  useNewsBatch(kinds, (items) => items.forEach(handler));
}

/** Has the hub send readings of these while the component is there. */
export function useWatch(readings: Readings | null): void {
  const key = JSON.stringify(readings);
  useEffect(() => {
    if (!readings) return;
    readingWatches.add(readings);
    sayWatch();
    return () => {
      readingWatches.delete(readings);
      sayWatch();
    };
  }, [key]);
}

/** Every frame of a group or a device, in order; `missed` were left out before these. */
export function useFrames(watch: FrameWatch | null, onFrames: (frames: FrameItem[], missed: number) => void): void {
  const latest = useRef(onFrames);
  latest.current = onFrames;
  const key = JSON.stringify(watch);
  useEffect(() => {
    if (!watch) return;
    const entry = { watch, take: (frames: FrameItem[], missed: number) => latest.current(frames, missed) };
    frameWatches.push(entry);
    sayWatch();
    return () => {
      frameWatches.splice(frameWatches.indexOf(entry), 1);
      sayWatch();
    };
  }, [key]);
}
