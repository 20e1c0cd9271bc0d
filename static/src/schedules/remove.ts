import { api } from "../lib/api";
import { t } from "../lib/i18n";
import type { Schedule } from "../lib/types";
import { confirmDialog, toast, toastError } from "../ui";

/** Asks first; true once it is gone. */
export async function removeSchedule(schedule: Schedule): Promise<boolean> {
  if (!(await confirmDialog(t("schedules.remove.sure", { name: schedule.name }), { danger: true, ok: t("ui.yes_remove") }))) return false;
  try {
    await api.del(`/schedules/${schedule.id}`);
    toast(t("schedules.removed", { name: schedule.name }));
    return true;
  } catch (problem) {
    toastError(problem);
    return false;
  }
}
