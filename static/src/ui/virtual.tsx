// A list of any length of which only what is in sight is in the page.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** Rows before and after those in sight. */
const MARGIN = 8;

export interface VirtualListProps<T> {
  items: readonly T[];
  /** In pixels, the same for all. */
  rowHeight: number;
  /** `tabIndex` belongs on the row's link or button: only one row is a stop of the Tab key. */
  render: (item: T, row: { index: number; tabIndex: 0 | -1 }) => ComponentChildren;
  keyOf: (item: T) => string | number;
  label: string;
  class?: string;
  /** Keeps to the end while the reader is there (a console). */
  stickToEnd?: boolean;
  testid?: string;
  /** Whoever comes back to the same finds it where it was left. */
  place?: string;
}

let left = { place: "", top: 0 };

export function VirtualList<T>({ items, rowHeight, render, keyOf, label, class: classes = "", stickToEnd, testid, place }: VirtualListProps<T>) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [active, setActive] = useState(0);
  const focusWanted = useRef(false);
  const atEnd = useRef(true);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setView((v) => ({ ...v, height: element.clientHeight || v.height }));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const length = items.length;
  useEffect(() => {
    if (active >= length && length) setActive(length - 1);
  }, [length]);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element || !place) return;
    if (left.place === place) element.scrollTop = left.top;
    return () => {
      left = { place, top: element.scrollTop };
    };
  }, [place]);

  useLayoutEffect(() => {
    const element = box.current;
    if (stickToEnd && atEnd.current && element) element.scrollTop = element.scrollHeight;
  }, [stickToEnd, items]);

  useLayoutEffect(() => {
    if (!focusWanted.current) return;
    focusWanted.current = false;
    box.current?.querySelector<HTMLElement>(`[data-index="${active}"] [tabindex]`)?.focus({ preventScroll: true });
  });

  const move = (to: number) => {
    const element = box.current;
    const next = Math.max(0, Math.min(length - 1, to));
    if (!element || !length) return;
    const top = next * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + element.clientHeight) element.scrollTop = top + rowHeight - element.clientHeight;
    setView((v) => ({ ...v, top: element.scrollTop }));
    focusWanted.current = true;
    setActive(next);
  };
  // A row that is scrolled away must not keep the focus for the one that takes its place.
  const leave = (element: HTMLDivElement) => {
    const row = document.activeElement?.closest<HTMLElement>(".virtual-row");
    if (!row || !element.contains(row)) return;
    const top = Number(row.dataset.index) * rowHeight;
    if (top + rowHeight <= element.scrollTop || top >= element.scrollTop + element.clientHeight) element.focus({ preventScroll: true });
  };
  const page = Math.max(1, Math.floor(view.height / rowHeight) - 1);

  const first = Math.max(0, Math.floor(view.top / rowHeight) - MARGIN);
  const last = Math.min(length, Math.ceil((view.top + view.height) / rowHeight) + MARGIN);
  // The stop of the Tab key is in the page even when it was scrolled away.
  const stop = active >= first && active < last ? active : Math.min(length - 1, first + MARGIN);
  const shown = items.slice(first, last);
  // Rows that leave serve those that come: to change an element is much quicker than to make one.
  const places = Math.ceil(view.height / rowHeight) + 2 * MARGIN + 2;

  return (
    <div
      class={`virtual ${classes}`} ref={box} data-testid={testid} tabIndex={-1}
      onScroll={(event) => {
        const element = event.currentTarget;
        leave(element);
        atEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - rowHeight;
        setView((v) => (v.top === element.scrollTop ? v : { ...v, top: element.scrollTop }));
      }}
      onKeyDown={(event) => {
        if ((event.target as HTMLElement).closest("input, select, textarea")) return;
        const to = {
          ArrowDown: stop + 1, ArrowUp: stop - 1, PageDown: stop + page, PageUp: stop - page, Home: 0, End: length - 1,
        }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        move(to);
      }}
    >
      <div class="virtual-space" role="list" aria-label={label} style={{ height: `${length * rowHeight}px` }}>
        {shown.map((item, i) => {
          const index = first + i;
          return (
            <div
              key={index % places} class="virtual-row" data-key={keyOf(item)} role="listitem" data-index={index} aria-setsize={length} aria-posinset={index + 1}
              style={{ height: `${rowHeight}px`, transform: `translateY(${index * rowHeight}px)` }}
              onFocusCapture={() => setActive(index)}
            >
              {render(item, { index, tabIndex: index === stop ? 0 : -1 })}
            </div>
          );
        })}
      </div>
    </div>
  );
}
