// A button that opens a list of acts.

import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { Icon, type IconName } from "./icon";

export interface MenuItem {
  label: string;
  icon?: IconName;
  danger?: boolean;
  disabled?: boolean;
  /** Why it is disabled. */
  hint?: string;
  onClick: () => void;
}

export function Menu({ items, label, icon = "more", children, kind = "quiet", small }: {
  items: readonly (MenuItem | false | null | undefined)[]; label?: string; icon?: IconName; children?: ComponentChildren;
  kind?: "quiet" | "primary" | "plain"; small?: boolean;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const entries = items.filter((item): item is MenuItem => !!item);
  const buttons = () => [...(panel.current?.querySelectorAll<HTMLButtonElement>("[role=menuitem]:not(:disabled)") ?? [])];

  const show = () => {
    const from = button.current?.getBoundingClientRect();
    const shown = panel.current;
    if (!from || !shown) return;
    shown.showPopover();
    const { width, height } = shown.getBoundingClientRect();
    const below = from.bottom + 4 + height <= innerHeight;
    shown.style.top = `${below ? from.bottom + 4 : Math.max(4, from.top - height - 4)}px`;
    shown.style.left = `${Math.max(8, Math.min(from.right - width, innerWidth - width - 8))}px`;
    buttons()[0]?.focus();
  };
  const hide = () => panel.current?.hidePopover();
  const step = (by: number, to?: number) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    all[to ?? (at + by + all.length) % all.length]?.focus();
  };

  return (
    <>
      <button
        ref={button} type="button" class={`button ${kind} ${children ? "" : "icon-button"} ${small ? "small-control" : ""}`}
        aria-haspopup="menu" aria-expanded={open ? "true" : "false"} aria-controls={id} aria-label={children ? undefined : (label ?? t("ui.more_actions"))}
        title={children ? undefined : (label ?? t("ui.more_actions"))} onClick={() => (open ? hide() : show())}
      >
        <Icon name={icon} size={16} />
        {children && <><span class="button-text">{children}</span><Icon name="down" size={13} /></>}
      </button>
      <div
        ref={panel} id={id} class="menu" role="menu" popover="auto" aria-label={label ?? t("ui.more_actions")}
        onToggle={(event) => setOpen((event as unknown as { newState: string }).newState === "open")}
        onKeyDown={(event) => {
          const act = {
            ArrowDown: () => step(1), ArrowUp: () => step(-1), Home: () => step(0, 0), End: () => step(0, buttons().length - 1),
            Tab: hide, Escape: () => { hide(); button.current?.focus(); },
          }[event.key];
          if (!act) return;
          if (event.key !== "Tab") event.preventDefault();
          event.stopPropagation();
          act();
        }}
      >
        {entries.map((item) => (
          <button
            key={item.label} type="button" role="menuitem" class={`menu-item ${item.danger ? "is-danger" : ""}`} disabled={item.disabled}
            title={item.hint} tabIndex={-1}
            onClick={() => {
              hide();
              item.onClick();
            }}
          >
            {item.icon ? <Icon name={item.icon} size={16} /> : <span class="menu-gap" />}
            <span>{item.label}{item.hint && item.disabled && <span class="menu-hint">{item.hint}</span>}</span>
          </button>
        ))}
      </div>
    </>
  );
}

