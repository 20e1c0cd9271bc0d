// All devices: searched and filtered at once, however many there are.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { AddDevice } from "../device/add";
import { ImportDevices } from "../device/import";
import { DeviceRow } from "../device/row";
import { matches, sortKey, useDevices } from "../lib/devices";
import { t } from "../lib/i18n";
import { usePhone } from "../lib/media";
import { can, useMe } from "../lib/me";
import { useQuery } from "../lib/routes";
import type { DeviceSummary } from "../lib/types";
import {
  Button, Empty, ErrorNote, GroupSelect, Page, SearchInput, Select, Spinner, Menu, VirtualList,
} from "../ui";

const STATES = ["", "online", "offline", "never_seen", "disabled", "weak", "alarm"] as const;
type StateFilter = (typeof STATES)[number];
const SORTS = ["", "name", "alarm"] as const;
/** The address follows what is typed, but not with each letter. */
const TYPING_MS = 250;

function holds(device: DeviceSummary, state: StateFilter): boolean {
  switch (state) {
    case "":
      return true;
    case "disabled":
      return device.disabled;
    case "weak":
      return device.weak;
    case "alarm":
      return device.open_alarms > 0;
    default:
      return device.state === state;
  }
}

/** Made anew only when devices come, go or are renamed: to sort 20,000 takes longer than a frame. */
function useOrdered(items: DeviceSummary[], version: number, sort: string): DeviceSummary[] {
  const byName = useMemo(() => {
    if (sort !== "name") return null;
    const order = items.map((device) => ({ key: sortKey(device), address: device.address }));
    order.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    return new Map(order.map(({ address }, i) => [address, i]));
  }, [version, sort]);
  return useMemo(() => {
    if (sort === "alarm") return [...items].sort((a, b) => b.open_alarms - a.open_alarms);
    if (!byName) return items;
    const ordered: DeviceSummary[] = new Array(items.length);
    for (const device of items) ordered[byName.get(device.address) ?? items.length - 1] = device;
    return ordered.filter(Boolean);
  }, [items, byName, sort]);
}

