// How high a line of the console is: one line of text, or two on a phone; larger where type is larger.

import { useEffect, useState } from "preact/hooks";

const NARROW = "(max-width: 720px)";

function measure(): number {
  const type = parseFloat(getComputedStyle(document.documentElement).fontSize) || 15;
  return Math.round(type * (matchMedia(NARROW).matches ? 3 : 1.8));
}

export function useRowHeight(): number {
  const [height, setHeight] = useState(measure);
  useEffect(() => {
    const again = (): void => setHeight(measure());
    window.addEventListener("resize", again);
    return () => window.removeEventListener("resize", again);
  }, []);
  return height;
}
