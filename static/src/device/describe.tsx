// Says what a device has that cannot say it itself.

import { useState } from "preact/hooks";
import { api, toApiError, type ApiError } from "../lib/api";
import { t } from "../lib/i18n";
import type { Capabilities } from "../lib/types";
import { Button, Dialog, IconButton, Note, NumberInput, Select, TextInput, toast } from "../ui";

interface Row {
  key: number;
  acts: boolean;
  name: string;
  kind: string;
  unit: string;
  min: number | null;
  max: number | null;
}

let last = 0;

/** `:` divides the parts and `|` the fields; `%` escapes. */
function part(text: string): string {
  return text.replace(/[%:|\u0000-\u001f\u007f]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}

export function describeField(row: Omit<Row, "key">): string {
  const bound = (n: number | null) => (n === null ? "" : String(n));
  const parts = row.acts
    ? ["A", part(row.name), part(row.kind), bound(row.min), bound(row.max)]
    : ["S", part(row.name), part(row.kind), part(row.unit), bound(row.min), bound(row.max)];
  return parts.join(":");
}

function rowsOf(caps: Capabilities, by: string): Row[] {
  return [
    ...caps.sensors.filter((s) => s.by === by).map((s) => ({ key: ++last, acts: false, name: s.name, kind: s.kind, unit: s.unit, min: s.min, max: s.max })),
    ...caps.actuators.filter((a) => a.by === by).map((a) => ({ key: ++last, acts: true, name: a.name, kind: a.kind, unit: "", min: a.min, max: a.max })),
  ];
}

function kindOf(caps: Capabilities, name: string): string {
  const value = caps.sensors.find((s) => s.name === name)?.last?.value;
  return value === undefined ? "number" : typeof value === "string" ? "text" : typeof value;
}

export function Describe({ address, caps, onClose, onDone }: {
  address: number; caps: Capabilities; onClose: () => void; onDone: () => void;
}) {
  const [rows, setRows] = useState<Row[]>(() => rowsOf(caps, "operator"));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const known = new Set(rows.map((r) => r.name));
  const reported = rowsOf(caps, "readings").filter((r) => !known.has(r.name) && r.name !== "event");
  const said = rowsOf(caps, "device").length;
  const change = (key: number, by: Partial<Row>) => setRows((all) => all.map((r) => (r.key === key ? { ...r, ...by } : r)));
  const add = (acts: boolean) => setRows((all) => [...all, { key: ++last, acts, name: "", kind: "number", unit: "", min: null, max: null }]);
  const submit = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await api.put(`/devices/${address}/capabilities`, { capabilities: rows.map(describeField) });
      toast(t("describe.done"));
      onDone();
    } catch (refused) {
      setError(toApiError(refused));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t("device.describe")} wide onClose={onClose} onSubmit={() => void submit()}
      actions={<><Button onClick={onClose}>{t("ui.cancel")}</Button><Button type="submit" kind="primary" busy={busy}>{t("describe.save")}</Button></>}
    >
      {error && <div role="alert"><Note tone="bad">{error.detail}</Note></div>}
      <p class="muted">{t("describe.hint")}{said > 0 && <> {t("describe.device_said", { n: said })}</>}</p>
      {reported.length > 0 && (
        <Note
          tone="info"
          action={(
            <Button small icon="plus" onClick={() => setRows((all) => [...all, ...reported.map((r) => ({ ...r, key: ++last, kind: r.kind || kindOf(caps, r.name) }))])}>
              {t("describe.add_reported")}
            </Button>
          )}
        >
          {t("describe.reported", { names: reported.map((r) => r.name).join(", ") })}
        </Note>
      )}
      {rows.length > 0 && (
        <ul class="describe-rows">
          {rows.map((row, i) => (
            <li key={row.key} class="describe-row">
              <Select
                label={t("describe.sort")} value={row.acts ? "A" : "S"} onInput={(v) => change(row.key, { acts: v === "A" })}
                options={[{ value: "S", label: t("describe.sensor") }, { value: "A", label: t("describe.actuator") }]}
              />
              <TextInput label={t("describe.name", { n: i + 1 })} placeholder={t("add.name")} value={row.name} onInput={(name) => change(row.key, { name })} maxLength={64} />
              <Select
                label={t("describe.kind")} value={row.kind} onInput={(kind) => change(row.key, { kind })}
                options={["number", "boolean", "text", "composite", ...(row.acts ? ["button"] : []), ...(["number", "boolean", "text", "composite", "button"].includes(row.kind) ? [] : [row.kind])].map((value) => ({ value, label: value || t("describe.any") }))}
              />
              <TextInput label={t("describe.unit")} placeholder={t("describe.unit")} value={row.unit} onInput={(unit) => change(row.key, { unit })} disabled={row.acts} maxLength={64} />
              <NumberInput label={t("describe.min")} placeholder={t("describe.min")} value={row.min} onInput={(min) => change(row.key, { min })} disabled={row.kind !== "number"} />
              <NumberInput label={t("describe.max")} placeholder={t("describe.max")} value={row.max} onInput={(max) => change(row.key, { max })} disabled={row.kind !== "number"} />
              <IconButton icon="trash" label={t("describe.remove", { name: row.name || String(i + 1) })} onClick={() => setRows((all) => all.filter((r) => r.key !== row.key))} />
            </li>
          ))}
        </ul>
      )}
      <div class="row">
        <Button small icon="plus" onClick={() => add(false)}>{t("describe.add_sensor")}</Button>
        <Button small icon="plus" onClick={() => add(true)}>{t("describe.add_actuator")}</Button>
      </div>
      {!rows.length && <p class="muted small">{t("describe.none")}</p>}
    </Dialog>
  );
}
