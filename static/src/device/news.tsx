// What just happened, in words: the feed of the overview and of a device.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../lib/api";
import { hasText, t, td } from "../lib/i18n";
import { useNewsBatch } from "../lib/live";
import { link } from "../lib/routes";
import { useResource } from "../lib/resource";
import { KIND, type NewsItem, type NewsKind } from "../lib/types";
import { MOST_LINES, withNews, type Line } from "./newslines";
import { CommandState, DeviceLink, Empty, ErrorNote, Icon, Severity, Spinner, Time, type IconName } from "../ui";

/** The first is told at once; then the feed is read, not watched: it moves once in so long. */
const PAUSE_MS = 700;
/** Read at first: several states of a command are one line. */
const READ_AT_FIRST = 200;
/** Waiting to be told: a flood's newest. */
const MOST_WAITING = 2_000;

interface Told {
  icon: IconName;
  tone: "ok" | "bad" | "warn" | "info" | "neutral";
  text: ComponentChildren;
}

const KIND_NAME: Record<number, string> = Object.fromEntries(Object.entries(KIND).map(([name, kind]) => [kind, name]));

/** Such as `WRITE heating true`. */
export function orderText(type: number, fields: readonly string[]): string {
  return [KIND_NAME[type] ?? String(type), ...fields].join(" ");
}

/** Why a device is offline, in words. */
export function reasonText(reason: string): string {
  const key = `news.reason.${reason}`;
  return hasText(key) ? td(key) : reason;
}

function tellPresence(item: Extract<NewsItem, { e: "presence" }>, own: boolean, alike?: number): Told {
  const { state, reason } = item.presence;
  const online = state === "online";
  const text = alike
    ? <>{t(online ? "news.many_online" : "news.many_offline", { n: alike })} · <span class="muted">{item.group}</span></>
    : (
      <>
        {!own && <DeviceLink address={item.address} />} {online ? t("news.online") : t("news.offline")}
        {!online && reason && <span class="muted"> ({reasonText(reason)})</span>}
      </>
    );
  return { icon: "power", tone: online ? "ok" : "bad", text };
}

function tell({ item, alike }: Line, own: boolean): Told {
  switch (item.e) {
    case "presence":
      return tellPresence(item, own, alike);
    case "command": {
      const { type, fields, address, state, issuer } = item.command;
      return {
        icon: "send", tone: "neutral",
        text: <><span class="strong">{orderText(type, fields)}</span>{!own && <> {t("news.to")} <DeviceLink address={address} /></>} <CommandState state={state} /> <span class="muted">{issuer}</span></>,
      };
    }
    case "alarm":
      return {
        icon: "alarms", tone: item.what === "raised" ? "bad" : item.what === "cleared" ? "ok" : "info",
        text: (
          <>
            <a href={link(`/alarms/${item.alarm.id}`)}>{item.alarm.name}</a> <Severity severity={item.alarm.severity} /> {td(`news.alarm.${item.what}`)}
            {!own && <> · <DeviceLink address={item.alarm.address} /></>}{item.by && <span class="muted"> · {item.by}</span>}
          </>
        ),
      };
    case "device":
      if (alike) return { icon: "devices", tone: "info", text: <>{td(`news.many_${item.what}`, { n: alike })} · <span class="muted">{item.group}</span></> };
      return { icon: "devices", tone: "info", text: <>{!own && <DeviceLink address={item.address} plain={item.what === "removed"} />} {td(`news.device.${item.what}`)}</> };
    case "group":
      return { icon: "groups", tone: "info", text: td(hasText(`news.group_${item.what}`) ? `news.group_${item.what}` : "news.group_changed", { group: item.group }) };
    case "rule":
      return { icon: "rules", tone: "info", text: <a href={link(`/rules/${item.id}`)}>{t("news.rule")}</a> };
    case "schedule":
      return { icon: "schedules", tone: "info", text: <a href={link(`/schedules/${item.id}`)}>{t("news.schedule")}</a> };
    default:
      return { icon: "discovered", tone: "warn", text: <a href={link("/discovered")}>{t("news.discovered")}</a> };
  }
}

const KINDS = ["presence", "command", "alarm", "device", "group", "rule", "schedule", "discovered"] as const satisfies readonly NewsKind[];

function addressOf(item: NewsItem): number | null {
  if (item.e === "command") return item.command.address;
  if (item.e === "alarm") return item.alarm.address;
  return "address" in item ? item.address : null;
}

export function News({ device, limit = MOST_LINES }: { device?: number; limit?: number }) {
  const own = device !== undefined;
  const events = useResource(`events ${device ?? ""}`, () => api.get<{ items: NewsItem[] }>("/events", { device, limit: READ_AT_FIRST }));
  const [lines, setLines] = useState<Line[]>([]);
  const waiting = useRef<NewsItem[]>([]);
  const timer = useRef(0);
  const moved = useRef(0);

  useEffect(() => {
    if (events.data) setLines(withNews([], [...events.data.items].reverse(), own));
  }, [events.data]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useNewsBatch(KINDS, (items) => {
    for (const item of items) {
      if (own && addressOf(item) !== device) continue;
      waiting.current.push(item);
    }
    if (waiting.current.length > MOST_WAITING) waiting.current = waiting.current.slice(-MOST_WAITING);
    if (timer.current || !waiting.current.length) return;
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      moved.current = Date.now();
      const items = waiting.current;
      waiting.current = [];
      setLines((before) => withNews(before, items, own));
    }, Math.max(0, moved.current + PAUSE_MS - Date.now()));
  });

  if (events.error && !lines.length) return <ErrorNote error={events.error} retry={events.reload} />;
  if (!events.data && !lines.length) return <Spinner />;
  if (!lines.length) return <Empty icon="schedules" title={t("news.none")} hint={t("news.none_hint")} />;
  return (
    <ol class="news" aria-label={t("news.title")} tabIndex={0}>
      {lines.slice(0, limit).map((line) => <NewsLine key={line.key} line={line} own={own} />)}
    </ol>
  );
}

function NewsLine({ line, own }: { line: Line; own: boolean }) {
  const { icon, tone, text } = tell(line, own);
  return (
    <li class="news-line">
      <span class={`news-icon tone-${tone}`}><Icon name={icon} size={14} /></span>
      <span class="news-text in-text">{text}</span>
      <span class="news-time muted small"><Time ms={line.at_ms} /></span>
    </li>
  );
}
