/** What is drawn by hand: spans behind the lines, and texts that are no levels. */
import type uPlot from "uplot";
import { colourOf, css } from "./palette";
import type { Extras } from "./scales";
import type { Line } from "./types";

/** Behind the lines: a tinted stretch with a bar above it, which is the second sign. */
export function drawSpans(u: uPlot, target: HTMLElement, extras: Extras): void {
  if (extras.spans.length === 0) return;
  const { ctx, bbox } = u;
  const colour = css(target, "--chart-span", "#c2410c");
  const bar = Math.round(4 * devicePixelRatio);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = colour;
  for (const span of extras.spans) {
    const left = u.valToPos(span.from_ms, "x", true);
    const right = u.valToPos(span.to_ms ?? extras.now_ms(), "x", true);
    const width = Math.max(1, right - left);
    ctx.globalAlpha = 0.16;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.globalAlpha = 1;
    ctx.fillRect(left, bbox.top, width, bar);
  }
  ctx.restore();
}

/** Texts that are no levels: a tick for each, at the foot. */
export function drawMarks(u: uPlot, target: HTMLElement, lines: Line[], hidden: Set<string>): void {
  const { ctx, bbox } = u;
  const x = u.scales.x;
  if (x?.min == null || x.max == null) return;
  ctx.save();
  lines.forEach((line) => {
    if (hidden.has(line.key) || line.kind === "state") return;
    ctx.fillStyle = colourOf(target, line.hue, line.color);
    const tall = (line.kind === "marks" ? 14 : 8) * devicePixelRatio;
    for (let n = 0; n < line.at.length; n += 1) {
      const at = line.at[n] ?? 0;
      if (typeof line.values[n] !== "string" || at < (x.min ?? 0) || at > (x.max ?? 0)) continue;
      ctx.fillRect(u.valToPos(at, "x", true) - devicePixelRatio, bbox.top + bbox.height - tall, 2 * devicePixelRatio, tall);
    }
  });
  ctx.restore();
}
