/** Pauses a schedule and lets it go on. */
import { useState } from "preact/hooks";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { can } from "../lib/me";
import type { Schedule } from "../lib/types";
import { Badge, Switch, toastError } from "../ui";

export function PauseSwitch({ schedule, changed }: { schedule: Schedule; changed: (schedule: Schedule) => void }) {
  const [wanted, setWanted] = useState<boolean | null>(null);
  if (!can("operate", schedule.group)) return <Badge tone={schedule.paused ? "warn" : "ok"}>{t(schedule.paused ? "schedules.paused" : "schedules.active")}</Badge>;
  const turn = (active: boolean) => {
    setWanted(active);
    api.patch<Schedule>(`/schedules/${schedule.id}`, { paused: !active }).then(changed, toastError).finally(() => setWanted(null));
  };
  return <Switch label={t("schedules.switch", { name: schedule.name })} checked={!schedule.paused} pending={wanted} busy={wanted !== null} onInput={turn} />;
}
