// Whether the hub is heard: a mark that is always there, and a bar while it is not.

import { t } from "../lib/i18n";
import { live, useLiveState } from "../lib/live";
import { formatSpan } from "../lib/time";
import { Icon } from "../ui/icon";
import { useTick } from "../ui/time";

export function LiveMark() {
  const { status } = useLiveState();
  return <span class={`live-mark is-${status}`} data-testid="live-state"><span class="state-dot" aria-hidden="true" />{t(`live.${status}`)}</span>;
}

/** Short breaks need no bar. */
const PATIENCE_MS = 1_500;

export function ConnectionBar() {
  const { status, since_ms } = useLiveState();
  useTick(status !== "live");
  if (status === "live" || Date.now() - since_ms < PATIENCE_MS) return null;
  const age = formatSpan(Math.max(1_000, Math.floor((Date.now() - live.heard()) / 1_000) * 1_000));
  return (
    <section class={`connection-bar is-${status}`} aria-label={t(`live.${status}`)} data-testid="connection-bar">
      <Icon name={status === "lost" ? "warn" : "refresh"} />
      <span>{status === "lost" ? t("live.lost_bar", { age }) : t("live.connecting_bar")}</span>
    </section>
  );
}
