/** All alarm rules. */
import { useMemo, useState } from "preact/hooks";
import { usePaged } from "../alarms/paged";
import { ScopeText } from "../alarms/scope";
import { RuleSwitch } from "../alarms/ruleswitch";
import { checkText } from "../alarms/words";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { useKeys } from "../lib/keys";
import { useNewsBatch } from "../lib/live";
import { can } from "../lib/me";
import { go, link, useQuery } from "../lib/routes";
import type { Rule } from "../lib/types";
import { Button, Card, Empty, ErrorNote, GroupSelect, LinkButton, Page, SearchInput, Severity, Spinner, Table, type Column } from "../ui";

const AT_ONCE = 1_000;
/** When so many changed at once the list is read anew. */
const MANY = 5;

export default function Rules() {
  const [query, setQuery] = useQuery();
  const group = query.get("group") ?? "";
  const [search, setSearch] = useState("");
  const list = usePaged<Rule>("/rules", { group }, AT_ONCE);
  useNewsBatch(["rule"], (items) => void refresh(items.map((item) => item.id)));
  const refresh = async (ids: number[]) => {
    const known = new Set((list.items ?? []).map((rule) => rule.id));
    if (ids.length > MANY || ids.some((id) => !known.has(id))) return list.reload();
    for (const id of ids) {
      const rule = await api.get<Rule>(`/rules/${id}`).catch(() => null);
      list.mutate((before) => (rule ? before.map((one) => (one.id === id ? rule : one)) : before.filter((one) => one.id !== id)));
    }
  };
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = useMemo(() => (list.items ?? []).filter((rule) => {
    const text = `${rule.name} ${rule.scope} ${rule.group} ${"sensor" in rule.check ? rule.check.sensor : ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  }), [list.items, search]);
  const changed = (rule: Rule) => list.mutate((before) => before.map((one) => (one.id === rule.id ? rule : one)));
  useKeys(can("operate") ? { n: { label: t("rules.new"), run: () => go("/rules/new") } } : {});
  const add = can("operate") && <LinkButton kind="primary" icon="plus" href={link(`/rules/new${group ? `?group=${encodeURIComponent(group)}` : ""}`)}>{t("rules.new")}</LinkButton>;
  return (
    <Page title={t("rules.title")} back={{ to: "/alarms", label: t("alarms.title") }} actions={add}>
      <div class="stack">
        <div class="filter-bar">
          <SearchInput label={t("rules.search")} value={search} onInput={setSearch} />
          <GroupSelect all label={t("ui.group")} value={group} onInput={(value) => setQuery((q) => (value ? q.set("group", value) : q.delete("group")))} />
        </div>
        {list.error && <ErrorNote error={list.error} retry={list.reload} />}
        {!list.items && list.loading && <Spinner />}
        {list.items && rows.length === 0 && (search
          ? <Empty icon="search" title={t("rules.none.search")} action={<Button onClick={() => setSearch("")}>{t("ui.clear_search")}</Button>} />
          : <Empty icon="rules" title={t("rules.none")} hint={t("rules.none.hint")} action={add} />)}
        {rows.length > 0 && <Card flush><Table caption={t("rules.title")} rows={rows} keyOf={(rule) => rule.id} columns={columns(changed)} /></Card>}
        {list.hasMore && <div class="row more-row"><Button busy={list.loading} onClick={list.more}>{t("ui.load_more")}</Button></div>}
      </div>
    </Page>
  );
}

function columns(changed: (rule: Rule) => void): Column<Rule>[] {
  return [
    { id: "severity", title: t("alarms.severity"), tight: true, render: (rule) => <Severity severity={rule.severity} /> },
    { id: "name", title: t("rules.name"), render: (rule) => <div class="alarm-name"><a class="strong" href={link(`/rules/${rule.id}`)}>{rule.name}</a><span class="small muted">{checkText(rule.check, rule.unit)}</span></div> },
    { id: "scope", title: t("rules.scope"), render: (rule) => <div class="alarm-name"><ScopeText scope={rule.scope} /><span class="small muted">{rule.group}</span></div> },
    { id: "enabled", title: t("rules.enabled"), tight: true, render: (rule) => <RuleSwitch rule={rule} changed={changed} /> },
  ];
}
