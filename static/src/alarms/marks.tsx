/** What state an alarm is in, as badges. */
import { t } from "../lib/i18n";
import { formatDateTime, hubNow } from "../lib/time";
import type { Alarm } from "../lib/types";
import { Badge } from "../ui";

export function isShelved(alarm: Alarm): boolean {
  return alarm.shelved_until_ms !== null && alarm.shelved_until_ms > hubNow();
}

export function AlarmMarks({ alarm }: { alarm: Alarm }) {
  return (
    <span class="alarm-marks">
      {alarm.state === "raised" && <Badge tone="bad" icon="alarms">{t("alarms.state.raised")}</Badge>}
      {alarm.state === "acknowledged" && <Badge tone="info" icon="check" title={`${alarm.acked_by} ${alarm.note}`.trim()}>{t("alarms.state.acknowledged")}</Badge>}
      {alarm.state === "cleared" && <Badge tone="ok" icon="check">{t("alarms.state.cleared")}</Badge>}
      {alarm.state === "cleared" && alarm.acked_ms === null && <Badge icon="eyeoff" title={t("alarms.unseen.hint")}>{t("alarms.unseen")}</Badge>}
      {isShelved(alarm) && <Badge tone="warn" icon="pause" title={t("alarms.shelved.until", { at: formatDateTime(alarm.shelved_until_ms ?? 0) })}>{t("alarms.shelved")}</Badge>}
      {alarm.chattering && <Badge tone="warn" icon="bolt" title={t("alarms.chattering.hint")}>{t("alarms.chattering", { times: alarm.times })}</Badge>}
    </span>
  );
}
