import { useOpenAlarms } from "../lib/overview";
import { Icon } from "../ui/icon";

/** How many alarms are open, as a word and a mark. */
export function AlarmCount() {
  const { open, unacknowledged } = useOpenAlarms();
  if (!open) return null;
  return <span class={`count ${unacknowledged ? "is-bad" : ""}`}>{unacknowledged > 0 && <Icon name="bolt" size={11} />}{open > 999 ? "999+" : open}</span>;
}
