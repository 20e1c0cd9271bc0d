// Short messages at the window's edge.

import { useEffect, useRef } from "preact/hooks";
import { toApiError } from "../lib/api";
import { t } from "../lib/i18n";
import { createStore, useStore } from "../lib/store";
import { IconButton } from "./button";
import { Icon, type IconName } from "./icon";

export type ToastTone = "ok" | "bad" | "info" | "warn";

interface Toast {
  id: number;
  text: string;
  tone: ToastTone;
}

const MOST = 4;
const toasts = createStore<Toast[]>([]);
let last = 0;

export function toast(text: string, tone: ToastTone = "ok"): void {
  const id = ++last;
  toasts.update((all) => [...all.filter((x) => x.text !== text), { id, text, tone }].slice(-MOST));
  window.setTimeout(() => dismiss(id), tone === "bad" ? 12_000 : 5_000);
}

/** What a refusal says, for acts that have no form to say it in. */
export function toastError(error: unknown): void {
  toast(toApiError(error).detail, "bad");
}

function dismiss(id: number): void {
  toasts.update((all) => all.filter((x) => x.id !== id));
}

const ICON: Record<ToastTone, IconName> = { ok: "check", bad: "warn", warn: "warn", info: "info" };

/** Once, in the shell. */
export function ToastHost() {
  const all = useStore(toasts);
  const box = useRef<HTMLDivElement>(null);
  const newest = all[all.length - 1]?.id ?? 0;
  useEffect(() => {
    const shown = box.current;
    if (!shown?.showPopover) return;
    // Shown anew, it lies over a dialog that was opened after it.
    if (shown.matches(":popover-open")) shown.hidePopover();
    if (newest) shown.showPopover();
  }, [newest]);
  return (
    <div class="toasts" ref={box} popover="manual" role="region" aria-label={t("ui.messages")} aria-live="polite">
      {all.map((one) => (
        <div key={one.id} class={`toast is-${one.tone}`} role={one.tone === "bad" ? "alert" : undefined}>
          <Icon name={ICON[one.tone]} />
          <p class="grow">{one.text}</p>
          <IconButton small icon="close" label={t("ui.dismiss")} onClick={() => dismiss(one.id)} />
        </div>
      ))}
    </div>
  );
}
