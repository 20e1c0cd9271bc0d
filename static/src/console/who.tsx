// Addresses with what they are called.

import { deviceName, knownDevice, useDevices } from "../lib/devices";
import { t } from "../lib/i18n";

/** Has the list of all devices read, for their names. */
export function KnowDevices() {
  useDevices();
  return null;
}

/** Empty: not known, or no device. */
export function nameOf(address: string): string {
  if (address === "0") return t("console.hub");
  const device = /^[1-9]\d*$/.test(address) ? knownDevice(Number(address)) : undefined;
  return device ? deviceName(device) : "";
}

export function Who({ address, own }: { address: string; own: string }) {
  if (address !== "" && address === own) return <span class="who is-you">{t("console.you")}</span>;
  if (address === "0") return <span class="who is-hub">{t("console.hub")}</span>;
  if (address === "*") return <span class="who is-set">{t("console.everyone")}</span>;
  const name = nameOf(address);
  if (name === "") return <span class="who"><span class="who-name mono">{address}</span></span>;
  return <span class="who" title={`${name} (${address})`}><span class="who-name">{name}</span> <span class="who-address mono">{address}</span></span>;
}
