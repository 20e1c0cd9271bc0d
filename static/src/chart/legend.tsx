/** The lines by name, with the value at the cursor or else the last one; a click hides a line. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { formatValue } from "../lib/format";
import { t } from "../lib/i18n";
import { hubNow } from "../lib/time";
import { cursorTime } from "./axis";
import { lastBefore } from "./data";
import { colourOf, dashOf } from "./palette";
import type { Line, Value, View } from "./types";
import { spanOf, windowOf } from "./view";

const REFRESH_MS = 500;

interface LegendProps {
  lines: Line[];
  hidden: Set<string>;
  setHidden: (hidden: Set<string>) => void;
  cursor: { current: (at_ms: number | null) => void };
  frame: { current: HTMLElement | null };
  view: View;
  loading: boolean;
}

export function Legend({ lines, hidden, setHidden, cursor, frame, view, loading }: LegendProps) {
  const [at, setAt] = useState<number | null>(null);
  const [, refresh] = useState(0);
  useEffect(() => {
    let waiting = 0;
    cursor.current = (ms) => {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(() => setAt(ms));
    };
    return () => cancelAnimationFrame(waiting);
  }, []);
  useEffect(() => {
    if (!view.live) return;
    const timer = window.setInterval(() => {
      if (!document.hidden) refresh((n) => n + 1);
    }, REFRESH_MS);
    return () => window.clearInterval(timer);
  }, [view.live]);
  // Values that grow must not move the chart under the cursor: the room that was once needed is kept.
  const list = useRef<HTMLUListElement>(null);
  const names = `${lines.map((line) => line.label).join()} ${frame.current?.clientWidth}`;
  const kept = useRef({ names, height: 0 });
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    if (kept.current.names !== names) {
      kept.current = { names, height: 0 };
      element.style.minHeight = "";
    }
    if (element.offsetHeight > kept.current.height) {
      kept.current.height = element.offsetHeight;
      element.style.minHeight = `${element.offsetHeight}px`;
    }
  });
  const toggle = (key: string) => {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    setHidden(next);
  };
  return (
    <div class="chart-legend">
      <ul ref={list} aria-label={t("chart.lines")}>
        {lines.map((line) => (
          <li key={line.key}>
            <button type="button" class="chart-key" aria-pressed={!hidden.has(line.key)} onClick={() => toggle(line.key)} title={line.error ?? t("chart.toggle")}>
              <Swatch element={frame.current} line={line} />
              <span class="chart-key-name">{line.label}</span>
              <span class="chart-key-value">{line.error && <span aria-hidden="true">! </span>}{line.error && line.at.length === 0 ? "" : shown(line, at, view)}</span>
            </button>
          </li>
        ))}
      </ul>
      <span class="chart-at" aria-hidden="true">{at !== null ? cursorTime(at, spanOf(view)) : loading ? t("chart.loading") : ""}</span>
      <span class="sr-only" role="status">
        {at !== null && `${cursorTime(at, spanOf(view))}: ${lines.filter((line) => !hidden.has(line.key)).map((line) => `${line.label} ${shown(line, at, view)}`).join(", ")}`}
      </span>
    </div>
  );
}

function Swatch({ element, line }: { element: Element | null; line: Line }) {
  const dash = dashOf(line.hue, line.shift_ms !== 0);
  return (
    <svg class="chart-swatch" width="18" height="10" aria-hidden="true">
      <line x1="0" y1="5" x2="18" y2="5" stroke={element ? colourOf(element, line.hue, line.color) : "currentColor"} stroke-width="3" stroke-dasharray={dash?.join(" ")} />
    </svg>
  );
}

function shown(line: Line, at: number | null, view: View): string {
  const value = valueAt(line, at, view);
  return value === undefined ? "–" : formatValue(value, line.unit);
}

/** The reading nearest to the cursor; of a state, the one that held then. */
export function valueAt(line: Line, at: number | null, view: View): Value | undefined {
  if (at === null) {
    if (line.shift_ms !== 0) return undefined;
    return line.values[view.live ? line.values.length - 1 : lastBefore(line.at, view.to_ms)];
  }
  const before = lastBefore(line.at, at);
  if (line.kind !== "number") return line.values[before];
  const { from_ms, to_ms } = windowOf(view, hubNow());
  const near = (to_ms - from_ms) / 40;
  const [a, b] = [line.at[before], line.at[before + 1]];
  const takeNext = b !== undefined && (a === undefined || b - at < at - a);
  const index = takeNext ? before + 1 : before;
  const found = line.at[index];
  return found !== undefined && Math.abs(found - at) <= near ? line.values[index] : undefined;
}