export default function DevicesPage() {
  const [query, setQuery] = useQuery();
  const { groups } = useMe();
  const book = useDevices();
  const phone = usePhone();
  const [text, setText] = useState(query.get("q") ?? "");
  const [importing, setImporting] = useState(false);
  const group = query.get("group") ?? "";
  const label = query.get("label") ?? "";
  const state = (STATES.find((s) => s === query.get("state")) ?? "") as StateFilter;
  const sort = query.get("sort") ?? "";
  const adding = query.get("add") === "1" && can("manage");

  const set = (name: string, value: string) => setQuery((q) => (value ? q.set(name, value) : q.delete(name)));
  const timer = useRef(0);
  const type = (typed: string) => {
    setText(typed);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      set("q", typed);
    }, TYPING_MS);
  };
  const asked = query.get("q") ?? "";
  // A link to other filters, or to none.
  useEffect(() => {
    if (!timer.current) setText(asked);
  }, [asked]);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const ordered = useOrdered(book.items, book.version, sort);
  const shown = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length && !group && !label && !state) return ordered;
    return ordered.filter((d) =>
      (!group || d.group === group) && holds(d, state) && (!label || d.labels.includes(label)) && (!words.length || matches(d, words)));
  }, [ordered, text, group, label, state]);
  const labels = useLabels(book.items, book.version, group);
  const filtered = !!(text || group || label || state);
  const clear = () => {
    window.clearTimeout(timer.current);
    timer.current = 0;
    setText("");
    setQuery((q) => ["q", "group", "label", "state"].forEach((name) => q.delete(name)));
  };

  return (
    <Page
      full title={t("nav.devices")}
      actions={can("manage") && (
        <>
          <Button kind="primary" icon="plus" onClick={() => set("add", "1")}>{t("devices.add")}</Button>
          <Menu items={[{ label: t("devices.import"), icon: "upload", onClick: () => setImporting(true) }]} />
        </>
      )}
    >
      <div class="toolbar device-filters" role="search" aria-label={t("devices.filters")}>
        <SearchInput value={text} onInput={type} label={t("devices.search")} placeholder={t("ui.pick_hint")} />
        {groups.length > 1 && <GroupSelect all value={group} onInput={(g) => set("group", g)} label={t("ui.group")} />}
        <Select
          label={t("devices.state")} value={state} onInput={(s) => set("state", s)}
          options={STATES.map((value) => ({ value, label: t(`devices.state_${value || "all"}`) }))}
        />
        {(labels.length > 0 || label) && (
          <Select
            label={t("devices.label")} value={label} onInput={(l) => set("label", l)}
            options={[{ value: "", label: t("devices.label_all") }, ...[...new Set(label ? [label, ...labels] : labels)].map((value) => ({ value, label: `@${value}` }))]}
          />
        )}
        <Select
          label={t("devices.sort")} value={sort} onInput={(s) => set("sort", s)}
          options={SORTS.map((value) => ({ value, label: t(`devices.sort_${value || "none"}`) }))}
        />
      </div>
      {book.error && <ErrorNote error={book.error} retry={book.reload} />}
      <p class="device-count muted small" role="status" data-testid="device-count">
        {filtered ? t("devices.count_of", { shown: shown.length, n: book.items.length }) : t("ui.pick_count", { n: book.items.length })}
        {!book.complete && book.loading && <> · {t("ui.loading")}</>}
        {filtered && <button type="button" class="link-button" onClick={clear}>{t("devices.clear")}</button>}
      </p>
      <div class="device-list">
        {!phone && shown.length > 0 && <ListHead />}
        {shown.length > 0
          ? (
            <VirtualList
              key={phone ? "phone" : "desktop"} items={shown} rowHeight={phone ? 66 : rowHeight()} keyOf={(d) => d.address} label={t("nav.devices")} testid="device-list" place={`devices ${query.toString()}`}
              render={(device, { tabIndex }) => <DeviceRow device={device} phone={phone} tabIndex={tabIndex} showGroup={groups.length > 1} />}
            />
          )
          : <Nothing loading={!book.complete && !book.error} filtered={filtered} clear={clear} add={() => set("add", "1")} />}
      </div>
      {adding && <AddDevice group={group} onClose={() => set("add", "")} />}
      {importing && <ImportDevices onClose={() => setImporting(false)} />}
    </Page>
  );
}

/** 3 rem, which is more pixels on a wall. */
function rowHeight(): number {
  return Math.round(3 * parseFloat(getComputedStyle(document.documentElement).fontSize));
}

function useLabels(items: DeviceSummary[], version: number, group: string): string[] {
  return useMemo(() => {
    const labels = new Set<string>();
    for (const device of items) {
      if (group && device.group !== group) continue;
      for (const label of device.labels) labels.add(label);
    }
    return [...labels].sort((a, b) => a.localeCompare(b));
  }, [version, group]);
}

function ListHead() {
  const { groups } = useMe();
  return (
    <div class={`device-row device-head ${groups.length > 1 ? "" : "no-group"}`} aria-hidden="true">
      <span>{t("devices.state")}</span>
      <span>{t("devices.device")}</span>
      {groups.length > 1 && <span>{t("ui.group")}</span>}
      <span class="device-labels">{t("devices.labels")}</span>
      <span class="device-since">{t("devices.since")}</span>
      <span />
    </div>
  );
}

function Nothing({ loading, filtered, clear, add }: { loading: boolean; filtered: boolean; clear: () => void; add: () => void }) {
  if (loading) return <Spinner />;
  if (filtered) {
    return <Empty icon="search" title={t("devices.none_found")} hint={t("devices.none_found_hint")} action={<Button onClick={clear}>{t("devices.clear")}</Button>} />;
  }
  const may = can("manage");
  return (
    <Empty
      icon="devices" title={t("overview.no_devices")} hint={may ? t("overview.no_devices_hint") : t("overview.no_devices_viewer")}
      action={may && <Button kind="primary" icon="plus" onClick={add}>{t("devices.add")}</Button>}
    />
  );
}
