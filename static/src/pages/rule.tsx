/** One alarm rule: as it stands, or a new one. */
import { useMemo, useState } from "preact/hooks";
import { draftOf, newDraft, type Draft } from "../alarms/draft";
import { RuleForm } from "../alarms/ruleform";
import { RuleSwitch } from "../alarms/ruleswitch";
import { ScopeText } from "../alarms/scope";
import { Trial } from "../alarms/trial";
import { readScope, ruleText } from "../alarms/words";
import { api } from "../lib/api";
import { t, td, hasText } from "../lib/i18n";
import { useNews } from "../lib/live";
import { can, useMe } from "../lib/me";
import { useResource } from "../lib/resource";
import { go, link, useRoute } from "../lib/routes";
import { formatSpan } from "../lib/time";
import type { Rule, RuleSource } from "../lib/types";
import {
  Badge, Button, Card, confirmDialog, DeviceLink, ErrorNote, Facts, LinkButton, Menu, Page, Severity, Spinner, Table, Time, toast, toastError, type Column,
} from "../ui";

const BACK = () => ({ to: "/rules", label: t("rules.title") });

export default function RulePage() {
  const { parts } = useRoute();
  return parts[1] === "new" ? <NewRulePage /> : <StoredRule id={Number(parts[1])} key={parts[1]} />;
}

/** Empty, or from another rule (`copy`, `replace`), or for a sensor (`device`, `sensor`). */
function NewRulePage() {
  const { query } = useRoute();
  const { groups } = useMe();
  const replaces = Number(query.get("replace")) || null;
  const from = replaces ?? (Number(query.get("copy")) || null);
  const source = useResource(from === null ? null : `rule ${from}`, () => api.get<Rule>(`/rules/${from}`));
  const device = Number(query.get("device")) || null;
  const owner = useResource(device === null ? null : `device ${device}`, () => api.get<{ group: string }>(`/devices/${device}`));
  const initial = useMemo<Draft | null>(() => {
    if (from !== null) {
      if (!source.data) return null;
      const draft = draftOf(source.data);
      return replaces ? draft : { ...draft, name: `${draft.name} 2`.slice(0, 64) };
    }
    if (device !== null && !owner.data) return null;
    const group = owner.data?.group ?? query.get("group") ?? (groups.length === 1 ? groups[0] ?? "" : "");
    return { ...newDraft(group), address: device, sensor: query.get("sensor") ?? "" };
  }, [source.data, owner.data]);
  const error = source.error ?? owner.error;
  return (
    <Page title={t(replaces ? "rules.edit" : "rules.new")} back={BACK()}>
      {error ? <ErrorNote error={error} /> : initial ? <RuleForm initial={initial} replaces={replaces ? source.data : undefined} /> : <Spinner />}
    </Page>
  );
}

function StoredRule({ id }: { id: number }) {
  const { data: rule, error, reload, mutate } = useResource(`rule ${id}`, () => api.get<Rule>(`/rules/${id}`));
  useNews(["rule", "alarm"], (item) => {
    if (item.e === "rule" ? item.id === id : item.alarm.rule === id) reload();
  });
  const [busy, setBusy] = useState(false);
  if (!rule) return <Page title={t("rules.rule")} back={BACK()}>{error ? <ErrorNote error={error} retry={reload} /> : <Spinner />}</Page>;
  const remove = async () => {
    if (!(await confirmDialog(t("rules.remove.sure", { name: rule.name }), { danger: true, ok: t("ui.yes_remove") }))) return;
    setBusy(true);
    try {
      await api.del(`/rules/${id}`);
      toast(t("rules.removed", { name: rule.name }));
      go("/rules", { replace: true });
    } catch (problem) {
      toastError(problem);
      setBusy(false);
    }
  };
  const may = can("operate", rule.group);
  return (
    <Page
      title={rule.name} back={BACK()}
      subtitle={<span class="row"><Severity severity={rule.severity} /><span>{ruleText(rule)}</span></span>}
      actions={may && (
        <>
          <LinkButton icon="edit" href={link(`/rules/new?replace=${id}`)}>{t("rules.edit")}</LinkButton>
          <Menu items={[
            { label: t("rules.copy"), icon: "copy", onClick: () => go(`/rules/new?copy=${id}`) },
            { label: t("rules.remove"), icon: "trash", danger: true, disabled: busy, onClick: () => void remove() },
          ]} />
        </>
      )}
    >
      <div class="stack">
        {error && <ErrorNote error={error} retry={reload} />}
        <Body rule={rule} changed={(after) => mutate((before) => ({ ...before, ...after, sources: after.sources ?? before.sources }))} />
      </div>
    </Page>
  );
}

