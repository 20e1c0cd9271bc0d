// The lines of the console: only those on the screen are drawn, the newest is followed until somebody looks further up.

import type { ComponentChild } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Entry } from "./log";

interface Props {
  entries: readonly Entry[];
  label: string;
  follow: boolean;
  onFollow: (follow: boolean) => void;
  render: (entry: Entry) => ComponentChild;
  onOpen: (entry: Entry) => void;
}

/** Lines above and below the screen that are drawn too. */
const SPARE = 4;
/** In a narrower box a line has two rows; in the size of type, as are the heights. */
const NARROW = 40;
const LOW = 1.8;
const HIGH = 3;

interface View {
  top: number;
  height: number;
  narrow: boolean;
  /** Pixels of one line. */
  row: number;
}

function measure(element: HTMLElement): View {
  const type = parseFloat(getComputedStyle(document.documentElement).fontSize) || 15;
  const narrow = element.clientWidth < NARROW * type;
  return { top: element.scrollTop, height: element.clientHeight, narrow, row: Math.round(type * (narrow ? HIGH : LOW)) };
}

export function Tail({ entries, label, follow, onFollow, render, onOpen }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const anchor = useRef({ n: 0, offset: 0 });
  const held = useRef(false);
  /** Where the box is, as far as it has told. */
  const top = useRef(0);
  const [view, setView] = useState<View>({ top: 0, height: 600, narrow: false, row: 27 });
  const { row } = view;
  const [chosen, setChosen] = useState<number | null>(null);

  const lines = Math.ceil(view.height / row);
  const end = Math.max(0, entries.length - lines);
  const first = Math.max(0, (follow ? end : Math.min(Math.floor(view.top / row), end)) - SPARE);
  const shown = entries.slice(first, first + lines + 2 * SPARE);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    setView(measure(element));
    const watch = new ResizeObserver(() => setView(measure(element)));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  // Before the screen is painted: at the end, or where the reader was although lines above have gone.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (follow && held.current) return;
    const wanted = follow
      ? Math.max(0, entries.length * row - view.height)
      : indexOf(entries, anchor.current.n) * row + anchor.current.offset;
    // Asking the element where it is would have the browser lay out the page, at each batch.
    if (Math.abs(top.current - wanted) < 1) return;
    element.scrollTop = wanted;
    top.current = wanted;
  }, [entries, follow, row, view.height]);

  const remember = (element: HTMLDivElement): void => {
    const at = Math.floor(element.scrollTop / row);
    anchor.current = { n: entries[at]?.n ?? 0, offset: element.scrollTop - at * row };
  };
  const leave = (): void => {
    if (!follow || !box.current) return;
    const { scrollTop } = box.current;
    remember(box.current);
    setView((before) => ({ ...before, top: scrollTop }));
    onFollow(false);
  };
  const onScroll = (event: Event): void => {
    const element = event.currentTarget as HTMLDivElement;
    top.current = element.scrollTop;
    const atEnd = element.scrollHeight - element.clientHeight - element.scrollTop < row;
    if (!follow) remember(element);
    if (atEnd !== follow && (atEnd || held.current)) {
      remember(element);
      onFollow(atEnd);
    }
    const { scrollTop } = element;
    if (!follow || !atEnd) setView((before) => (before.top === scrollTop ? before : { ...before, top: scrollTop }));
  };
  const choose = (step: number): void => {
    const from = chosen === null ? entries.length : indexOf(entries, chosen);
    const at = Math.max(0, Math.min(entries.length - 1, from + step));
    const entry = entries[at];
    if (!entry || !box.current) return;
    setChosen(entry.n);
    anchor.current = { n: entries[Math.max(0, Math.min(at - Math.floor(lines / 2), end))]?.n ?? 0, offset: 0 };
    onFollow(false);
    const wanted = Math.max(0, (at - Math.floor(lines / 2)) * row);
    box.current.scrollTop = wanted;
    top.current = wanted;
    setView((before) => ({ ...before, top: wanted }));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -lines, PageDown: lines, Home: -entries.length, End: entries.length }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (event.key === "End") {
        setChosen(null);
        onFollow(true);
      } else choose(step);
    }
    if (event.key === "Enter" && chosen !== null) {
      const entry = entries[indexOf(entries, chosen)];
      if (entry) onOpen(entry);
    }
  };

  return (
    <div
      ref={box}
      class={`tail ${view.narrow ? "is-narrow" : ""}`}
      role="grid"
      aria-label={label}
      aria-rowcount={entries.length}
      aria-activedescendant={chosen === null ? undefined : `line-${chosen}`}
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      onWheel={(event) => event.deltaY < 0 && leave()}
      onTouchStart={() => (held.current = true)}
      onTouchEnd={() => (held.current = false)}
      onTouchCancel={() => (held.current = false)}
      onPointerDown={() => (held.current = true)}
      onPointerUp={() => (held.current = false)}
      onPointerCancel={() => (held.current = false)}
    >
      <div class="tail-all" role="presentation" style={{ height: `${entries.length * row}px` }}>
        {shown.map((entry, at) => (
          <div
            // The elements of lines that have gone serve those that come.
            key={(first + at) % (lines + 2 * SPARE)}
            id={`line-${entry.n}`}
            class={`line is-${entry.kind} ${entry.tone === "" ? "" : `tone-${entry.tone}`}`}
            role="row"
            aria-rowindex={first + at + 1}
            aria-selected={entry.n === chosen}
            style={{ transform: `translateY(${(first + at) * row}px)`, height: `${row}px` }}
            onClick={() => onOpen(entry)}
          >
            {render(entry)}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Where the entry of this number is, or the next after it: numbers rise. */
function indexOf(entries: readonly Entry[], n: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.n ?? 0) < n) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, Math.max(0, entries.length - 1));
}
