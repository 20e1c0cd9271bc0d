// The health of the hub: its figures every two seconds with the last ten minutes, and what is wrong in words.

import { useEffect, useRef, useState } from "preact/hooks";
import { all } from "../admin/act";
import { EVERY_MS, track, record, type Measure } from "../admin/healthlog";
import { DEFAULT_LIMITS, findings, type Limits } from "../admin/healthwords";
import { Spark } from "../admin/spark";
import { api, toApiError, type ApiError } from "../lib/api";
import { formatBytes, formatNumber } from "../lib/format";
import { t, td } from "../lib/i18n";
import { useResource } from "../lib/resource";
import { formatDateTime, formatSpan, formatTime } from "../lib/time";
import type { Health as Figures, Setting } from "../lib/types";
import { Card, ErrorNote, Icon, Note, Page, Spinner, useTick } from "../ui";

/** Older figures are said to be old. */
const STALE_MS = 8000;

interface Heard {
  health: Figures;
  /** Of this browser's clock, halfway between the question and the answer. */
  at: number;
}

function useHealth(): { heard: Heard | null; error: ApiError | null } {
  const [heard, setHeard] = useState<Heard | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const timer = useRef(0);
  useEffect(() => {
    let over = false;
    const ask = async (): Promise<void> => {
      const began = Date.now();
      try {
        const health = await api.get<Figures>("/health");
        if (over) return;
        const at = (began + Date.now()) / 2;
        record(health, Date.now());
        setHeard({ health, at });
        setError(null);
      } catch (refused) {
        if (!over) setError(toApiError(refused));
      }
      // The next question waits for the answer to this one, and a page that nobody sees asks nothing.
      if (!over) timer.current = window.setTimeout(again, EVERY_MS);
    };
    const again = (): void => {
      if (!document.hidden) void ask();
    };
    const shown = (): void => {
      if (document.hidden) return;
      window.clearTimeout(timer.current);
      void ask();
    };
    void ask();
    document.addEventListener("visibilitychange", shown);
    return () => {
      over = true;
      window.clearTimeout(timer.current);
      document.removeEventListener("visibilitychange", shown);
    };
  }, []);
  return { heard, error };
}

export default function Health() {
  const { heard, error } = useHealth();
  return (
    <Page title={t("health.title")} subtitle={t("health.lead")}>
      {!heard && !error && <Spinner />}
      {!heard && error && <ErrorNote error={error} />}
      {heard && <Shown heard={heard} error={error} />}
    </Page>
  );
}

function Shown({ heard, error }: { heard: Heard; error: ApiError | null }) {
  useTick();
  const { health, at } = heard;
  const age = Date.now() - at;
  const stale = age > STALE_MS;
  const whole = health.connections !== undefined || health.memory_bytes !== undefined;
  return (
    <div class={`stack health ${stale ? "is-old" : ""}`}>
      {stale
        ? <Note tone="bad">{t("health.stale", { span: formatSpan(Math.floor(age / 1000) * 1000) })} {error?.detail}</Note>
        : <Verdict health={health} at={at} whole={whole} />}
      <dl class="health-facts">
        <Fact name={t("health.version")} value={health.version} />
        <Fact name={t("health.up")} value={formatSpan(health.now_ms - health.started_ms + age)} note={t("health.since", { when: formatDateTime(health.started_ms) })} />
        <Fact name={t("health.clock")} value={formatTime(health.now_ms + age)} />
        <Fact name={t("health.storage")} value={t(health.storage_failing ? "health.storage_bad" : "health.storage_ok")} bad={health.storage_failing} />
      </dl>
      {whole ? <Measures health={health} /> : <Note>{t("health.only_admin")}</Note>}
    </div>
  );
}

function Verdict({ health, at, whole }: { health: Figures; at: number; whole: boolean }) {
  const found = findings(health, at, useLimits(whole));
  if (found.length === 0) {
    return (
      <div class="verdict is-ok" role="status">
        <Icon name="check" size={22} />
        <div><p class="strong">{t("health.well")}</p><p>{t(whole ? "health.well_hint" : "health.well_basic")}</p></div>
      </div>
    );
  }
  const bad = found.some((one) => one.tone === "bad");
  return (
    <div class={`verdict ${bad ? "is-bad" : "is-warn"}`} role="status">
      <Icon name="warn" size={22} />
      <div>
        <p class="strong">{t("health.wrong", { n: found.length })}</p>
        <ul>{found.map((one) => <li key={one.key}>{td(one.key, one.vars)}</li>)}</ul>
      </div>
    </div>
  );
}

