/** Writes a rule, with its levels on the readings of a device and what it would have raised. */
import { useMemo, useState } from "preact/hooks";
import { api, toApiError, type ApiError } from "../lib/api";
import { t } from "../lib/i18n";
import { can } from "../lib/me";
import { go } from "../lib/routes";
import type { NewRule, Rule } from "../lib/types";
import { Button, Card, Checkbox, ErrorNote, Note, toast } from "../ui";
import { canTry, ruleOf, type Draft, type Wrong } from "./draft";
import { Condition, OnDevice, What, Where } from "./rulefields";
import { useCapabilities } from "./sensors";
import { Trial } from "./trial";
import { ruleText } from "./words";

interface FormProps {
  initial: Draft;
  /** The stored rule in whose place this one comes. */
  replaces?: Rule | undefined;
}

export function RuleForm({ initial, replaces }: FormProps) {
  const [draft, setDraft] = useState(initial);
  const [example, setExample] = useState<number | null>(null);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const { rule, wrong } = ruleOf(draft);
  const address = draft.scope === "device" ? draft.address : example;
  const { sensors, actuators } = useCapabilities(address);
  const shown: Wrong = tried ? { ...wrong, ...serverWrong(error) } : {};
  const tryable = canTry(wrong);
  const key = JSON.stringify(rule);
  const trialRule = useMemo(() => (tryable ? rule : draftable(draft, rule)), [key, tryable]);
  const change = useMemo(() => (raise: number, clear: number) => set({ raise: String(raise), clear: String(clear) }), []);

  const save = async () => {
    setTried(true);
    setError(null);
    if (Object.keys(wrong).length > 0) return focusWrong();
    setBusy(true);
    try {
      const made = replaces ? await replace(replaces, rule) : await api.post<Rule>("/rules", rule);
      toast(t("rules.saved", { name: made.name }));
      go(`/rules/${made.id}`, { replace: true });
    } catch (problem) {
      setError(toApiError(problem));
      setBusy(false);
    }
  };
  return (
    <form class="editor" noValidate onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <div class="stack">
        {!mayWrite(draft.group) && <Note tone="warn">{t("editor.may_not")}</Note>}
        {replaces && <Note tone="warn">{t("rules.replace.hint")}</Note>}
        <Card title={t("rules.part.what")}><What draft={draft} set={set} wrong={shown} /></Card>
        <Card title={t("rules.part.where")}><Where draft={draft} set={set} wrong={shown} example={example} setExample={setExample} /></Card>
        <Card title={t("rules.part.condition")}><Condition draft={draft} set={set} wrong={shown} sensors={sensors} /></Card>
        <Card title={t("rules.part.device")}><OnDevice draft={draft} set={set} wrong={shown} actuators={actuators.map((one) => one.name)} /></Card>
      </div>
      <div class="stack editor-side">
        <Card title={t("rules.part.trial")}>
          {tryable && <p class="rule-sentence">{ruleText(rule)}</p>}
          <Trial rule={trialRule} unfinished={!tryable} address={address} pick={setExample} change={draft.kind === "threshold" ? change : undefined} />
        </Card>
        {error && <ErrorNote error={error} title={t("rules.refused")} />}
        <div class="row editor-actions">
          <Checkbox checked={draft.enabled} onInput={(enabled) => set({ enabled })}>{t("rules.enabled_at_once")}</Checkbox>
          <Button class="end" onClick={() => history.back()}>{t("ui.cancel")}</Button>
          <Button type="submit" kind="primary" busy={busy} icon="check" disabled={!mayWrite(draft.group)} title={mayWrite(draft.group) ? undefined : t("editor.may_not")}>{t(replaces ? "rules.replace" : "rules.save")}</Button>
        </div>
      </div>
    </form>
  );
}

/** The chart is of use before the rule is whole: with a sensor there are readings to be seen. */
function draftable(draft: Draft, rule: NewRule): NewRule | null {
  return draft.sensor === "" || draft.group === "" ? null : rule;
}

/** The hub keeps no changed rules: the old one goes, the new one comes; if it is refused, the old one comes back. */
async function replace(old: Rule, next: NewRule): Promise<Rule> {
  await api.del(`/rules/${old.id}`);
  try {
    return await api.post<Rule>("/rules", next);
  } catch (problem) {
    const { id: _id, created_ms: _made, sources: _sources, ...before } = old;
    await api.post("/rules", before);
    throw problem;
  }
}

function serverWrong(error: ApiError | null): Wrong {
  const wrong: Wrong = {};
  const fields: [keyof Draft, string][] = [
    ["name", "name"], ["group", "group"], ["unit", "unit"], ["on_delay_ms", "on_delay_ms"], ["off_delay_ms", "off_delay_ms"],
  ];
  for (const [field, name] of fields) {
    const detail = error?.of(name);
    if (detail) wrong[field] = detail;
  }
  const act = error?.of("act");
  if (act) wrong.actuator = act;
  const scope = error?.of("scope");
  if (scope) wrong.address = wrong.label = scope;
  return wrong;
}

function focusWrong(): void {
  setTimeout(() => document.querySelector<HTMLElement>(".editor .has-error input, .editor .has-error select")?.focus(), 50);
}

/** Before a group is chosen: in any. */
function mayWrite(group: string): boolean {
  return can("operate", group || undefined);
}
