// Where one is logged in, and how to end it.

import { useState } from "preact/hooks";
import { api } from "../lib/api";
import { t } from "../lib/i18n";
import { useResource } from "../lib/resource";
import type { SessionInfo } from "../lib/types";
import { Ago, Badge, Button, Card, ErrorNote, Spinner, Table, Time, confirmDialog, toast, toastError, type Column } from "../ui";
import { all } from "./act";

const BROWSERS: readonly [RegExp, string][] = [
  [/Edg\//, "Edge"], [/OPR\//, "Opera"], [/Firefox\//, "Firefox"], [/Chrome\/|Chromium\//, "Chrome"], [/Safari\//, "Safari"], [/curl\//, "curl"],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/Android/, "Android"], [/iPhone|iPad/, "iOS"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"], [/Linux/, "Linux"],
];

/** Such as "Firefox on Linux"; what is not known stays as it was sent. */
export function agentName(agent: string): string {
  const browser = BROWSERS.find(([pattern]) => pattern.test(agent))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1];
  if (browser === undefined) return agent === "" ? t("account.agent_unknown") : agent.slice(0, 60);
  return system === undefined ? browser : t("account.agent_on", { browser, system });
}

export function Sessions() {
  const { data, error, reload } = useResource<SessionInfo[]>("sessions", () => all<SessionInfo>("/me/sessions"));
  const [busy, setBusy] = useState<SessionInfo["id"] | null>(null);
  const end = async (session: SessionInfo): Promise<void> => {
    if (session.current && !(await confirmDialog(t("account.session_end_this"), { ok: t("account.session_end") }))) return;
    setBusy(session.id);
    try {
      await api.del(`/me/sessions/${encodeURIComponent(String(session.id))}`);
      if (session.current) {
        // Everything that was read goes with the page.
        location.hash = "/";
        location.reload();
        return;
      }
      toast(t("account.session_ended"));
      reload();
    } catch (refused) {
      toastError(refused);
    } finally {
      setBusy(null);
    }
  };
  const columns: Column<SessionInfo>[] = [
    {
      id: "browser", title: t("account.session_browser"),
      render: (session) => (
        <span class="row-tight" title={session.agent}>
          <span class="strong">{agentName(session.agent)}</span>
          {session.current && <Badge tone="accent">{t("account.session_this")}</Badge>}
        </span>
      ),
    },
    { id: "from", title: t("account.session_from"), render: (session) => <span class="mono">{session.from}</span> },
    { id: "seen", title: t("account.session_seen"), tight: true, render: (session) => <Ago ms={session.seen_ms} /> },
    { id: "began", title: t("account.session_began"), tight: true, render: (session) => <Time ms={session.created_ms} /> },
    { id: "ends", title: t("account.session_ends"), tight: true, render: (session) => <Time ms={session.expires_ms} /> },
    {
      id: "actions", title: t("admin.actions"), hideTitle: true, tight: true,
      render: (session) => (
        <Button small label={t("account.session_end_of", { from: session.from })} busy={busy === session.id} onClick={() => void end(session)}>
          {t("account.session_end")}
        </Button>
      ),
    },
  ];
  return (
    <Card title={t("account.sessions")} flush>
      {error && <ErrorNote error={error} retry={reload} />}
      {!data && !error && <Spinner />}
      {data && <Table columns={columns} rows={data} keyOf={(session) => session.id} caption={t("account.sessions_caption")} />}
    </Card>
  );
}
