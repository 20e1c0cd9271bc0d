/** Levels of a rule over the drawing, dragged by mouse, finger or keys. */
import type uPlot from "uplot";
import { useEffect, useState } from "preact/hooks";
import { formatNumber } from "../lib/format";
import type { Extras } from "./scales";
import type { Level } from "./types";
import { niceStep, rounded } from "./view";

interface HandlesProps {
  levels: Level[];
  extras: Extras;
  drawn: { current: (plot: uPlot) => void };
  plot: { current: uPlot | null };
  redraw(): void;
}

interface Place {
  box: { left: number; top: number; width: number; height: number };
  min: number;
  max: number;
}

/** The scale of the first line. */
function scaleKey(plot: uPlot): string {
  return plot.series[1]?.scale ?? "";
}

export function LevelHandles({ levels, extras, drawn, plot, redraw }: HandlesProps) {
  const [place, setPlace] = useState<Place | null>(null);
  useEffect(() => {
    const look = (made: uPlot) => {
      const scale = made.scales[scaleKey(made)];
      if (scale?.min == null || scale.max == null) return setPlace(null);
      const ratio = devicePixelRatio || 1;
      const box = {
        left: made.bbox.left / ratio, top: made.bbox.top / ratio, width: made.bbox.width / ratio, height: made.bbox.height / ratio,
      };
      const next = { box, min: scale.min, max: scale.max };
      setPlace((before) => (before && JSON.stringify(before) === JSON.stringify(next) ? before : next));
    };
    drawn.current = look;
    if (plot.current) look(plot.current);
    return () => {
      drawn.current = () => undefined;
    };
  }, []);
  if (!place) return null;
  const { box } = place;
  return (
    <div class="chart-levels" style={{ left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px` }}>
      {levels.map((level, i) => (
        <Handle key={level.id} level={level} place={place} extras={extras} redraw={redraw} other={levels[1 - i]} />
      ))}
    </div>
  );
}

function Handle({ level, place, extras, redraw, other }: { level: Level; place: Place; extras: Extras; redraw: () => void; other: Level | undefined }) {
  const range = place.max - place.min;
  const step = niceStep(range, 200);
  const y = ((place.max - level.value) / range) * place.box.height;
  const set = (value: number) => {
    const low = level.min ?? -Infinity;
    const high = level.max ?? Infinity;
    level.onChange?.(Math.min(high, Math.max(low, rounded(value, step))));
  };
  const drag = (event: PointerEvent) => {
    if (!level.onChange || event.button !== 0) return;
    const element = event.currentTarget as HTMLElement;
    const top = element.parentElement?.getBoundingClientRect().top ?? 0;
    event.preventDefault();
    element.focus();
    element.setPointerCapture(event.pointerId);
    extras.frozen = [place.min, place.max];
    const move = (at: PointerEvent) => {
      const share = Math.min(1, Math.max(0, (at.clientY - top) / place.box.height));
      set(place.max - share * range);
    };
    const end = () => {
      element.removeEventListener("pointermove", move);
      extras.frozen = null;
      redraw();
    };
    element.addEventListener("pointermove", move);
    element.addEventListener("lostpointercapture", end, { once: true });
  };
  const keys: Record<string, number> = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = keys[event.key];
    const end = event.key === "Home" ? level.min ?? place.min : event.key === "End" ? level.max ?? place.max : undefined;
    if (by === undefined && end === undefined) return;
    event.preventDefault();
    set(end ?? level.value + (by ?? 0) * step);
  };
  // Two labels at one height would cover each other: the lower level has its words below the line.
  const below = other !== undefined && (level.value < other.value || (level.value === other.value && level.tone === "clear"));
  return (
    <div
      class={`chart-level chart-level-${level.tone}${below ? " chart-level-below" : ""}`}
      style={{ top: `${Math.min(place.box.height, Math.max(0, y))}px` }}
      role="slider"
      tabIndex={level.onChange ? 0 : -1}
      aria-disabled={!level.onChange}
      aria-orientation="vertical"
      aria-label={level.label}
      aria-valuenow={level.value}
      aria-valuemin={level.min ?? Math.min(place.min, level.value)}
      aria-valuemax={level.max ?? Math.max(place.max, level.value)}
      aria-valuetext={formatNumber(level.value, 6)}
      onPointerDown={drag}
      onKeyDown={onKeyDown}
      data-testid={`level-${level.id}`}
    >
      <span class="chart-level-name">{level.label} {formatNumber(level.value, 6)}</span>
    </div>
  );
}
