// Tabs: arrow keys move, one panel is shown.

import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";

export interface Tab<V extends string> {
  id: V;
  label: ComponentChildren;
}

export function Tabs<V extends string>({ tabs, value, onChange, label, children }: {
  tabs: readonly Tab<V>[]; value: V; onChange: (id: V) => void; label: string; children?: ComponentChildren;
}) {
  const base = useId();
  const list = useRef<HTMLDivElement>(null);
  const step = (to: number) => {
    const next = tabs[(to + tabs.length) % tabs.length];
    if (!next) return;
    onChange(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  const at = tabs.findIndex((tab) => tab.id === value);
  return (
    <div class="tabs">
      <div
        class="tab-list" role="tablist" aria-label={label} ref={list}
        onKeyDown={(event) => {
          const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
          if (to === undefined) return;
          event.preventDefault();
          step(to);
        }}
      >
        {tabs.map((tab) => (
          <button
            key={tab.id} type="button" role="tab" id={`${base}-${tab.id}`} data-tab={tab.id} class="tab"
            aria-selected={tab.id === value ? "true" : "false"} aria-controls={`${base}-panel`} tabIndex={tab.id === value ? 0 : -1}
            onClick={() => onChange(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${value}`} tabIndex={-1}>{children}</div>
    </div>
  );
}
