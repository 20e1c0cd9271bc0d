// The pages: each is loaded when it is first opened.

import type { ComponentType } from "preact";
import type { Key } from "./lib/i18n";
import type { Need } from "./lib/types";
import type { IconName } from "./ui/icon";

type Load = () => Promise<{ default: ComponentType }>;

export interface PageRoute {
  /** `:` stands for any part. */
  path: string;
  load: Load;
  need?: Need;
  title: Key;
  /** In the navigation. */
  nav?: { icon: IconName; section: "watch" | "act" | "admin"; keys?: string; phone?: boolean };
}

export const ROUTES: readonly PageRoute[] = [
  { path: "/", load: () => import("./pages/overview"), title: "nav.overview", nav: { icon: "overview", section: "watch", keys: "g o", phone: true } },
  { path: "/devices", load: () => import("./pages/devices"), title: "nav.devices", nav: { icon: "devices", section: "watch", keys: "g d", phone: true } },
  { path: "/devices/:", load: () => import("./pages/device"), title: "nav.devices" },
  { path: "/alarms", load: () => import("./pages/alarms"), title: "nav.alarms", nav: { icon: "alarms", section: "watch", keys: "g a", phone: true } },
  { path: "/alarms/:", load: () => import("./pages/alarm"), title: "nav.alarms" },
  { path: "/charts", load: () => import("./pages/charts"), title: "nav.charts", nav: { icon: "charts", section: "watch", keys: "g c", phone: true } },
  { path: "/rules", load: () => import("./pages/rules"), title: "nav.rules", nav: { icon: "rules", section: "act", keys: "g r" } },
  { path: "/rules/:", load: () => import("./pages/rule"), title: "nav.rules" },
  { path: "/schedules", load: () => import("./pages/schedules"), title: "nav.schedules", nav: { icon: "schedules", section: "act", keys: "g s" } },
  { path: "/schedules/:", load: () => import("./pages/schedule"), title: "nav.schedules" },
  { path: "/console", load: () => import("./pages/console"), title: "nav.console", nav: { icon: "console", section: "act", keys: "g m" } },
  { path: "/groups", load: () => import("./pages/groups"), title: "nav.groups", nav: { icon: "groups", section: "admin", keys: "g g" } },
  { path: "/users", load: () => import("./pages/users"), need: "manage", title: "nav.users", nav: { icon: "users", section: "admin", keys: "g u" } },
  { path: "/discovered", load: () => import("./pages/discovered"), need: "administer", title: "nav.discovered", nav: { icon: "discovered", section: "admin", keys: "g n" } },
  { path: "/audit", load: () => import("./pages/audit"), need: "manage", title: "nav.audit", nav: { icon: "audit", section: "admin", keys: "g l" } },
  { path: "/settings", load: () => import("./pages/settings"), need: "manage", title: "nav.settings", nav: { icon: "settings", section: "admin", keys: "g e" } },
  { path: "/health", load: () => import("./pages/health"), title: "nav.health", nav: { icon: "health", section: "admin", keys: "g h" } },
  { path: "/account", load: () => import("./pages/account"), title: "app.account" },
];

export function findPage(parts: readonly string[]): PageRoute | undefined {
  return ROUTES.find(({ path }) => {
    const wanted = path.split("/").filter(Boolean);
    return wanted.length === parts.length && wanted.every((part, i) => part === ":" || part === parts[i]);
  });
}
