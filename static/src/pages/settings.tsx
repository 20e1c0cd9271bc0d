// Settings: what the hub runs with, how long readings are kept, whom alarms are told to.

import { Channels } from "../admin/channels";
import { Retention } from "../admin/retention";
import { SettingsList } from "../admin/settingslist";
import { t } from "../lib/i18n";
import { can } from "../lib/me";
import { useQuery } from "../lib/routes";
import { Page, Tabs, type Tab } from "../ui";

type Part = "values" | "retention" | "channels";

export default function Settings() {
  const [query, change] = useQuery();
  const parts: Part[] = can("administer") ? ["values", "retention", "channels"] : ["retention", "channels"];
  const asked = query.get("tab") as Part | null;
  const shown = asked !== null && parts.includes(asked) ? asked : (parts[0] ?? "retention");
  const tabs: Tab<Part>[] = parts.map((id) => ({ id, label: t(`settings.tab.${id}`) }));
  return (
    <Page title={t("settings.title")}>
      <Tabs tabs={tabs} value={shown} onChange={(id) => change((next) => next.set("tab", id))} label={t("settings.title")}>
        {shown === "values" && <SettingsList />}
        {shown === "retention" && <Retention />}
        {shown === "channels" && <Channels />}
      </Tabs>
    </Page>
  );
}
