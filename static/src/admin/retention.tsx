// How long readings are kept, where a group or a sensor differs from the settings.

import { useState } from "preact/hooks";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { useMe } from "../lib/me";
import { useResource } from "../lib/resource";
import type { RetentionRule } from "../lib/types";
import { Button, Card, Dialog, Empty, ErrorNote, Field, GroupSelect, IconButton, Note, NumberInput, Spinner, Table, TextInput, confirmDialog, toast, toastError, type Column } from "../ui";
import { all, useAct } from "./act";
import { Refusal } from "./parts";

const MOST_DAYS = 36_500;

export function whatOf(rule: RetentionRule): string {
  return rule.sensor === "" ? t("retention.of_group", { group: rule.group }) : t("retention.of_sensor", { group: rule.group, sensor: rule.sensor });
}

function days(n: number): string {
  return n === 0 ? t("retention.forever") : t("retention.days", { n });
}

export function Retention() {
  const me = useMe();
  const { data, error, reload } = useResource<RetentionRule[]>("retention", () => all<RetentionRule>("/retention"));
  const [editing, setEditing] = useState<RetentionRule | "new" | null>(null);
  const add = <Button kind="primary" icon="plus" onClick={() => setEditing("new")} disabled={me.groups.length === 0}>{t("retention.add")}</Button>;
  return (
    <div class="stack">
      <div class="row tab-head"><p class="muted grow">{t("retention.lead")}</p>{add}</div>
      {error && <ErrorNote error={error} retry={reload} />}
      {!data && !error && <Spinner />}
      {data?.length === 0 && <Empty icon="schedules" title={t("retention.none")} hint={t("retention.none_hint")} />}
      {data && data.length > 0 && <Rules rules={data} onEdit={setEditing} reload={reload} />}
      {editing !== null && <EditRule rule={editing === "new" ? null : editing} onClose={() => setEditing(null)} onSaved={reload} />}
    </div>
  );
}

function Rules({ rules, onEdit, reload }: { rules: RetentionRule[]; onEdit: (rule: RetentionRule) => void; reload: () => void }) {
  const remove = async (rule: RetentionRule): Promise<void> => {
    if (!(await confirmDialog(t("retention.remove_ask", { what: whatOf(rule) }), { danger: true, ok: t("admin.remove") }))) return;
    try {
      await api.del("/retention", { group: rule.group, sensor: rule.sensor });
      toast(t("retention.removed"));
      reload();
    } catch (refused) {
      toastError(refused);
    }
  };
  const columns: Column<RetentionRule>[] = [
    { id: "group", title: t("admin.group"), render: (rule) => <span class="strong">{rule.group}</span> },
    { id: "sensor", title: t("retention.sensor"), render: (rule) => rule.sensor === "" ? <span class="muted">{t("retention.all_sensors")}</span> : rule.sensor },
    { id: "raw", title: t("retention.raw"), tight: true, num: true, render: (rule) => days(rule.raw_days) },
    { id: "minute", title: t("retention.minute"), tight: true, num: true, render: (rule) => days(rule.minute_days) },
    { id: "hour", title: t("retention.hour"), tight: true, num: true, render: (rule) => days(rule.hour_days) },
    {
      id: "actions", title: t("admin.actions"), hideTitle: true, tight: true,
      render: (rule) => (
        <div class="row-tight actions">
          <IconButton small icon="edit" label={t("retention.edit_of", { what: whatOf(rule) })} onClick={() => onEdit(rule)} />
          <IconButton small icon="trash" label={t("retention.remove_of", { what: whatOf(rule) })} onClick={() => void remove(rule)} />
        </div>
      ),
    },
  ];
  return <Card flush><Table columns={columns} rows={rules} keyOf={(rule) => `${rule.group}\n${rule.sensor}`} caption={t("retention.caption")} /></Card>;
}

type Layer = "raw_days" | "minute_days" | "hour_days";

function EditRule({ rule, onClose, onSaved }: { rule: RetentionRule | null; onClose: () => void; onSaved: () => void }) {
  const me = useMe();
  const act = useAct();
  const [group, setGroup] = useState(rule?.group ?? (me.groups.length === 1 ? (me.groups[0] ?? "") : ""));
  const [sensor, setSensor] = useState(rule?.sensor ?? "");
  const [kept, setKept] = useState<Record<Layer, number | null>>({
    raw_days: rule?.raw_days ?? 30, minute_days: rule?.minute_days ?? 365, hour_days: rule?.hour_days ?? 0,
  });
  const [tried, setTried] = useState(false);
  const wrong: Partial<Record<Layer | "group", string>> = daysWrong(kept);
  if (group === "") wrong.group = t("discovered.group_needed");
  const submit = async (): Promise<void> => {
    setTried(true);
    if (Object.keys(wrong).length > 0) return;
    const body: RetentionRule = {
      group, sensor: sensor.trim(), raw_days: kept.raw_days ?? 0, minute_days: kept.minute_days ?? 0, hour_days: kept.hour_days ?? 0,
    };
    const ask = t("retention.shorter_ask", { what: whatOf(body), days: days(body.raw_days) });
    if (body.raw_days > 0 && !(await confirmDialog(ask, { danger: true, ok: t("admin.save") }))) return;
    if (!(await act.run(() => api.put("/retention", body)))) return;
    toast(t("retention.saved"));
    onSaved();
    onClose();
  };
  const layer = (name: Layer) => (
    <Field label={t(`retention.${name}`)} hint={t("retention.days_hint")} error={act.of(name) ?? (tried ? wrong[name] : undefined)}>
      <NumberInput value={kept[name]} onInput={(n) => setKept({ ...kept, [name]: n })} min={0} max={MOST_DAYS} step={1} />
    </Field>
  );
  return (
    <Dialog
      title={rule ? t("retention.edit_title", { what: whatOf(rule) }) : t("retention.add")} onClose={onClose} onSubmit={() => void submit()}
      actions={<><Button onClick={onClose}>{t("ui.cancel")}</Button><Button type="submit" kind="primary" busy={act.busy}>{t("admin.save")}</Button></>}
    >
      <div class="stack">
        {!rule && (
          <>
            <Field label={t("admin.group")} error={act.of("group") ?? (tried ? wrong.group : undefined)}><GroupSelect value={group} onInput={setGroup} /></Field>
            <Field label={t("retention.sensor")} hint={t("retention.sensor_hint")} error={act.of("sensor")}><TextInput value={sensor} onInput={setSensor} /></Field>
          </>
        )}
        {layer("raw_days")}
        {layer("minute_days")}
        {layer("hour_days")}
        <Note tone="warn">{t("retention.warn")}</Note>
        <Refusal act={act} />
      </div>
    </Dialog>
  );
}

/** Each layer is kept at least as long as the one before; 0 is for ever. */
function daysWrong(kept: Record<Layer, number | null>): Partial<Record<Layer, string>> {
  const wrong: Partial<Record<Layer, string>> = {};
  const long = (n: number | null): number => (n === 0 ? Infinity : (n ?? 0));
  for (const layer of ["raw_days", "minute_days", "hour_days"] as const) {
    const n = kept[layer];
    if (n === null || !Number.isInteger(n) || n < 0 || n > MOST_DAYS) wrong[layer] = t("retention.days_wrong");
  }
  if (!wrong.minute_days && long(kept.minute_days) < long(kept.raw_days)) wrong.minute_days = t("retention.order_wrong");
  if (!wrong.hour_days && long(kept.hour_days) < long(kept.minute_days)) wrong.hour_days = t("retention.order_wrong");
  return wrong;
}
