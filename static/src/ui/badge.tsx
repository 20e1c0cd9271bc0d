// Small marks that carry a state: always a word or a shape beside the colour.

import type { ComponentChildren } from "preact";
import { t } from "../lib/i18n";
import type { CommandState as CommandStateName, PresenceState, Severity as SeverityName } from "../lib/types";
import { Icon, type IconName } from "./icon";

export type Tone = "neutral" | "ok" | "warn" | "bad" | "info" | "accent";

export function Badge({ tone = "neutral", icon, children, title }: { tone?: Tone; icon?: IconName; children: ComponentChildren; title?: string }) {
  return <span class={`badge tone-${tone}`} title={title}>{icon && <Icon name={icon} size={13} />}{children}</span>;
}

/** Whether a device is there. */
export function State({ state, disabled }: { state: PresenceState; disabled?: boolean }) {
  const shown = disabled ? "disabled" : state;
  return <span class={`state is-${shown}`} data-live><span class="state-dot" aria-hidden="true" />{t(`state.${shown}`)}</span>;
}

const SHAPE: Record<SeverityName, IconName> = { critical: "octagon", major: "warn", minor: "diamond", warning: "flag" };

export function Severity({ severity, compact }: { severity: SeverityName; compact?: boolean }) {
  const word = t(`severity.${severity}`);
  return (
    <span class={`severity is-${severity}`}>
      <Icon name={SHAPE[severity]} size={15} title={compact ? word : undefined} />{!compact && word}
    </span>
  );
}

const COMMAND: Record<CommandStateName, [Tone, IconName]> = {
  queued: ["neutral", "wait"], sent: ["info", "send"], accepted: ["info", "play"], succeeded: ["ok", "check"],
  rejected: ["bad", "close"], expired: ["warn", "schedules"], cancelled: ["neutral", "minus"], timed_out: ["warn", "warn"],
};

export function CommandState({ state }: { state: CommandStateName }) {
  const [tone, icon] = COMMAND[state];
  return <Badge tone={tone} icon={icon}>{t(`command.${state}`)}</Badge>;
}

/** Has not ended. (An order without an answer, CLOCK_SET, ends as sent.) */
export function isOpen(state: CommandStateName): boolean {
  return state === "queued" || state === "sent" || state === "accepted";
}

/** Where there is little room, the long ones give way. */
const LONG_LABEL = 12;
const labelClass = (label: string): string => (label.length > LONG_LABEL ? "label is-long" : "label");

/** With `most`, the rest is counted. */
export function Labels({ labels, most = Infinity, onPick }: { labels: readonly string[]; most?: number; onPick?: (label: string) => void }) {
  if (!labels.length) return null;
  const shown = labels.length > most ? labels.slice(0, most) : labels;
  const rest = labels.length - shown.length;
  return (
    <span class="labels" title={rest ? labels.map((label) => `@${label}`).join(" ") : undefined}>
      {shown.map((label) => onPick
        ? <button key={label} type="button" class={labelClass(label)} onClick={() => onPick(label)}>@{label}</button>
        : <span key={label} class={labelClass(label)}>@{label}</span>)}
      {rest > 0 && <span class="label label-more">+{rest}</span>}
    </span>
  );
}