/** Where the limits are that the figures themselves do not tell. */
function useLimits(whole: boolean): Limits {
  const { data } = useResource<Setting[]>(whole ? "settings" : null, () => all<Setting>("/settings"));
  const of = (section: string, key: string, otherwise: number): number => {
    const value = data?.find((setting) => setting.section === section && setting.key === key)?.value;
    return Number(value) > 0 ? Number(value) : otherwise;
  };
  return {
    queueRows: of("storage", "queue_rows", DEFAULT_LIMITS.queueRows),
    outboxBytes: of("devices", "all_outboxes_bytes", DEFAULT_LIMITS.outboxBytes),
  };
}

function Fact({ name, value, note, bad }: { name: string; value: string; note?: string; bad?: boolean }) {
  return (
    <div class={bad ? "is-bad" : ""}>
      <dt>{name}</dt>
      <dd><span class="fact-value">{bad && <Icon name="warn" size={15} />} {value}</span>{note !== undefined && <span class="muted small">{note}</span>}</dd>
    </div>
  );
}

interface Shape {
  measure: Measure;
  text: (n: number) => string;
  /** Movements below look small. */
  least: number;
  note?: (health: Figures) => string;
}

const count = (n: number): string => formatNumber(n, 0);
const ms = (n: number): string => `${formatNumber(n, 1)} ms`;
const MIB = 1024 * 1024;

const SECTIONS: readonly { title: "health.section.traffic" | "health.section.storage" | "health.section.machine"; shapes: readonly Shape[] }[] = [
  {
    title: "health.section.traffic",
    shapes: [
      { measure: "devices_online", text: count, least: 4 },
      { measure: "connections", text: count, least: 4, note: (health) => (health.connections_max ? t("health.of", { most: count(health.connections_max) }) : "") },
      { measure: "logins_under_way", text: count, least: 4 },
      { measure: "browsers", text: count, least: 4 },
    ],
  },
  {
    title: "health.section.storage",
    shapes: [
      { measure: "recorder_queue", text: count, least: 20 },
      { measure: "commit_ms", text: ms, least: 5 },
      {
        measure: "database_bytes", text: formatBytes, least: MIB,
        note: (health) => (health.max_bytes ? t("health.of", { most: formatBytes(health.max_bytes) }) : t("health.no_cap")),
      },
      { measure: "log_bytes", text: formatBytes, least: MIB },
    ],
  },
  {
    title: "health.section.machine",
    shapes: [
      { measure: "memory_bytes", text: formatBytes, least: 4 * MIB },
      { measure: "open_files", text: count, least: 4 },
      { measure: "outbox_bytes", text: formatBytes, least: 4096 },
    ],
  },
];

function Measures({ health }: { health: Figures }) {
  return (
    <>
      {SECTIONS.map((section) => {
        const shapes = section.shapes.filter((shape) => shape.measure in health);
        return shapes.length > 0 && (
          <Card key={section.title} title={t(section.title)}>
            <div class="measures">{shapes.map((shape) => <One key={shape.measure} shape={shape} health={health} />)}</div>
          </Card>
        );
      })}
    </>
  );
}

function One({ shape, health }: { shape: Shape; health: Figures }) {
  const points = track(shape.measure);
  const value = health[shape.measure];
  const what = td(`health.${shape.measure}`);
  const now = typeof value === "number" ? shape.text(value) : t("health.none_yet");
  const low = points.reduce((least, point) => Math.min(least, point.value), Infinity);
  const high = points.reduce((most, point) => Math.max(most, point.value), -Infinity);
  const span = formatSpan(Date.now() - (points[0]?.at ?? Date.now()));
  const note = shape.note?.(health) ?? "";
  return (
    <div class="measure" data-live data-testid={`measure-${shape.measure}`}>
      <p class="measure-name">{what}</p>
      <p class="measure-value">{now}{note !== "" && <span class="muted small"> {note}</span>}</p>
      {points.length > 0 && (
        <>
          <Spark points={points} now={Date.now()} least={shape.least} label={t("health.spark", { what, now, low: shape.text(low), high: shape.text(high), span })} />
          <p class="measure-range muted small" aria-hidden="true">{low === high ? shape.text(low) : t("health.range", { low: shape.text(low), high: shape.text(high) })}</p>
        </>
      )}
    </div>
  );
}
