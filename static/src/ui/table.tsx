// A table that becomes cards on a phone.

import type { ComponentChildren } from "preact";

export interface Column<T> {
  id: string;
  title: ComponentChildren;
  render: (row: T) => ComponentChildren;
  /** Numbers and times. */
  num?: boolean;
  /** Shrinks to what it holds. */
  tight?: boolean;
  /** The title is for screen readers only: a column of buttons. */
  hideTitle?: boolean;
}

export function Table<T>({ columns, rows, keyOf, caption, rowClass }: {
  columns: readonly Column<T>[]; rows: readonly T[]; keyOf: (row: T) => string | number; caption: string; rowClass?: (row: T) => string;
}) {
  return (
    <table class="table">
      <caption class="sr-only">{caption}</caption>
      <thead>
        <tr>
          {columns.map((c) => (
            <th key={c.id} scope="col" class={`${c.num ? "num" : ""} ${c.tight ? "tight" : ""}`}>
              {c.hideTitle ? <span class="sr-only">{c.title}</span> : c.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} class={rowClass?.(row)}>
            {columns.map((c) => (
              <td key={c.id} class={`${c.num ? "num" : ""} ${c.tight ? "tight" : ""} ${c.hideTitle ? "is-actions" : ""}`} data-label={typeof c.title === "string" && !c.hideTitle ? c.title : undefined}>
                {c.render(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
