// Dialogs over the page: native ones, so that focus and Escape are the browser's.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../lib/i18n";
import { createStore, useStore } from "../lib/store";
import { Button, IconButton } from "./button";

export interface DialogProps {
  title: string;
  onClose: () => void;
  children?: ComponentChildren;
  /** Buttons at its foot. */
  actions?: ComponentChildren;
  /** Makes a form of it: Enter submits. */
  onSubmit?: () => void;
  wide?: boolean;
  /** What is inside must not be lost by a slip: no cross, no Escape. */
  locked?: boolean;
}

export function Dialog({ title, onClose, children, actions, onSubmit, wide, locked }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opened = dialog.current;
    const before = document.activeElement as HTMLElement | null;
    if (opened && !opened.open) opened.showModal();
    return () => {
      opened?.close();
      // To where the keyboard was, if that is still there.
      if (before?.isConnected) before.focus();
    };
  }, []);
  const inner = (
    <>
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        {!locked && <IconButton icon="close" label={t("ui.close")} onClick={onClose} />}
      </header>
      <div class="dialog-body">{children}</div>
      {actions && <footer class="dialog-actions">{actions}</footer>}
    </>
  );
  return (
    <dialog
      ref={dialog} class={`dialog ${wide ? "is-wide" : ""}`} aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (!locked) onClose();
      }}
    >
      {onSubmit
        ? (
          <form
            class="dialog-inner" noValidate
            onSubmit={(event) => {
              event.preventDefault();
              onSubmit();
            }}
          >
            {inner}
          </form>
        )
        : <div class="dialog-inner">{inner}</div>}
    </dialog>
  );
}

interface Question {
  text: string;
  title?: string;
  ok?: string;
  danger?: boolean;
  settle: (yes: boolean) => void;
}

const question = createStore<Question | null>(null);

/** Asks; `false` when it was closed. */
export function confirmDialog(text: string, options: { title?: string; ok?: string; danger?: boolean } = {}): Promise<boolean> {
  return new Promise((resolve) => {
    question.get()?.settle(false);
    question.set({ text, ...options, settle: resolve });
  });
}

/** Once, in the shell. */
export function ConfirmHost() {
  const asked = useStore(question);
  if (!asked) return null;
  const answer = (yes: boolean) => {
    question.set(null);
    asked.settle(yes);
  };
  return (
    <Dialog
      title={asked.title ?? t("ui.confirm")} onClose={() => answer(false)} onSubmit={() => answer(true)}
      actions={(
        <>
          <Button onClick={() => answer(false)}>{t("ui.cancel")}</Button>
          <Button type="submit" kind={asked.danger ? "danger" : "primary"} autofocus>{asked.ok ?? t("ui.ok")}</Button>
        </>
      )}
    >
      <p class="confirm-text">{asked.text}</p>
    </Dialog>
  );
}
