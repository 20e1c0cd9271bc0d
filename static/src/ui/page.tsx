// The frame of a page, and boxes in it.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../lib/i18n";
import { link } from "../lib/routes";
import { Icon } from "./icon";

export interface PageProps {
  title: string;
  /** Under the title. */
  subtitle?: ComponentChildren;
  actions?: ComponentChildren;
  /** Where the page came from. */
  back?: { to: string; label: string };
  /** Takes the height of the window and scrolls inside. */
  full?: boolean;
  children?: ComponentChildren;
}

export function Page({ title, subtitle, actions, back, full, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title]);
  return (
    <div class={`page ${full ? "is-full" : ""}`}>
      <header class="page-head">
        <div class="page-title">
          {back && <a class="back" href={link(back.to)}><Icon name="left" size={14} />{back.label}</a>}
          <h1 tabIndex={-1}>{title}</h1>
          {subtitle && <div class="page-subtitle">{subtitle}</div>}
        </div>
        {actions && <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A box with a heading. */
export function Card({ title, actions, children, class: classes = "", flush, testid }: {
  title?: ComponentChildren; actions?: ComponentChildren; children?: ComponentChildren; class?: string;
  /** Without padding: for lists that reach the edge. */
  flush?: boolean; testid?: string;
}) {
  return (
    <section class={`card ${flush ? "is-flush" : ""} ${classes}`} data-testid={testid}>
      {(title || actions) && (
        <header class="card-head">
          {title && <h2>{title}</h2>}
          {actions && <div class="card-actions">{actions}</div>}
        </header>
      )}
      <div class="card-body">{children}</div>
    </section>
  );
}

/** Names and what belongs to them, in two columns. */
export function Facts({ items }: { items: readonly (readonly [ComponentChildren, ComponentChildren] | null | false | undefined)[] }) {
  return (
    <dl class="facts">
      {items.map((item, i) => item && <div key={i}><dt>{item[0]}</dt><dd>{item[1]}</dd></div>)}
    </dl>
  );
}
