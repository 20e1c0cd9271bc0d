// Users, sessions, tokens, and who changed what.

import type { Language, Role, Scope } from "./common";

export interface Me {
  id: number;
  name: string;
  role: Role;
  groups: string[];
  csrf: string;
  via: "session" | "token";
  scope: Scope | null;
  language: Language | "";
  hub: { name: string; version: string };
  expires_ms: number | null;
}

export interface SetupInfo {
  name: string;
  purpose: "password" | "enter";
  expires_ms: number;
}

export interface User {
  id: number;
  name: string;
  role: Role;
  groups: string[];
  disabled: boolean;
  has_password: boolean;
  created_ms: number;
  last_login_ms: number | null;
}

export interface UserLink {
  link: string;
  expires_ms: number;
}

export interface NewUserAnswer {
  user: User;
  link: string;
  link_expires_ms: number;
}

export interface SessionInfo {
  id: number | string;
  created_ms: number;
  seen_ms: number;
  expires_ms: number;
  from: string;
  agent: string;
  current: boolean;
}

export interface TokenInfo {
  id: number;
  name: string;
  scope: Scope;
  groups: string[] | null;
  created_ms?: number;
  used_ms?: number | null;
  expires_ms: number;
  /** Only in the answer that made it. */
  token?: string;
}

export interface AuditEntry {
  id: number;
  at_ms: number;
  actor: string;
  via: "verb" | "web" | "token" | "hub";
  from: string;
  action: string;
  group: string;
  target: string;
  detail: string;
}
