// The login: a page of its own, or over the page when a session ended.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api, toApiError } from "../lib/api";
import { language, setLanguage, t } from "../lib/i18n";
import { loggedIn } from "../lib/me";
import { formatSpan } from "../lib/time";
import type { Language, Me } from "../lib/types";
import { Button, IconButton } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Field, TextInput } from "../ui/field";
import { Note } from "../ui/note";

/** Pages without the shell: a card in the middle. */
export function Outside({ title, children }: { title: string; children?: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title]);
  const other: Language = language.get() === "es" ? "en" : "es";
  return (
    <main class="outside">
      <div class="outside-card">
        <p class="outside-brand">
          <svg viewBox="0 0 32 32" width="40" height="40" aria-hidden="true">
            <rect width="32" height="32" rx="8" fill="var(--accent)" />
            <g stroke="var(--on-accent)" stroke-width="2.2" fill="none"><path d="M16 16 8 9M16 16l8-7M16 16v9" /></g>
            <g fill="var(--on-accent)"><circle cx="16" cy="16" r="4" /><circle cx="8" cy="9" r="2.6" /><circle cx="24" cy="9" r="2.6" /><circle cx="16" cy="25" r="2.6" /></g>
          </svg>
          {t("app.name")}
        </p>
        <h1>{title}</h1>
        {children}
      </div>
      <Button kind="quiet" small onClick={() => void setLanguage(other)}><span lang={other}>{other === "es" ? "Español" : "English"}</span></Button>
    </main>
  );
}

/** A password field that can be looked at. */
export function PasswordInput({ value, onInput, autocomplete, autofocus, name }: {
  value: string; onInput: (value: string) => void; autocomplete: string; autofocus?: boolean; name: string;
}) {
  const [shown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  return (
    <div
      class="password"
      onKeyUp={(event) => setCaps(event.getModifierState?.("CapsLock") ?? false)}
    >
      <TextInput type={shown ? "text" : "password"} value={value} onInput={onInput} autocomplete={autocomplete} autofocus={autofocus} name={name} />
      <IconButton small icon={shown ? "eyeoff" : "eye"} label={shown ? t("login.hide") : t("login.show")} onClick={() => setShown(!shown)} />
      {caps && <p class="field-hint password-caps">{t("login.caps")}</p>}
    </div>
  );
}

function useLogin(start: string) {
  const [name, setName] = useState(start);
  const [password, setPassword] = useState("");
  const [error, setError] = useState("");
  const [missing, setMissing] = useState<"name" | "password" | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setError("");
    if (!name.trim()) return setMissing("name");
    if (!password) return setMissing("password");
    setMissing(null);
    setBusy(true);
    try {
      loggedIn(await api.anonymous<Me>("POST", "/login", { name: name.trim(), password }));
    } catch (refused) {
      const problem = toApiError(refused);
      setError(problem.status === 429 && problem.retryAfter ? t("login.wait", { span: formatSpan(problem.retryAfter * 1000) }) : problem.detail);
      setPassword("");
    } finally {
      setBusy(false);
    }
  };
  const fields = (
    <>
      {error && <div role="alert"><Note tone="bad">{error}</Note></div>}
      <Field label={t("login.name")} error={missing === "name" ? t("login.need_name") : null}>
        <TextInput name="username" value={name} onInput={setName} autocomplete="username" autofocus={!start} />
      </Field>
      <Field label={t("login.password")} error={missing === "password" ? t("login.need_password") : null}>
        <PasswordInput name="password" value={password} onInput={setPassword} autocomplete="current-password" autofocus={!!start} />
      </Field>
    </>
  );
  return { fields, submit, busy };
}

export function Login() {
  const { fields, submit, busy } = useLogin("");
  return (
    <Outside title={t("login.title")}>
      <form
        class="stack" noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {fields}
        <Button type="submit" kind="primary" busy={busy}>{t("login.submit")}</Button>
      </form>
      <p class="muted small">{t("login.help")}</p>
    </Outside>
  );
}

export function LoginOver({ name }: { name: string }) {
  const { fields, submit, busy } = useLogin(name);
  return (
    <Dialog
      title={t("login.title")} onClose={() => undefined} locked onSubmit={() => void submit()}
      actions={<Button type="submit" kind="primary" busy={busy}>{t("login.submit")}</Button>}
    >
      <p>{t("login.again")}</p>
      {fields}
    </Dialog>
  );
}
