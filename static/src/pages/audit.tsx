// The audit log: who changed what, filtered, as far back as it goes.

import { useEffect, useState } from "preact/hooks";
import { useEndless, useInSight } from "../admin/endless";
import { t, td, hasText } from "../lib/i18n";
import { useMe } from "../lib/me";
import { useQuery } from "../lib/routes";
import { fromLocalInput, toLocalInput, zoneName } from "../lib/time";
import type { AuditEntry } from "../lib/types";
import { Badge, Button, Card, Empty, ErrorNote, Field, GroupSelect, Page, Spinner, Table, TextInput, Time, type Column } from "../ui";

/** Further back a narrower filter leads. */
const MOST = 2000;
const TYPING_MS = 350;

const COLUMNS: () => Column<AuditEntry>[] = () => [
  { id: "time", title: t("audit.time"), tight: true, render: (entry) => <Time ms={entry.at_ms} full /> },
  {
    id: "who", title: t("audit.actor"),
    render: (entry) => (
      <span class="audit-who audit-by">
        <span class="strong">{entry.actor || t("audit.via.hub")}</span>
        {(entry.actor !== "" || entry.from !== "") && <span class="muted small">{via(entry)}</span>}
      </span>
    ),
  },
  { id: "what", title: t("audit.what"), tight: true, render: (entry) => <span class="mono">{entry.action}</span> },
  { id: "target", title: t("audit.target"), render: (entry) => <Target entry={entry} /> },
  { id: "detail", title: t("audit.detail"), render: (entry) => entry.detail === "" ? <span class="muted">–</span> : <span class="audit-detail">{entry.detail}</span> },
];

function Target({ entry }: { entry: AuditEntry }) {
  if (entry.target === "" && entry.group === "") return <span class="muted">–</span>;
  return (
    <span class="audit-who">
      {entry.target !== "" && <span>{entry.target}</span>}
      {entry.group !== "" && entry.group !== entry.target && <span class="muted small">{t("audit.in_group", { group: entry.group })}</span>}
    </span>
  );
}

function via(entry: AuditEntry): string {
  const key = `audit.via.${entry.via}`;
  const way = hasText(key) ? td(key) : entry.via;
  return entry.from === "" ? way : `${way}, ${entry.from}`;
}

export default function Audit() {
  const me = useMe();
  const [query, change] = useQuery();
  const filter = {
    group: query.get("group") ?? "",
    actor: query.get("actor") ?? "",
    action: query.get("action") ?? "",
    from: query.get("from") ?? "",
    to: query.get("to") ?? "",
  };
  const set = (name: keyof typeof filter, value: string): void => change((next) => (value === "" ? next.delete(name) : next.set(name, value)));
  const filtered = Object.values(filter).some((value) => value !== "");
  const wrongRange = filter.from !== "" && filter.to !== "" && Number(filter.to) <= Number(filter.from);
  const list = useEndless<AuditEntry>("/audit", filter, MOST);
  const end = useInSight(list.more, !list.loading && !list.error && !list.ended && !list.full);
  const count = list.items?.length ?? 0;
  return (
    <Page
      title={t("audit.title")} subtitle={t(me.role === "administrator" ? "audit.lead" : "audit.lead_group")}
      actions={<Button icon="refresh" onClick={list.reload} busy={list.loading && list.items !== undefined}>{t("audit.refresh")}</Button>}
    >
      <section class="filters" aria-label={t("audit.filter")}>
        <Field label={t("admin.group")}><GroupSelect value={filter.group} onInput={(group) => set("group", group)} all /></Field>
        <Field label={t("audit.actor")}><Typed value={filter.actor} onInput={(value) => set("actor", value)} search /></Field>
        <Field label={t("audit.what")}><Typed value={filter.action} onInput={(value) => set("action", value)} placeholder={t("audit.action_hint")} /></Field>
        <Field label={t("audit.from")}><Moment value={filter.from} onInput={(value) => set("from", value)} /></Field>
        <Field label={t("audit.to")} error={wrongRange ? t("audit.wrong_range") : undefined}><Moment value={filter.to} onInput={(value) => set("to", value)} /></Field>
        {filtered && (
          <Button kind="quiet" icon="close" onClick={() => change((next) => Object.keys(filter).forEach((name) => next.delete(name)))}>{t("audit.reset")}</Button>
        )}
      </section>
      <p class="muted small">{t("audit.time_zone", { zone: zoneName() })}</p>
      {count > 0 && <Card flush class="audit"><Table columns={COLUMNS()} rows={list.items ?? []} keyOf={(entry) => entry.id} caption={t("audit.caption")} /></Card>}
      {list.ended && count === 0 && !list.loading && (filtered
        ? <Empty icon="search" title={t("audit.none_match")} hint={t("audit.none_match_hint")} />
        : <Empty icon="audit" title={t("audit.none")} hint={t("audit.none_hint")} />)}
      {list.error && <ErrorNote error={list.error} retry={count > 0 ? list.more : list.reload} />}
      <div class="list-end muted" ref={end} role="status">
        {list.loading ? <Spinner inline label={t("audit.loading")} /> : <EndWord count={count} ended={list.ended} full={list.full && !list.ended} />}
      </div>
    </Page>
  );
}

function EndWord({ count, ended, full }: { count: number; ended: boolean; full: boolean }) {
  if (full) return <Badge tone="info" icon="info">{t("audit.enough", { n: count })}</Badge>;
  return ended && count > 0 ? <>{t("audit.end", { n: count })}</> : null;
}

interface TypedProps {
  value: string;
  onInput: (value: string) => void;
  placeholder?: string;
  search?: boolean;
}

/** Text that counts when typing has paused. */
function Typed({ value, onInput, placeholder, search }: TypedProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onInput(text.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return <TextInput type="search" value={text} onInput={setText} placeholder={placeholder ?? t("audit.any")} search={search} />;
}

/** A moment in the viewer's zone; kept as Unix milliseconds. */
function Moment({ value, onInput }: { value: string; onInput: (value: string) => void }) {
  const ms = Number(value);
  return (
    <TextInput
      type="datetime-local" value={value === "" || !Number.isFinite(ms) ? "" : toLocalInput(ms)} onInput={() => undefined}
      onChange={(text) => onInput(text === "" ? "" : String(fromLocalInput(text) ?? ""))}
    />
  );
}
