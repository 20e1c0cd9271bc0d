// The settings that are in effect, with what each means and what it would be by itself. They are changed elsewhere.

import { useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { useResource } from "../lib/resource";
import type { Setting } from "../lib/types";
import { Badge, Card, Checkbox, Empty, ErrorNote, SearchInput, Spinner } from "../ui";
import { all } from "./act";

const nameOf = (setting: Setting): string => (setting.section === "" ? setting.key : `${setting.section}.${setting.key}`);
const isChanged = (setting: Setting): boolean => JSON.stringify(setting.value) !== JSON.stringify(setting.default);

/** The name in the environment: HUB_SECTION__KEY, or HUB_KEY above the first section. */
function variable(setting: Setting): string {
  return `HUB_${setting.section === "" ? "" : `${setting.section}__`}${setting.key}`.toUpperCase();
}

export function SettingsList() {
  const { data, error, reload } = useResource<Setting[]>("settings", () => all<Setting>("/settings"));
  const [sought, setSought] = useState("");
  const [onlyChanged, setOnlyChanged] = useState(false);
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = data?.filter((setting) => {
    const text = `${nameOf(setting)} ${variable(setting)} ${setting.about} ${String(setting.value)}`.toLowerCase();
    return (!onlyChanged || isChanged(setting)) && words.every((word) => text.includes(word));
  });
  const sections = [...new Set(shown?.map((setting) => setting.section))];
  const changed = data?.filter(isChanged).length ?? 0;
  return (
    <div class="stack">
      <p class="muted">{t("settings.lead")}</p>
      <HowTo />
      {error && <ErrorNote error={error} retry={reload} />}
      {!data && !error && <Spinner />}
      {data && (
        <div class="row">
          <SearchInput value={sought} onInput={setSought} label={t("settings.search")} />
          <Checkbox checked={onlyChanged} onInput={setOnlyChanged}>{t("settings.only_changed")}</Checkbox>
          <span class="muted small">{t("settings.changed_count", { n: changed })}</span>
        </div>
      )}
      {shown?.length === 0 && <Empty icon="search" title={t("settings.none_found")} hint={t("settings.none_found_hint")} />}
      {sections.map((section) => (
        <Card key={section} title={section === "" ? t("settings.root") : <span class="mono">[{section}]</span>} flush>
          <ul class="settings">
            {shown?.filter((setting) => setting.section === section).map((setting) => <Row key={setting.key} setting={setting} />)}
          </ul>
        </Card>
      ))}
    </div>
  );
}

function Row({ setting }: { setting: Setting }) {
  const changed = isChanged(setting);
  return (
    <li class={`setting ${changed ? "is-changed" : ""}`}>
      <div class="setting-head">
        <h3 class="mono" title={variable(setting)}>{setting.key}</h3>
        <p class="setting-value">
          <span class="sr-only">{t("settings.value")}: </span><Value value={setting.value} />
          {changed && <Badge tone="accent">{t("settings.changed")}</Badge>}
        </p>
      </div>
      <p class="setting-about">{setting.about}</p>
      {changed && <p class="muted small">{t("settings.default")}: <Value value={setting.default} /></p>}
    </li>
  );
}

function Value({ value }: { value: unknown }) {
  // As Settings.toml has it: texts in quotes.
  const text = String(value);
  return text === "" || text === '""' ? <span class="muted">{t("settings.empty")}</span> : <code>{text}</code>;
}

function HowTo() {
  return (
    <details class="how-to">
      <summary>{t("settings.how")}</summary>
      <div class="stack-tight">
        <p>{t("settings.how_file")}</p>
        <pre class="code">{"[devices]\nlisten = \"0.0.0.0:10821\""}</pre>
        <p>{t("settings.how_env")}</p>
        <pre class="code">HUB_DEVICES__LISTEN=0.0.0.0:10821</pre>
        <p class="muted">{t("settings.how_why")}</p>
      </div>
    </details>
  );
}
