/** Chooses a sensor of any device. */
import { useState } from "preact/hooks";
import { api } from "../lib/api";
import { formatValue } from "../lib/format";
import { t } from "../lib/i18n";
import { useResource } from "../lib/resource";
import type { Capabilities } from "../lib/types";
import { Button, DevicePicker, Dialog, ErrorNote, Field, Select, Spinner } from "../ui";

export function AddSensor({ onAdd, onClose }: { onAdd: (address: number, sensor: string) => void; onClose: () => void }) {
  const [address, setAddress] = useState<number | null>(null);
  const [sensor, setSensor] = useState("");
  const { data, error, loading, reload } = useResource(
    address === null ? null : `capabilities ${address}`,
    () => api.get<Capabilities>(`/devices/${address}/capabilities`),
  );
  const names = data ? readable(data) : [];
  const chosen = names.some((one) => one.value === sensor) ? sensor : (names.length === 1 ? names[0]?.value ?? "" : "");
  const ready = address !== null && chosen !== "";
  return (
    <Dialog
      title={t("charts.add")}
      onClose={onClose}
      onSubmit={() => { if (ready) onAdd(address, chosen); }}
      actions={<Button type="submit" kind="primary" disabled={!ready}>{t("charts.add.button")}</Button>}
    >
      <div class="stack add-sensor">
        <Field label={t("charts.add.device")}>
          <DevicePicker value={address} onInput={(picked) => { setAddress(picked); setSensor(""); }} autofocus />
        </Field>
        {loading && !data && <Spinner inline />}
        {error && <ErrorNote error={error} retry={reload} />}
        {data && names.length === 0 && <p class="muted">{t("charts.add.none")}</p>}
        {names.length > 0 && (
          <Field label={t("charts.add.sensor")}>
            <Select value={chosen} onInput={setSensor} options={chosen ? names : [{ value: "", label: t("charts.add.choose") }, ...names]} />
          </Field>
        )}
      </div>
    </Dialog>
  );
}

/** Sensors, and actuators that report. */
function readable(data: Capabilities): { value: string; label: string }[] {
  const sensors = data.sensors.map((one) => ({ value: one.name, label: one.last ? `${one.name} (${formatValue(one.last.value, one.unit)})` : one.name }));
  const actuators = data.actuators
    .filter((one) => one.reported && !data.sensors.some((sensor) => sensor.name === one.name))
    .map((one) => ({ value: one.name, label: `${one.name} (${formatValue(one.reported?.value)})` }));
  return [...sensors, ...actuators];
}
