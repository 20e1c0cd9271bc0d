// What stands in for content: waiting, nothing there, gone wrong.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ApiError } from "../lib/api";
import { t } from "../lib/i18n";
import { formatSpan } from "../lib/time";
import { Button } from "./button";
import { Icon, type IconName } from "./icon";

/** Says nothing for the first moments: most answers are there by then. */
export function Spinner({ label, inline }: { label?: string; inline?: boolean }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 180);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class={inline ? "spinner is-inline" : "spinner"} role="status">
      {shown && <><span class="spinner-dot" aria-hidden="true" /><span>{label ?? t("ui.loading")}</span></>}
    </div>
  );
}

/** Nothing here: why, and what to do next. */
export function Empty({ title, hint, action, icon }: { title: string; hint?: ComponentChildren; action?: ComponentChildren; icon?: IconName }) {
  return (
    <div class="empty">
      {icon && <Icon name={icon} size={30} />}
      <p class="empty-title">{title}</p>
      {hint && <p class="muted">{hint}</p>}
      {action && <div class="row empty-action">{action}</div>}
    </div>
  );
}

export function ErrorNote({ error, retry, title }: { error: ApiError; retry?: () => void; title?: string }) {
  return (
    <div class="note is-bad" role="alert">
      <Icon name="warn" />
      <div class="grow">
        <p class="strong">{title ?? t("error.title")}</p>
        <p>{error.detail}{error.retryAfter ? ` ${t("error.retry_after", { span: formatSpan(error.retryAfter * 1000) })}` : ""}</p>
      </div>
      {retry && <Button small icon="refresh" onClick={retry}>{t("error.retry")}</Button>}
    </div>
  );
}

export function Note({ tone = "info", icon, children, action }: {
  tone?: "info" | "warn" | "bad" | "ok"; icon?: IconName; children: ComponentChildren; action?: ComponentChildren;
}) {
  const usual: Record<typeof tone, IconName> = { info: "info", warn: "warn", bad: "warn", ok: "check" };
  return (
    <div class={`note is-${tone}`}>
      <Icon name={icon ?? usual[tone]} />
      <div class="grow">{children}</div>
      {action}
    </div>
  );
}
