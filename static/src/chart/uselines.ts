/** The lines of a chart, read when the window moves and followed while it is live. */
import { useEffect, useMemo, useRef } from "preact/hooks";
import { resync, useNewsBatch, useWatch } from "../lib/live";
import { hubNow } from "../lib/time";
import { Lines } from "./lines";
import type { SeriesSpec, View } from "./types";
import { spanOf } from "./view";

/** After so long without a further move the readings of a window are fetched. */
const SETTLE_MS = 140;
/** Away for so long: the readings are read anew. */
const AWAY_MS = 10_000;
/** How often it is asked whether lines of an earlier period are behind. */
const LOOK_MS = 5_000;

export function useLines(series: SeriesSpec[], view: View, width: number, follow: () => void, changed: () => void): Lines {
  const latest = useRef({ follow, changed, view });
  latest.current = { follow, changed, view };
  const lines = useMemo(() => new Lines(() => latest.current.changed()), []);
  const key = JSON.stringify(series.map(({ address, sensor, unit, shift_ms }) => [address, sensor, unit, shift_ms]));
  const labels = JSON.stringify(series.map((spec) => spec.label));
  const window_ = view.live ? `live ${Math.round(spanOf(view))}` : `${view.from_ms} ${view.to_ms}`;
  // Not for each pixel of a resize.
  const points = Math.max(240, Math.ceil(width / 200) * 200);
  const lastKey = useRef("");
  const load = () => void lines.load(series, latest.current.view, points, hubNow());
  const loader = useRef(load);
  loader.current = load;
  useEffect(() => {
    if (width === 0) return;
    const wait = lastKey.current === "" || lastKey.current !== key ? 0 : SETTLE_MS;
    lastKey.current = key;
    const timer = window.setTimeout(load, wait);
    return () => window.clearTimeout(timer);
  }, [key, window_, points, width === 0]);
  useEffect(() => lines.rename(series), [labels]);
  useEffect(() => resync.subscribe(() => loader.current()), []);
  useEffect(() => listenReturn(() => {
    if (latest.current.view.live) loader.current();
  }), []);
  useEffect(() => () => lines.stop(), []);
  const devices = [...new Set(series.filter((spec) => !spec.shift_ms).map((spec) => spec.address))];
  useWatch(view.live && devices.length > 0 ? { devices } : null);
  useNewsBatch(["reading"], (items) => {
    if (latest.current.view.live && lines.follow(items, latest.current.view, hubNow())) latest.current.follow();
  });
  useEffect(() => {
    const timer = window.setInterval(() => {
      if (lines.isBehind(latest.current.view, hubNow())) loader.current();
    }, LOOK_MS);
    return () => window.clearInterval(timer);
  }, []);
  return lines;
}

/** While nobody looked, only the newest of the readings that came together were taken. */
function listenReturn(back: () => void): () => void {
  let left = 0;
  const look = () => {
    if (document.hidden) left = Date.now();
    else if (left > 0 && Date.now() - left > AWAY_MS) back();
  };
  document.addEventListener("visibilitychange", look);
  return () => document.removeEventListener("visibilitychange", look);
}
