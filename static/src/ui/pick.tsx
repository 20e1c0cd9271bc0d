// Choosing a group or a device.

import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { deviceName, matches, useDevice, useDevices } from "../lib/devices";
import { t } from "../lib/i18n";
import { useMe } from "../lib/me";
import { link } from "../lib/routes";
import type { DeviceSummary } from "../lib/types";
import { State } from "./badge";
import { IconButton } from "./button";
import { Select, TextInput, useTied } from "./field";

/** One of the viewer's groups; with `all`, an empty value stands for all of them. */
export function GroupSelect({ value, onInput, all, label, disabled }: {
  value: string; onInput: (group: string) => void; all?: boolean; label?: string; disabled?: boolean;
}) {
  const { groups } = useMe();
  const options = groups.map((group) => ({ value: group, label: group }));
  if (all) options.unshift({ value: "", label: t("ui.all_groups") });
  else if (!groups.includes(value)) options.unshift({ value: "", label: "–" });
  return <Select value={value} onInput={onInput} options={options} label={label} disabled={disabled} />;
}

/** A device by its name, with a link to its page. */
export function DeviceLink({ address, plain }: { address: number; plain?: boolean }) {
  const device = useDevice(address);
  const name = device ? deviceName(device) : t("ui.unknown_device", { address: String(address) });
  if (plain || device === null) return <span class="device-name">{name}</span>;
  return <a class="device-name" href={link(`/devices/${address}`)}>{name}</a>;
}

const MOST = 50;

/** Search over all devices. `value` is an address. */
export function DevicePicker({ value, onInput, group, label, autofocus, disabled }: {
  value: number | null; onInput: (address: number | null, device?: DeviceSummary) => void; group?: string; label?: string;
  autofocus?: boolean; disabled?: boolean;
}) {
  const { items, complete } = useDevices();
  const chosen = useDevice(value);
  const tied = useTied();
  const id = useId();
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);

  const found = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const some: DeviceSummary[] = [];
    let n = 0;
    for (const device of items) {
      if (group && device.group !== group) continue;
      if (words.length && !matches(device, words)) continue;
      n++;
      if (some.length < MOST) some.push(device);
    }
    return { some, n };
  }, [items, text, group]);

  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);

  if (value !== null) {
    return (
      <span class="picked" id={tied.id}>
        <span class="truncate">{chosen ? `${deviceName(chosen)} · ${chosen.group}` : t("ui.unknown_device", { address: String(value) })}</span>
        <IconButton
          small icon="close" label={t("ui.pick_clear")} disabled={disabled}
          onClick={() => {
            setText("");
            onInput(null);
            setTimeout(() => input.current?.focus());
          }}
        />
      </span>
    );
  }
  const pick = (device: DeviceSummary | undefined) => {
    if (!device) return;
    setOpen(false);
    onInput(device.address, device);
  };
  return (
    <div class="picker">
      <input
        {...tied} ref={input} class="input" role="combobox" type="text" autocomplete="off" spellcheck={false} value={text} disabled={disabled}
        placeholder={t("ui.pick_hint")} aria-label={label ?? (tied.id ? undefined : t("ui.pick_device"))} aria-expanded={open ? "true" : "false"}
        aria-controls={`${id}-list`} aria-autocomplete="list" autofocus={autofocus}
        aria-activedescendant={open && found.some[active] ? `${id}-${active}` : undefined}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
          setOpen(true);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            setOpen(true);
            setActive((n) => Math.max(0, Math.min(found.some.length - 1, n + (event.key === "ArrowDown" ? 1 : -1))));
          } else if (event.key === "Enter" && open) {
            event.preventDefault();
            pick(found.some[active]);
          } else if (event.key === "Escape" && open) {
            event.preventDefault();
            event.stopPropagation();
            setOpen(false);
          }
        }}
      />
      <ul class="picker-list" role="listbox" id={`${id}-list`} ref={list} hidden={!open} aria-label={t("ui.pick_device")}>
        {found.some.map((device, i) => (
          <li
            key={device.address} id={`${id}-${i}`} role="option" class={`picker-item ${i === active ? "is-active" : ""}`}
            aria-selected={i === active ? "true" : "false"}
            onPointerDown={(event) => {
              event.preventDefault();
              pick(device);
            }}
          >
            <span class="truncate grow">{deviceName(device)} <span class="muted small">{device.group} · {device.type}/{device.id}</span></span>
            <State state={device.state} disabled={device.disabled} />
          </li>
        ))}
        {!found.some.length && <li class="picker-none muted" role="option" aria-disabled="true" aria-selected="false">{complete ? t("ui.pick_none") : t("ui.loading")}</li>}
        {found.n > MOST && <li class="picker-none muted small" role="presentation">{t("ui.pick_count", { n: found.n })}</li>}
      </ul>
    </div>
  );
}

/** A search field with its cross; the one that `/` focuses. */
export function SearchInput({ value, onInput, label, placeholder }: {
  value: string; onInput: (value: string) => void; label: string; placeholder?: string;
}) {
  return <TextInput type="search" search value={value} onInput={onInput} label={label} placeholder={placeholder ?? label} class="search-input" />;
}
