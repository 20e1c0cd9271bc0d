// The frame around all pages behind the login.

import { useEffect, useRef, useState } from "preact/hooks";
import { td, t } from "../lib/i18n";
import { focusSearch, useKeys } from "../lib/keys";
import { useLiveState, useNews, useNewsBatch } from "../lib/live";
import { useMedia } from "../lib/media";
import { can, refreshMe } from "../lib/me";
import { readOverview } from "../lib/overview";
import { go, useRoute } from "../lib/routes";
import { useStore } from "../lib/store";
import type { Alarm } from "../lib/types";
import { findPage, ROUTES } from "../routes";
import { ConnectionBar } from "./connection";
import { KeysHelp, keysShown } from "./help";
import { BottomBar, Drawer, drawerShown, SideBar, TopBar } from "./nav";
import { NotFound, PageHost, Refused } from "./host";

export function Shell() {
  const { parts, path } = useRoute();
  const page = findPage(parts);
  const main = useRef<HTMLElement>(null);
  const { status } = useLiveState();
  const helpShown = useStore(keysShown);
  const menuShown = useStore(drawerShown);
  const narrow = useMedia("(max-width: 899px)");

  useEffect(() => readOverview(), []);
  useEffect(() => {
    drawerShown.set(false);
    main.current?.scrollTo(0, 0);
  }, [path]);
  // Who is allowed to do what is said with the groups.
  useNewsBatch(["group"], () => void refreshMe().catch(() => undefined));
  useKeys({
    "/": { label: t("keys.search"), run: focusSearch },
    "?": { label: t("keys.help"), run: () => keysShown.set(true) },
    ...Object.fromEntries(ROUTES.flatMap((r) =>
      r.nav?.keys && (!r.need || can(r.need)) ? [[r.nav.keys, { label: td(r.title), run: () => go(r.path) }]] : [])),
  });

  return (
    <div class={`shell ${status === "lost" ? "is-stale" : ""}`}>
      <a
        class="skip" href="#content"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t("app.skip")}
      </a>
      {!narrow && <SideBar current={page} />}
      <div class="shell-main">
        {narrow && <TopBar />}
        <ConnectionBar />
        <main id="content" class="content" ref={main} tabIndex={-1}>
          {!page ? <NotFound /> : page.need && !can(page.need) ? <Refused /> : <PageHost key={path} page={page} />}
        </main>
        {narrow && <BottomBar current={page} />}
      </div>
      {menuShown && narrow && <Drawer current={page} />}
      {helpShown && <KeysHelp />}
      <Announcer />
    </div>
  );
}

/** A flood of alarms is told by its number, not alarm by alarm. */
const ANNOUNCE_MS = 3_000;

function useAnnounced(): string {
  const [text, setText] = useState("");
  const waiting = useRef<Alarm[]>([]);
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const say = () => {
    const [first, ...more] = waiting.current;
    timer.current = 0;
    waiting.current = [];
    if (!first) return;
    setText(more.length
      ? t("app.alarms_announced", { n: more.length + 1 })
      : t("app.alarm_announced", { severity: t(`severity.${first.severity}`), name: first.name }));
    timer.current = window.setTimeout(say, ANNOUNCE_MS);
  };
  useNews(["alarm"], (item) => {
    if (item.what !== "raised") return;
    waiting.current.push(item.alarm);
    if (!timer.current) timer.current = window.setTimeout(say, 0);
  });
  return text;
}

/** Read aloud by screen readers: alarms, and the state of the connection. */
function Announcer() {
  const alarm = useAnnounced();
  const { status } = useLiveState();
  return (
    <>
      <div class="sr-only" aria-live="assertive" role="alert">{alarm}</div>
      <div class="sr-only" aria-live="polite" role="status">{status === "connecting" ? "" : t(`live.${status}`)}</div>
    </>
  );
}
