// The one-time links: to set a password, or to enter at once (the demo's).

import { useEffect, useRef, useState } from "preact/hooks";
import { api, toApiError, type ApiError } from "../lib/api";
import { t } from "../lib/i18n";
import { loggedIn } from "../lib/me";
import { go, link } from "../lib/routes";
import { useResource } from "../lib/resource";
import { formatSpan, hubNow } from "../lib/time";
import type { Me, SetupInfo } from "../lib/types";
import { Button, LinkButton } from "../ui/button";
import { Field } from "../ui/field";
import { Empty, ErrorNote, Note, Spinner } from "../ui/note";
import { Outside, PasswordInput } from "./login";

/** The hub refuses shorter ones. */
export const PASSWORD_CHARACTERS = 12;

function Gone({ title, hint }: { title: string; hint: string }) {
  return <Empty icon="key" title={title} hint={hint} action={<LinkButton kind="primary" href={link("/login")}>{t("setup.to_login")}</LinkButton>} />;
}

/** By its length, and by how many different characters it has. */
export function strength(password: string): "weak" | "fair" | "good" {
  const different = new Set(password).size;
  if (password.length < PASSWORD_CHARACTERS || different < 6) return "weak";
  return password.length >= 16 && different >= 9 ? "good" : "fair";
}

export function StrengthMark({ password }: { password: string }) {
  if (!password) return null;
  const level = strength(password);
  return (
    <span class={`strength is-${level}`}>
      <span class="strength-bar" aria-hidden="true"><span /><span /><span /></span>{t(`setup.strength_${level}`)}
    </span>
  );
}

export function Setup({ token }: { token: string }) {
  const info = useResource(`setup ${token}`, () => api.anonymous<SetupInfo>("GET", `/setup/${encodeURIComponent(token)}`));
  if (info.error?.status === 404) return <Outside title={t("setup.title")}><Gone title={t("setup.gone")} hint={t("setup.gone_hint")} /></Outside>;
  if (info.data?.purpose === "enter") return <Enter token={token} />;
  return (
    <Outside title={t("setup.title")}>
      {info.error && <ErrorNote error={info.error} retry={info.reload} />}
      {!info.data && !info.error && <Spinner />}
      {info.data && <SetupForm token={token} info={info.data} />}
    </Outside>
  );
}

function SetupForm({ token, info }: { token: string; info: SetupInfo }) {
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const short = [...password].length < PASSWORD_CHARACTERS;
  const submit = async () => {
    setTried(true);
    if (short || password !== again) return;
    setBusy(true);
    try {
      const known = await api.anonymous<Me>("POST", "/setup", { token, password });
      go("/", { replace: true });
      loggedIn(known);
    } catch (refused) {
      setError(toApiError(refused));
    } finally {
      setBusy(false);
    }
  };
  const ofPassword = tried && short ? t("setup.short", { n: PASSWORD_CHARACTERS }) : error?.of("password");
  return (
    <form
      class="stack" noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <p class="strong">{t("setup.for", { name: info.name })}</p>
      <p class="muted">{t("setup.hint")}</p>
      {error && !error.of("password") && <div role="alert"><Note tone="bad">{error.detail}</Note></div>}
      {/* For password managers. */}
      <input class="sr-only" type="text" name="username" autocomplete="username" value={info.name} readOnly tabIndex={-1} aria-hidden="true" />
      <Field label={t("setup.password")} error={ofPassword} hint={<>{t("setup.password_hint", { n: PASSWORD_CHARACTERS })} <StrengthMark password={password} /></>}>
        <PasswordInput name="new-password" value={password} onInput={setPassword} autocomplete="new-password" autofocus />
      </Field>
      <Field label={t("setup.again")} error={tried && !short && password !== again ? t("setup.differ") : null}>
        <PasswordInput name="again" value={again} onInput={setAgain} autocomplete="new-password" />
      </Field>
      <Button type="submit" kind="primary" busy={busy}>{t("setup.submit")}</Button>
      <p class="muted small">{t("setup.until", { span: formatSpan(Math.max(0, info.expires_ms - hubNow())) })}</p>
    </form>
  );
}

export function Enter({ token }: { token: string }) {
  const [error, setError] = useState<ApiError>();
  const asked = useRef(false);
  const enter = () => {
    setError(undefined);
    api.anonymous<Me>("POST", "/enter", { token }).then(
      (known) => {
        go("/", { replace: true });
        loggedIn(known);
      },
      (refused: unknown) => setError(toApiError(refused)),
    );
  };
  useEffect(() => {
    // Once: a second time the link would be used up.
    if (!asked.current) enter();
    asked.current = true;
  }, []);
  if (!error) return <Outside title={t("enter.title")}><Spinner /></Outside>;
  const gone = error.status === 404 || error.status === 401 || error.status === 422;
  return (
    <Outside title={gone ? t("enter.failed") : t("error.title")}>
      {gone ? <Gone title={t("enter.failed")} hint={t("enter.failed_hint")} /> : <ErrorNote error={error} retry={enter} />}
    </Outside>
  );
}
