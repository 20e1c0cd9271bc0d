// The keys that hold now.

import { t } from "../lib/i18n";
import { shortcuts } from "../lib/keys";
import { createStore, useStore } from "../lib/store";
import { Dialog } from "../ui/dialog";
import { KeyHint } from "../ui/keyhint";

export const keysShown = createStore(false);

export function KeysHelp() {
  const all = useStore(shortcuts);
  const shown = [...all, { keys: "Esc", label: t("keys.close") }];
  return (
    <Dialog title={t("keys.title")} onClose={() => keysShown.set(false)} wide>
      <dl class="keys-list">
        {shown.map(({ keys, label }) => <div key={keys}><dt><KeyHint keys={keys} /></dt><dd>{label}</dd></div>)}
      </dl>
      <p class="muted">{t("keys.lists")}</p>
    </Dialog>
  );
}
