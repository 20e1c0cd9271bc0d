// The pages: each is loaded, with those that share most with it, when it is first opened.

import type { ComponentType } from "preact";
import type { Key } from "./lib/i18n";
import type { Need } from "./lib/types";
import type { IconName } from "./ui/icon";

type Load = () => Promise<ComponentType>;

export interface PageRoute {
  /** `:` stands for any part. */
  path: string;
  load: Load;
  need?: Need;
  title: Key;
  /** In the navigation. */
  nav?: { icon: IconName; section: "watch" | "act" | "admin"; keys?: string; phone?: boolean };
}

const watch = () => import("./bundles/watch");
const charts = () => import("./bundles/charts");
const plans = () => import("./bundles/plans");
const admin = () => import("./bundles/admin");

export const ROUTES: readonly PageRoute[] = [
  { path: "/", load: () => watch().then((m) => m.overview), title: "nav.overview", nav: { icon: "overview", section: "watch", keys: "g o", phone: true } },
  { path: "/devices", load: () => watch().then((m) => m.devices), title: "nav.devices", nav: { icon: "devices", section: "watch", keys: "g d", phone: true } },
  { path: "/devices/:", load: () => charts().then((m) => m.device), title: "nav.devices" },
  { path: "/alarms", load: () => plans().then((m) => m.alarms), title: "nav.alarms", nav: { icon: "alarms", section: "watch", keys: "g a", phone: true } },
  { path: "/alarms/:", load: () => charts().then((m) => m.alarm), title: "nav.alarms" },
  { path: "/charts", load: () => charts().then((m) => m.charts), title: "nav.charts", nav: { icon: "charts", section: "watch", keys: "g c", phone: true } },
  { path: "/rules", load: () => plans().then((m) => m.rules), title: "nav.rules", nav: { icon: "rules", section: "act", keys: "g r" } },
  { path: "/rules/:", load: () => charts().then((m) => m.rule), title: "nav.rules" },
  { path: "/schedules", load: () => plans().then((m) => m.schedules), title: "nav.schedules", nav: { icon: "schedules", section: "act", keys: "g s" } },
  { path: "/schedules/:", load: () => plans().then((m) => m.schedule), title: "nav.schedules" },
  { path: "/console", load: () => import("./pages/console").then((m) => m.default), title: "nav.console", nav: { icon: "console", section: "act", keys: "g m" } },
  { path: "/groups", load: () => admin().then((m) => m.groups), title: "nav.groups", nav: { icon: "groups", section: "admin", keys: "g g" } },
  { path: "/users", load: () => admin().then((m) => m.users), need: "manage", title: "nav.users", nav: { icon: "users", section: "admin", keys: "g u" } },
  { path: "/discovered", load: () => admin().then((m) => m.discovered), need: "administer", title: "nav.discovered", nav: { icon: "discovered", section: "admin", keys: "g n" } },
  { path: "/audit", load: () => admin().then((m) => m.audit), need: "manage", title: "nav.audit", nav: { icon: "audit", section: "admin", keys: "g l" } },
  { path: "/settings", load: () => admin().then((m) => m.settings), need: "manage", title: "nav.settings", nav: { icon: "settings", section: "admin", keys: "g e" } },
  { path: "/health", load: () => admin().then((m) => m.health), title: "nav.health", nav: { icon: "health", section: "admin", keys: "g h" } },
  { path: "/account", load: () => admin().then((m) => m.account), title: "app.account" },
];

export function findPage(parts: readonly string[]): PageRoute | undefined {
  return ROUTES.find(({ path }) => {
    const wanted = path.split("/").filter(Boolean);
    return wanted.length === parts.length && wanted.every((part, i) => part === ":" || part === parts[i]);
  });
}
