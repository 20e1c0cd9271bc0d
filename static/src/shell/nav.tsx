// Navigation: a side bar on a desktop, a bar at the foot and a drawer on a phone.

import { useEffect, useRef } from "preact/hooks";
import { api } from "../lib/api";
import { language, setLanguage, t, td } from "../lib/i18n";
import { can, useMe } from "../lib/me";
import { go, link } from "../lib/routes";
import { createStore, useStore } from "../lib/store";
import { setTheme, theme, type Theme } from "../lib/theme";
import type { Language } from "../lib/types";
import { ROUTES, type PageRoute } from "../routes";
import { IconButton } from "../ui/button";
import { Choice } from "../ui/field";
import { Icon } from "../ui/icon";
import { Menu } from "../ui/menu";
import { toastError } from "../ui/toast";
import { LiveMark } from "./connection";
import { AlarmCount } from "./count";
import { keysShown } from "./help";

export const drawerShown = createStore(false);

const SECTIONS = ["watch", "act", "admin"] as const;

function isCurrent(entry: PageRoute, current: PageRoute | undefined): boolean {
  return !!current && (entry.path === current.path || (entry.path !== "/" && current.path.startsWith(`${entry.path}/`)));
}

function allowed(entry: PageRoute): boolean {
  return !entry.need || can(entry.need);
}

function Entry({ entry, current }: { entry: PageRoute; current?: PageRoute }) {
  if (!entry.nav) return null;
  return (
    <a class="nav-entry" href={link(entry.path)} aria-current={isCurrent(entry, current) ? "page" : undefined}>
      <Icon name={entry.nav.icon} size={19} />
      <span class="grow">{td(entry.title)}</span>
      {entry.path === "/alarms" && <AlarmCount />}
    </a>
  );
}

function Entries({ current }: { current?: PageRoute }) {
  return (
    <nav class="nav" aria-label={t("nav.label")}>
      {SECTIONS.map((section) => (
        <div key={section} class="nav-section">
          <p class="nav-title" aria-hidden="true">{t(`nav.${section}`)}</p>
          <ul>
            {ROUTES.filter((r) => r.nav?.section === section && allowed(r)).map((r) => (
              <li key={r.path}><Entry entry={r} current={current} /></li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function Brand() {
  const { hub } = useMe();
  return (
    <a class="brand" href={link("/")}>
      <svg class="brand-mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="var(--accent)" />
        <g stroke="var(--on-accent)" stroke-width="2.2" fill="none"><path d="M16 16 8 9M16 16l8-7M16 16v9" /></g>
        <g fill="var(--on-accent)"><circle cx="16" cy="16" r="4" /><circle cx="8" cy="9" r="2.6" /><circle cx="24" cy="9" r="2.6" /><circle cx="16" cy="25" r="2.6" /></g>
      </svg>
      <span class="brand-name truncate">{hub.name || t("app.name")}</span>
    </a>
  );
}

export async function logOut(): Promise<void> {
  try {
    await api.post("/logout", undefined, { idempotent: false });
    // Everything that was read goes with the page.
    location.hash = "/";
    location.reload();
  } catch (error) {
    toastError(error);
  }
}

export function chooseLanguage(to: Language): void {
  void setLanguage(to).then(() => api.patch("/me", { language: to })).catch(toastError);
}

function UserMenu() {
  const me = useMe();
  const shown = useStore(theme);
  const next: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };
  const icon = { auto: "settings", light: "sun", dark: "moon" } as const;
  return (
    <div class="user">
      <a class="user-name" href={link("/account")} title={me.name}>
        <Icon name="account" size={20} />
        <span class="grow truncate"><span class="strong">{me.name}</span><br /><span class="muted small">{t(`role.${me.role}`)}</span></span>
      </a>
      <Menu
        label={t("app.more")} small
        items={[
          { label: t("app.account"), icon: "account", onClick: () => go("/account") },
          { label: `${t("theme.short")}: ${t(`theme.${shown}`)}`, icon: icon[shown], onClick: () => setTheme(next[shown]) },
          language.get() === "es"
            ? { label: "English", icon: "book", onClick: () => chooseLanguage("en") }
            : { label: "Español", icon: "book", onClick: () => chooseLanguage("es") },
          { label: t("app.keys"), icon: "keys", onClick: () => keysShown.set(true) },
          { label: t("app.logout"), icon: "logout", onClick: () => void logOut() },
        ]}
      />
    </div>
  );
}

export function SideBar({ current }: { current?: PageRoute }) {
  return (
    <header class="side">
      <div class="side-head"><Brand /><LiveMark /></div>
      <Entries current={current} />
      <UserMenu />
    </header>
  );
}

/** On a phone. */
export function TopBar() {
  return (
    <header class="top">
      <Brand />
      <LiveMark />
    </header>
  );
}

export function BottomBar({ current }: { current?: PageRoute }) {
  const open = useStore(drawerShown);
  return (
    <nav class="bottom" aria-label={t("nav.label")}>
      {ROUTES.filter((r) => r.nav?.phone).map((r) => (
        <a key={r.path} class="bottom-entry" href={link(r.path)} aria-current={isCurrent(r, current) ? "page" : undefined}>
          <span class="bottom-icon">{r.nav && <Icon name={r.nav.icon} size={21} />}{r.path === "/alarms" && <AlarmCount />}</span>
          <span>{td(r.title)}</span>
        </a>
      ))}
      <button type="button" class="bottom-entry" aria-haspopup="dialog" aria-expanded={open ? "true" : "false"} onClick={() => drawerShown.set(true)}>
        <span class="bottom-icon"><Icon name="menu" size={21} /></span>
        <span>{t("app.more")}</span>
      </button>
    </nav>
  );
}

export function Drawer({ current }: { current?: PageRoute }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const me = useMe();
  const shown = useStore(theme);
  useEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    return () => opened?.close();
  }, []);
  const close = () => drawerShown.set(false);
  return (
    <dialog
      ref={dialog} class="drawer" aria-label={t("app.menu")} onClose={close}
      onClick={(event) => {
        if (event.target === dialog.current || (event.target as HTMLElement).closest("a")) close();
      }}
    >
      <div class="drawer-inner">
        <div class="row">
          <a class="user-name grow" href={link("/account")}>
            <Icon name="account" size={20} />
            <span class="truncate"><span class="strong">{me.name}</span> <span class="muted small">{t(`role.${me.role}`)}</span></span>
          </a>
          <IconButton icon="close" label={t("ui.close")} onClick={close} />
        </div>
        <Entries current={current} />
        <Choice
          label={t("theme.label")} value={shown} onInput={setTheme}
          options={(["auto", "light", "dark"] as const).map((value) => ({ value, label: t(`theme.${value}`) }))}
        />
        <div class="row">
          <Choice
            label={t("language.label")} value={language.get()} onInput={chooseLanguage}
            options={[{ value: "en", label: "English" }, { value: "es", label: "Español" }]}
          />
          <button type="button" class="button end" onClick={() => void logOut()}><Icon name="logout" size={16} />{t("app.logout")}</button>
        </div>
      </div>
    </dialog>
  );
}
