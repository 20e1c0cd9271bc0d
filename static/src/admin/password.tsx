// Changing one's own password.

import { useState } from "preact/hooks";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { refreshMe, useMe } from "../lib/me";
import { Button, Card, Field, TextInput, toast } from "../ui";
import { useAct } from "./act";
import { Refusal } from "./parts";

/** As the hub counts them: characters, not bytes. */
const LEAST = 12;

export function Password() {
  const me = useMe();
  const act = useAct();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const length = [...fresh].length;
  const wrong = {
    old: old === "" ? t("account.old_needed") : undefined,
    new: length < LEAST ? t("account.new_short", { n: length }) : fresh === old ? t("account.new_same") : undefined,
    again: again !== fresh ? t("account.repeat_differs") : undefined,
  };
  const submit = async (): Promise<void> => {
    setTried(true);
    if (wrong.old || wrong.new || wrong.again) return;
    const done = await act.run(async () => {
      await api.post("/me/password", { old, new: fresh }, { idempotent: false });
      // The session was renewed, and its token with it.
      await refreshMe();
    });
    if (!done) return;
    setOld("");
    setFresh("");
    setAgain("");
    setTried(false);
    toast(t("account.changed"));
  };
  const shown = (field: "old" | "new" | "again"): string | undefined => act.of(field) ?? (tried ? wrong[field] : undefined);
  return (
    <Card title={t("account.password")}>
      <form
        class="stack account-form" noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <input class="sr-only" type="text" name="username" autocomplete="username" value={me.name} readOnly tabIndex={-1} aria-hidden="true" />
        <Field label={t("account.old")} error={shown("old")}><TextInput type="password" autocomplete="current-password" value={old} onInput={setOld} /></Field>
        <Field label={t("account.new")} hint={t("account.new_hint")} error={shown("new")}>
          <TextInput type="password" autocomplete="new-password" value={fresh} onInput={setFresh} />
        </Field>
        <Field label={t("account.repeat")} error={shown("again")}><TextInput type="password" autocomplete="new-password" value={again} onInput={setAgain} /></Field>
        {!act.of("old") && !act.of("new") && <Refusal act={act} />}
        <div class="row">
          <Button type="submit" kind="primary" busy={act.busy}>{t("account.change")}</Button>
          <span class="muted small">{t("account.change_note")}</span>
        </div>
      </form>
    </Card>
  );
}
