// What is shown: the one-time links, the login, or the shell with a page in it.

import { useEffect, useState } from "preact/hooks";
import { ApiError } from "./lib/api";
import { language, setLanguage, t } from "./lib/i18n";
import { live } from "./lib/live";
import { loginWanted, me, refreshMe } from "./lib/me";
import { go, useRoute } from "./lib/routes";
import { useStore } from "./lib/store";
import { hasKeptLanguage } from "./lib/words";
import { Enter, Setup } from "./pages/setup";
import { Login, LoginOver } from "./pages/login";
import { Shell } from "./shell/shell";
import { ConfirmHost } from "./ui/dialog";
import { ErrorNote } from "./ui/note";
import { ToastHost } from "./ui/toast";

export function App() {
  const shown = useStore(language);
  return (
    <div key={shown} class="app">
      <Content />
      <LoginOverHost />
      <ConfirmHost />
      <ToastHost />
    </div>
  );
}

function Content() {
  const { parts } = useRoute();
  const [page = "", token = ""] = parts;
  if (page === "setup") return <Setup key={token} token={token} />;
  if (page === "enter") return <Enter key={token} token={token} />;
  return <Inside />;
}

function Inside() {
  const known = useStore(me);
  const { parts } = useRoute();
  const [error, setError] = useState<ApiError>();
  const ask = () => {
    setError(undefined);
    refreshMe().catch(() => setError(new ApiError(0, "unreachable", t("error.unreachable"))));
  };
  useEffect(() => {
    if (me.get() === undefined) ask();
  }, []);
  useEffect(() => {
    if (!known) return;
    live.start();
    if (known.language && !hasKeptLanguage() && known.language !== language.get()) void setLanguage(known.language, false);
  }, [known]);
  useEffect(() => {
    if (known && parts[0] === "login") go("/", { replace: true });
  }, [known, parts[0]]);
  if (error) return <main class="outside"><ErrorNote error={error} retry={ask} /></main>;
  if (known === undefined) return null;
  if (known === null) return <Login />;
  return <Shell />;
}

/** A session that ended in mid-act: the login lies over the page, which keeps what was typed. */
function LoginOverHost() {
  const wanted = useStore(loginWanted);
  const known = useStore(me);
  return wanted && known ? <LoginOver name={known.name} /> : null;
}
