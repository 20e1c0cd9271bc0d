// One's own account: language, colours, password, sessions, API tokens.

import { Password } from "../admin/password";
import { Sessions } from "../admin/sessions";
import { Tokens } from "../admin/tokens";
import { api } from "../lib/api";
import { language, setLanguage, t } from "../lib/i18n";
import { me as known, useMe } from "../lib/me";
import { useStore } from "../lib/store";
import { setTheme, theme, type Theme } from "../lib/theme";
import { zoneName } from "../lib/time";
import type { Language, Me } from "../lib/types";
import { Card, Choice, LinkButton, Note, Page, toastError } from "../ui";

const THEMES: readonly Theme[] = ["auto", "light", "dark"];

export default function Account() {
  const me = useMe();
  const groups = me.role === "administrator" ? t("admin.all_groups") : me.groups.join(", ") || "–";
  return (
    <Page
      title={t("account.title")}
      subtitle={<>{t("account.you", { name: me.name, role: t(`role.${me.role}`) })}<br />{t("account.groups", { groups })}</>}
    >
      <div class="account">
        <Look via={me.via} />
        {me.via === "token"
          ? <Note>{t("account.by_token")}</Note>
          : <><Password /><Sessions /><Tokens /></>}
        <Card title={t("account.api")}>
          <div class="row">
            <p class="grow">{t("account.api_hint")}</p>
            <LinkButton href="/api/docs" icon="book">/api/docs</LinkButton>
          </div>
        </Card>
      </div>
    </Page>
  );
}

function Look({ via }: { via: Me["via"] }) {
  const spoken = useStore(language);
  const colours = useStore(theme);
  const speak = async (to: Language): Promise<void> => {
    await setLanguage(to);
    if (via !== "session") return;
    try {
      known.set(await api.patch<Me>("/me", { language: to }));
    } catch (refused) {
      toastError(refused);
    }
  };
  return (
    <Card title={t("account.look")}>
      <div class="stack">
        <div class="account-choice">
          <span class="field-label">{t("account.language")}</span>
          <Choice
            label={t("account.language")} value={spoken} onInput={(to) => void speak(to)}
            options={[{ value: "en", label: "English" }, { value: "es", label: "Español" }]}
          />
        </div>
        <div class="account-choice">
          <span class="field-label">{t("account.theme")}</span>
          <Choice label={t("account.theme")} value={colours} onInput={setTheme} options={THEMES.map((one) => ({ value: one, label: t(`theme.${one}`) }))} />
        </div>
        <p class="muted small">{t("account.zone", { zone: zoneName() })}</p>
      </div>
    </Card>
  );
}
