// Buttons; while their act is under way they say so and take no second click.

import type { ComponentChildren, Ref, TargetedMouseEvent } from "preact";
import { Icon, type IconName } from "./icon";

export interface ButtonProps {
  kind?: "primary" | "quiet" | "danger";
  busy?: boolean;
  disabled?: boolean;
  /** Why it is disabled, or more than the text says. */
  title?: string;
  icon?: IconName;
  type?: "button" | "submit";
  small?: boolean;
  onClick?: (event: TargetedMouseEvent<HTMLButtonElement>) => void;
  children?: ComponentChildren;
  class?: string;
  label?: string;
  pressed?: boolean;
  autofocus?: boolean;
  testid?: string;
  buttonRef?: Ref<HTMLButtonElement>;
}

export function Button(props: ButtonProps) {
  const { kind, busy, disabled, icon, small, children } = props;
  return (
    <button
      ref={props.buttonRef}
      type={props.type ?? "button"}
      class={`button ${kind ?? ""} ${small ? "small-control" : ""} ${props.class ?? ""}`}
      disabled={disabled}
      // Not truly disabled while it is at it: the keyboard would lose its place.
      aria-disabled={busy ? "true" : undefined}
      aria-busy={busy ? "true" : undefined}
      aria-label={props.label}
      aria-pressed={props.pressed === undefined ? undefined : props.pressed ? "true" : "false"}
      title={props.title}
      autofocus={props.autofocus}
      data-testid={props.testid}
      onClick={(event) => {
        // Enter in a form clicks its button: this stops it, too.
        if (busy) event.preventDefault();
        else props.onClick?.(event);
      }}
    >
      {busy ? <span class="spinner-dot" aria-hidden="true" /> : icon && <Icon name={icon} size={16} />}
      {children !== undefined && children !== null && <span class="button-text">{children}</span>}
    </button>
  );
}

/** An icon alone; `label` is its name. */
export function IconButton({ icon, label, title, ...rest }: Omit<ButtonProps, "icon" | "children" | "label"> & { icon: IconName; label: string }) {
  return <Button {...rest} kind={rest.kind ?? "quiet"} icon={icon} label={label} title={title ?? label} class={`icon-button ${rest.class ?? ""}`} />;
}

/** Looks like a button, leads somewhere. */
export function LinkButton({ href, icon, children, kind, small, download, label }: {
  href: string; icon?: IconName; children?: ComponentChildren; kind?: ButtonProps["kind"]; small?: boolean; download?: string | boolean; label?: string;
}) {
  return (
    <a class={`button ${kind ?? ""} ${small ? "small-control" : ""}`} href={href} download={download} aria-label={label}>
      {icon && <Icon name={icon} size={16} />}
      {children && <span class="button-text">{children}</span>}
    </a>
  );
}
