/** The window of a chart: given by the page, moved by whoever looks, with a way back. */
import { useEffect, useRef, useState } from "preact/hooks";
import { hubNow } from "../lib/time";
import type { View } from "./types";
import { alike, fixed, spanOf } from "./view";

/** Steps that `back` can go. */
const MOST_BACK = 50;

export interface Given {
  from_ms: number;
  to_ms: number;
  live?: boolean | undefined;
  onRange?: ((from_ms: number, to_ms: number, live: boolean) => void) | undefined;
}

/** A window that reaches the present follows it; of one that is set by its ends, about reaching it is enough. */
export function upToNow(from_ms: number, to_ms: number, before: View, edge = false): View {
  const near = to_ms >= hubNow() - (edge ? (to_ms - from_ms) * 0.02 : 0);
  if (near || (before.live && edge && Math.abs(to_ms - hubNow()) < 1500)) {
    return { from_ms: hubNow() - (to_ms - from_ms), to_ms: hubNow(), live: true };
  }
  return fixed(from_ms, to_ms);
}

export function useView(props: Given) {
  const given: View = { from_ms: props.from_ms, to_ms: props.to_ms, live: props.live ?? false };
  const [view, setView] = useState(given);
  const past = useRef<View[]>([]);
  // Of a live window only the width counts, or each drawing of the page would begin it anew.
  const key = given.live ? `live ${Math.round(spanOf(given) / 1000)}` : `${given.from_ms} ${given.to_ms}`;
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    setView((before) => (alike(before, given) ? before : given));
  }, [key]);
  const told = (next: View) => {
    setView(next);
    props.onRange?.(Math.round(next.from_ms), Math.round(next.to_ms), next.live);
  };
  const change = (next: View) => {
    if (alike(view, next)) return;
    past.current = [...past.current.slice(1 - MOST_BACK), view];
    told(next);
  };
  const origin = useRef(given);
  const back = () => {
    const before = past.current.pop();
    if (before) told(before);
  };
  return { view, change, back, canBack: past.current.length > 0, reset: () => change(origin.current) };
}
