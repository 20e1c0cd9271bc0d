/** Enables and disables a rule where it stands. */
import { useState } from "preact/hooks";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { can } from "../lib/me";
import type { Rule } from "../lib/types";
import { Badge, Switch, toastError } from "../ui";

export function RuleSwitch({ rule, changed }: { rule: Rule; changed: (rule: Rule) => void }) {
  const [wanted, setWanted] = useState<boolean | null>(null);
  if (!can("operate", rule.group)) return <Badge tone={rule.enabled ? "ok" : "neutral"}>{t(rule.enabled ? "rules.on" : "rules.off")}</Badge>;
  const turn = (enabled: boolean) => {
    setWanted(enabled);
    api.patch<Rule>(`/rules/${rule.id}`, { enabled })
      .then((after) => changed({ ...rule, ...after }), toastError)
      .finally(() => setWanted(null));
  };
  return <Switch label={t("rules.switch", { name: rule.name })} checked={rule.enabled} pending={wanted} busy={wanted !== null} onInput={turn} />;
}