function Body({ rule, changed }: { rule: Rule; changed: (rule: Rule) => void }) {
  const scope = readScope(rule.scope);
  const sources = rule.sources ?? [];
  const [address, setAddress] = useState<number | null>(scope.kind === "device" ? scope.address : sources[0]?.address ?? null);
  return (
    <>
      <div class="alarm-grid">
        <Card title={t("alarms.facts")}>
          <Facts items={[
            [t("rules.enabled"), <RuleSwitch rule={rule} changed={changed} />],
            [t("ui.group"), rule.group],
            [t("rules.scope"), <ScopeText scope={rule.scope} />],
            [t("rules.on_delay"), rule.on_delay_ms ? formatSpan(rule.on_delay_ms) : t("rules.at_once")],
            [t("rules.off_delay"), rule.off_delay_ms ? formatSpan(rule.off_delay_ms) : t("rules.at_once")],
            [t("rules.local.short"), t(rule.local ? "rules.local.yes" : "rules.local.no")],
            rule.act && [t("rules.act.short"), `${rule.act.actuator} = ${rule.act.value}`],
            [t("rules.created"), <Time ms={rule.created_ms} full />],
          ]} />
        </Card>
        <Card title={t("rules.holders")} flush>
          {sources.length === 0
            ? <p class="muted card-text">{t(rule.enabled ? "rules.holders.none" : "rules.holders.disabled")}</p>
            : <div class="scroll-box" tabIndex={0} role="region" aria-label={t("rules.holders")}><Table caption={t("rules.holders")} rows={sources} keyOf={(source) => source.address} columns={holderColumns(scope.kind === "device" ? undefined : setAddress)} /></div>}
        </Card>
      </div>
      <Card title={t("rules.part.trial")} actions={address !== null && scope.kind !== "device" && <span class="row-tight"><DeviceLink address={address} /><Button small onClick={() => setAddress(null)}>{t("rules.trial.all")}</Button></span>}>
        <Trial rule={rule} id={rule.id} address={address} pick={setAddress} />
      </Card>
    </>
  );
}

const PHASE_TONE = { normal: "ok", raising: "warn", raised: "bad", clearing: "info" } as const;

function phaseTone(phase: string) {
  return phase in PHASE_TONE ? PHASE_TONE[phase as keyof typeof PHASE_TONE] : "neutral" as const;
}

/** What the device made of it: `rejected: UNSUPPORTED` keeps its reason. */
function localText(local: string): string {
  if (local === "") return "–";
  const at = local.indexOf(":");
  const [state, reason] = at < 0 ? [local, ""] : [local.slice(0, at), local.slice(at + 1).trim()];
  const key = `rules.device.${state.replaceAll(" ", "_")}`;
  return [hasText(key) ? td(key) : state, reason].filter(Boolean).join(": ");
}

function holderColumns(pick: ((address: number) => void) | undefined): Column<RuleSource>[] {
  return [
    { id: "device", title: t("alarms.device"), render: (source) => <DeviceLink address={source.address} /> },
    {
      id: "phase", title: t("alarms.state"), tight: true,
      render: (source) => {
        const badge = <Badge tone={phaseTone(source.phase)}>{hasText(`rules.phase.${source.phase}`) ? td(`rules.phase.${source.phase}`) : source.phase}</Badge>;
        return source.alarm === null ? badge : <a href={link(`/alarms/${source.alarm}`)}>{badge}</a>;
      },
    },
    { id: "held", title: t("rules.held_by"), render: (source) => t(source.held_by === "hub" ? "rules.held_by.hub" : "rules.held_by.both") },
    { id: "local", title: t("rules.device"), render: (source) => localText(source.local) },
    ...(pick ? [{ id: "pick", title: t("rules.trial.look"), hideTitle: true, tight: true, render: (source: RuleSource) => <Button small icon="charts" label={t("rules.trial.look")} onClick={() => pick(source.address)} /> }] : []),
  ];
}
