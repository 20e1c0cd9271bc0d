/** The drawing of the brush: the whole history, small. */
import { useEffect, useRef } from "preact/hooks";
import { onThemeChange } from "../lib/theme";
import { gapAfter, height } from "./data";
import { colourOf } from "./palette";
import type { Line } from "./types";

/** A part of the time. */
export interface Stretch {
  from_ms: number;
  to_ms: number;
}

export function Strip({ lines, whole, frame }: { lines: Line[]; whole: Stretch; frame: { current: HTMLElement | null } }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const draw = () => drawStrip(element, lines, whole, frame.current ?? element);
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    const stop = onThemeChange(() => setTimeout(draw, 30));
    return () => {
      observer.disconnect();
      stop();
    };
  }, [lines, whole]);
  return <canvas ref={canvas} class="brush-canvas" aria-hidden="true" />;
}

function drawStrip(canvas: HTMLCanvasElement, lines: Line[], whole: Stretch, themed: Element): void {
  const ratio = devicePixelRatio || 1;
  const [width, tall] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio];
  if (width === 0) return;
  canvas.width = width;
  canvas.height = tall;
  const context = canvas.getContext("2d");
  if (!context) return;
  const numbers = lines.some((line) => line.kind === "number" && line.at.length > 0);
  lines.forEach((line) => {
    if (numbers && line.kind !== "number") return;
    const ys = line.values.map((value) => height(line, value));
    const known = ys.filter((y): y is number => y !== null);
    if (known.length === 0) return;
    const low = known.reduce((a, b) => Math.min(a, b));
    const high = known.reduce((a, b) => Math.max(a, b));
    context.beginPath();
    context.strokeStyle = colourOf(themed, line.hue, line.color);
    context.lineWidth = ratio;
    context.globalAlpha = 0.8;
    const gap = line.kind === "number" ? gapAfter(line, whole.to_ms - whole.from_ms) : Infinity;
    let down = false;
    let before = 0;
    line.at.forEach((at, n) => {
      if (at - (line.at[n - 1] ?? at) > gap) down = false;
      const y = ys[n];
      const x = ((at - whole.from_ms) / (whole.to_ms - whole.from_ms)) * width;
      if (y === null || y === undefined) down = false;
      else {
        const place = tall - 3 * ratio - ((y - low) / (high - low || 1)) * (tall - 6 * ratio);
        if (!down) context.moveTo(x, place);
        else {
          if (line.kind === "state") context.lineTo(x, before);
          context.lineTo(x, place);
        }
        before = place;
        down = true;
      }
    });
    context.stroke();
  });
}
