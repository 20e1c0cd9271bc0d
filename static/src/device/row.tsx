// A device in the list.

import { deviceName } from "../lib/devices";
import { t } from "../lib/i18n";
import { link } from "../lib/routes";
import type { DeviceSummary } from "../lib/types";
import { Ago, Badge, Icon, Labels, Severity, State } from "../ui";

export function DeviceRow({ device, phone, tabIndex, showGroup }: {
  device: DeviceSummary; phone: boolean; tabIndex: 0 | -1; showGroup: boolean;
}) {
  const href = link(`/devices/${device.address}`);
  const marks = (
    <span class="device-marks">
      {device.open_alarms > 0 && (
        <span class="row-tight" title={t("devices.open_alarms", { n: device.open_alarms })}>
          {device.worst ? <Severity severity={device.worst} compact /> : <Icon name="alarms" size={15} />}
          <span>{device.open_alarms}</span><span class="sr-only">{t("devices.open_alarms", { n: device.open_alarms })}</span>
        </span>
      )}
      {device.weak && <Badge tone="warn" icon="weak" title={t("devices.weak_title")}>{t("devices.weak")}</Badge>}
    </span>
  );
  if (phone) {
    return (
      <a class="device-row is-phone" href={href} tabIndex={tabIndex}>
        <span class="device-row-top"><span class="device-title truncate">{deviceName(device)}</span>{marks}</span>
        <span class="device-row-top muted small">
          <State state={device.state} disabled={device.disabled} />
          <span class="truncate grow">{showGroup && `${device.group} · `}{device.type}/{device.id}</span>
          <Ago ms={device.since_ms} />
        </span>
      </a>
    );
  }
  return (
    <a class={`device-row ${showGroup ? "" : "no-group"}`} href={href} tabIndex={tabIndex}>
      <State state={device.state} disabled={device.disabled} />
      <span class="truncate"><span class="device-title">{deviceName(device)}</span> <span class="muted small">{device.type}/{device.id}</span></span>
      {showGroup && <span class="truncate muted">{device.group}</span>}
      <span class="device-labels"><Labels labels={device.labels} most={2} /></span>
      <span class="device-since muted small"><Ago ms={device.since_ms} /></span>
      {marks}
    </a>
  );
}
