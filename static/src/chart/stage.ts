/** Where a chart is drawn: makes the drawing, makes it anew when its lines become others, and draws when there is something new. */
import type uPlot from "uplot";
import { useEffect, useLayoutEffect } from "preact/hooks";
import { hubNow } from "../lib/time";
import { columns } from "./data";
import { Drawing } from "./drawing";
import type { Lines } from "./lines";
import { makePlot, shapeOf, show } from "./plot";
import type { Extras } from "./scales";
import { listenTouch } from "./touch";
import type { View } from "./types";
import { upToNow } from "./useview";
import { fixed, scaled, spanOf, windowOf } from "./view";

/** Narrower than this, nothing is drawn. */
const LEAST_WIDTH = 40;
/** Above so many points a drawing for each animation frame would be felt. */
const MANY_POINTS = 4_000;
const SLOW_MS = 250;

/** What is to be drawn, as of the page's last drawing. */
interface Now {
  lines: Lines;
  view: View;
  hidden: Set<string>;
  width: number;
  height: number;
  change(view: View): void;
  back(): void;
}

export class Stage {
  readonly frame = { current: null as HTMLDivElement | null };
  readonly plot = { current: null as uPlot | null };
  /** Told where the cursor is. */
  readonly cursor: { current: (at_ms: number | null) => void } = { current: () => undefined };
  /** Told of each drawing. */
  readonly drawn: { current: (plot: uPlot) => void } = { current: () => undefined };
  readonly extras: Extras = { spans: [], levels: [], frozen: null, now_ms: hubNow };
  now: Now | null = null;
  private shape = "";
  private previewed: { min: number; max: number } | null = null;
  private readonly drawing = new Drawing(() => this.draw(), () => this.pause());

  soon(): void {
    this.drawing.soon();
  }

  redraw(): void {
    this.drawing.now();
  }

  resize(width: number, height: number): void {
    if (width >= LEAST_WIDTH) this.plot.current?.setSize({ width, height });
    this.redraw();
  }

  /** Only what is seen, until the readings of another window are there. */
  preview(from_ms: number, to_ms: number): void {
    const waits = this.previewed !== null;
    this.previewed = { min: from_ms, max: to_ms };
    if (waits) return;
    requestAnimationFrame(() => {
      if (this.previewed) this.plot.current?.setScale("x", this.previewed);
      this.previewed = null;
    });
  }

  stop(): void {
    this.drawing.stop();
    this.plot.current?.destroy();
    this.plot.current = null;
  }

  private pause(): number {
    const points = this.now?.lines.all.reduce((sum, line) => sum + line.at.length, 0) ?? 0;
    return points > MANY_POINTS ? SLOW_MS : 0;
  }

  private draw(): void {
    const { now } = this;
    if (!this.frame.current || !now || now.width < LEAST_WIDTH) return;
    const { lines, view, hidden, width, height } = now;
    const wanted = `${shapeOf(lines.all, hidden)} ${Math.round(width / 100)} ${height}`;
    const plot = this.plot.current && wanted === this.shape ? this.plot.current : this.make(this.frame.current, now);
    this.shape = wanted;
    const { from_ms, to_ms } = windowOf(view, hubNow());
    show(plot, columns(lines.all, Math.min(to_ms, hubNow()), to_ms - from_ms), from_ms, to_ms);
  }

  private make(target: HTMLElement, { lines, hidden, width, height }: Now): uPlot {
    this.plot.current?.destroy();
    const made = makePlot(target, { width, height }, lines.all, hidden, this.extras, {
      zoom: (from_ms, to_ms) => this.now?.change(fixed(from_ms, to_ms)),
      back: () => this.now?.back(),
      cursor: (at_ms) => this.cursor.current(at_ms),
      drawn: (plot) => this.drawn.current(plot),
    });
    this.plot.current = made;
    const view = () => this.now?.view ?? { from_ms: 0, to_ms: 1, live: false };
    listenTouch(made, () => windowOf(view(), hubNow()), {
      preview: (from_ms, to_ms) => this.preview(from_ms, to_ms),
      done: (from_ms, to_ms) => this.now?.change(upToNow(from_ms, to_ms, view())),
      wheel: (factor, place) => this.now?.change(scaled(view(), hubNow(), factor, place)),
    });
    return made;
  }
}

export function useWidth(frame: { current: HTMLElement | null }, set: (width: number) => void): void {
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    set(element.clientWidth);
    const observer = new ResizeObserver(() => set(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
}

/** A live window moves on by a pixel at a time, and not at all while nobody looks. */
export function useTicks(view: View, width: number, tick: () => void): void {
  const every = Math.min(30_000, Math.max(250, spanOf(view) / Math.max(1, width)));
  useEffect(() => {
    if (!view.live) return;
    const timer = window.setInterval(() => {
      if (!document.hidden) tick();
    }, every);
    return () => window.clearInterval(timer);
  }, [view.live, every]);
}
