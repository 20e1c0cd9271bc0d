/** Fingers and the wheel: one finger moves the window, two make it wider or narrower. The page still scrolls up and down. */
import type uPlot from "uplot";

interface Acts {
  /** While it is under way. */
  preview(from_ms: number, to_ms: number): void;
  done(from_ms: number, to_ms: number): void;
  wheel(factor: number, place: number): void;
}

interface Finger {
  x: number;
  /** The time under it when it touched. */
  at_ms: number;
}

const LEAST_MOVE = 6;

export function listenTouch(plot: uPlot, now: () => { from_ms: number; to_ms: number }, acts: Acts): void {
  const fingers = new Map<number, Finger>();
  let window_ = { from_ms: 0, to_ms: 0 };
  let moving = false;
  const place = (event: { clientX: number }) => (event.clientX - plot.over.getBoundingClientRect().left) / plot.over.clientWidth;
  // Times of the fingers stay under the fingers.
  const wanted = () => {
    const width = plot.over.clientWidth;
    const [one, two] = [...fingers.values()];
    if (!one) return window_;
    const span = window_.to_ms - window_.from_ms;
    if (!two) {
      const from_ms = one.at_ms - (one.x / width) * span;
      return { from_ms, to_ms: from_ms + span };
    }
    const apart = two.x - one.x;
    const perPixel = Math.abs(apart) < 12 ? span / width : (two.at_ms - one.at_ms) / apart;
    if (perPixel <= 0) return window_;
    const from_ms = one.at_ms - one.x * perPixel;
    return { from_ms, to_ms: from_ms + perPixel * width };
  };
  const begin = () => {
    const { min, max } = plot.scales.x ?? {};
    window_ = min == null || max == null ? now() : { from_ms: min, to_ms: max };
    for (const finger of fingers.values()) finger.at_ms = window_.from_ms + (finger.x / plot.over.clientWidth) * (window_.to_ms - window_.from_ms);
  };
  plot.over.style.touchAction = "pan-y";
  plot.over.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    fingers.set(event.pointerId, { x: place(event) * plot.over.clientWidth, at_ms: 0 });
    begin();
  });
  plot.over.addEventListener("pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    const x = place(event) * plot.over.clientWidth;
    if (!moving && fingers.size === 1 && Math.abs(x - finger.x) < LEAST_MOVE) return;
    moving = true;
    finger.x = x;
    const { from_ms, to_ms } = wanted();
    acts.preview(from_ms, to_ms);
  });
  const end = (event: PointerEvent) => {
    if (!fingers.has(event.pointerId)) return;
    const { from_ms, to_ms } = wanted();
    fingers.delete(event.pointerId);
    if (fingers.size > 0) return begin();
    if (moving) acts.done(from_ms, to_ms);
    moving = false;
  };
  plot.over.addEventListener("pointerup", end);
  plot.over.addEventListener("pointercancel", end);
  // Without Ctrl the wheel is the page's; a pinch on a touchpad comes as the wheel with Ctrl.
  plot.over.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    acts.wheel(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 100))), place(event));
  }, { passive: false });
}
