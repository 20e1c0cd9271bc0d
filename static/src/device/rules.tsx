// The alarm rules that watch a device, and who holds them.

import { api } from "../lib/api";
import { formatValue } from "../lib/format";
import { t, td } from "../lib/i18n";
import { useNews } from "../lib/live";
import { link } from "../lib/routes";
import { useResource } from "../lib/resource";
import { formatSpan } from "../lib/time";
import type { Check, DeviceRule } from "../lib/types";
import { Badge, Empty, ErrorNote, LinkButton, Severity, Spinner, Table, type Column, type Tone } from "../ui";

export function checkText(check: Check): string {
  switch (check.kind) {
    case "threshold": {
      const clear = check.op === "=" || check.clear === check.raise ? "" : ` ${t("device_rules.clear", { value: formatValue(check.clear) })}`;
      return `${check.sensor} ${check.op} ${formatValue(check.raise)}${clear}`;
    }
    case "rate":
      return t("device_rules.rate", { sensor: check.sensor, direction: td(`device_rules.${check.direction}`), value: formatValue(check.raise), span: formatSpan(check.window_ms) });
    case "no_data":
      return t("device_rules.no_data", { sensor: check.sensor, span: formatSpan(check.after_ms) });
    case "offline":
      return t("device_rules.offline", { span: formatSpan(check.after_ms) });
  }
}

const PHASE: Record<string, Tone> = { normal: "ok", raising: "warn", raised: "bad", clearing: "warn" };

export function LocalRules({ address, may }: { address: number; may: boolean }) {
  const rules = useResource(`rules of ${address}`, () => api.get<{ items: DeviceRule[] }>(`/devices/${address}/rules`));
  useNews(["rule", "alarm"], (item) => {
    if (item.e === "rule" || item.alarm.address === address) rules.reload();
  });
  const columns: Column<DeviceRule>[] = [
    { id: "name", title: t("device_rules.rule"), render: ({ rule }) => <a class="strong" href={link(`/rules/${rule.id}`)}>{rule.name}</a> },
    { id: "check", title: t("device_rules.condition"), render: ({ rule }) => checkText(rule.check) },
    { id: "severity", title: t("device_rules.severity"), render: ({ rule }) => <Severity severity={rule.severity} /> },
    {
      id: "held", title: t("device_rules.held"),
      render: ({ source }) => (
        <span class="stack-tight">
          <span class="nowrap">{source.held_by === "hub" ? t("device_rules.by_hub") : t("device_rules.by_both")}</span>
          {source.local && <span class="muted small">{t("device_rules.local", { state: source.local })}</span>}
        </span>
      ),
    },
    {
      id: "phase", title: t("device_rules.phase"),
      render: ({ rule, source }) => (rule.enabled
        ? (
          <span class="row-tight">
            <Badge tone={PHASE[source.phase] ?? "neutral"}>{td(`device_rules.phase_${source.phase}`)}</Badge>
            {source.alarm !== null && <a class="small" href={link(`/alarms/${source.alarm}`)}>{t("device_rules.alarm")}</a>}
          </span>
        )
        : <Badge>{t("device_rules.off")}</Badge>),
    },
    {
      id: "act", title: t("device_rules.act"),
      render: ({ rule }) => (rule.act ? <span class="mono small">{rule.act.actuator} = {rule.act.value}</span> : <span class="muted">–</span>),
    },
  ];
  if (rules.error && !rules.data) return <ErrorNote error={rules.error} retry={rules.reload} />;
  if (!rules.data) return <Spinner />;
  if (!rules.data.items.length) {
    return (
      <Empty
        icon="rules" title={t("device_rules.none")} hint={t("device_rules.none_hint")}
        action={may && <LinkButton icon="plus" href={link(`/rules/new?device=${address}`)}>{t("device_rules.add")}</LinkButton>}
      />
    );
  }
  return <Table caption={t("device_rules.title")} columns={columns} rows={rules.data.items} keyOf={({ rule }) => rule.id} />;
}
