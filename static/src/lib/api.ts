// The hub's HTTP API. A session that has ended is renewed by a login over the page; what was asked goes on then.

import { csrf, askLogin, refreshMe } from "./me";
import { t } from "./i18n";
import type { FieldProblem, Page, Problem } from "./types";

const BASE = "/api/v1";
/** A page of a list that is read whole. */
const PAGE_ITEMS = 1000;
const PATIENCE_MS = 30_000;

export type Query = Record<string, string | number | boolean | null | undefined | readonly (string | number)[]>;

export class ApiError extends Error {
  constructor(
    /** 0: the hub could not be reached. */
    readonly status: number,
    readonly code: string,
    /** A sentence for people. */
    readonly detail: string,
    readonly errors?: FieldProblem[],
    /** Seconds. */
    readonly retryAfter?: number,
  ) {
    super(detail);
    this.name = "ApiError";
  }

  /** What is said of one member of the body, such as `name`. */
  of(field: string): string | undefined {
    return this.errors?.find((e) => e.pointer === `/${field}` || e.pointer.startsWith(`/${field}/`))?.detail;
  }
}

export function toApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, "internal", error instanceof Error ? error.message : String(error));
}

export function queryText(query?: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === null || value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one));
  }
  const text = params.toString();
  return text && `?${text}`;
}

/** The address of something that the browser fetches by itself, such as a CSV file. */
export function apiUrl(path: string, query?: Query): string {
  return BASE + path + queryText(query);
}

/** Not crypto.randomUUID: pages that came over plain HTTP do not have it. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

async function problemOf(response: Response): Promise<ApiError> {
  let problem: Partial<Problem> = {};
  try {
    problem = (await response.json()) as Partial<Problem>;
  } catch {
    // A proxy in between, say: its page tells people nothing.
  }
  const after = Number(response.headers.get("Retry-After"));
  return new ApiError(
    response.status,
    problem.code ?? "internal",
    problem.detail || problem.title || t("error.status", { status: response.status }),
    problem.errors,
    Number.isFinite(after) && after > 0 ? after : undefined,
  );
}

interface Options {
  query?: Query;
  body?: unknown;
  key?: string;
  /** Asked by the login itself: its 401 is an answer. */
  anonymous?: boolean;
}

async function once(method: string, path: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrf();
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.key) headers["Idempotency-Key"] = options.key;
  try {
    return await fetch(apiUrl(path, options.query), {
      method,
      headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new ApiError(0, "unreachable", t("error.unreachable"));
  }
}

/** Reading may be asked again; so often, and so long in between at most. */
const MOST_REPEATS = 3;
const MOST_PAUSE_S = 10;

/** A hub that is busy says when to come back: what only reads does so by itself. */
async function patiently(method: string, path: string, options: Options): Promise<Response> {
  for (let repeat = 0; ; repeat++) {
    const response = await once(method, path, options);
    const busy = response.status === 429 || response.status === 503;
    const pause = Number(response.headers.get("Retry-After") ?? NaN);
    if (!busy || method !== "GET" || repeat >= MOST_REPEATS || !(pause <= MOST_PAUSE_S)) return response;
    await new Promise((go) => setTimeout(go, (pause + Math.random()) * 1_000));
  }
}

async function request<T>(method: string, path: string, options: Options = {}): Promise<T> {
  let response = await patiently(method, path, options);
  if (response.status === 401 && !options.anonymous) {
    await askLogin();
    response = await patiently(method, path, options);
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    // The session was renewed in another tab.
    if (problem.code !== "csrf" || options.anonymous) throw problem;
    await refreshMe();
    response = await once(method, path, options);
    if (!response.ok) throw await problemOf(response);
  }
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw new ApiError(response.status, "internal", t("error.answer"));
  }
}

export const api = {
  get: <T>(path: string, query?: Query) => request<T>("GET", path, { query }),
  /** Idempotent unless told otherwise: a key goes along, so that a repeat is no second act. */
  post: <T = void>(path: string, body?: unknown, options: { idempotent?: boolean } = {}) =>
    request<T>("POST", path, { body: body ?? {}, key: options.idempotent === false ? undefined : newKey() }),
  put: <T = void>(path: string, body: unknown, query?: Query) => request<T>("PUT", path, { body, query }),
  patch: <T = void>(path: string, body: unknown) => request<T>("PATCH", path, { body }),
  del: <T = void>(path: string, query?: Query) => request<T>("DELETE", path, { query }),

  /** Without a session: login and the one-time links. */
  anonymous: <T>(method: "GET" | "POST", path: string, body?: unknown) =>
    request<T>(method, path, { body, anonymous: true }),

  /** Page by page, until the list ends. */
  async *pages<T>(path: string, query?: Query): AsyncGenerator<T[]> {
    let cursor: string | null = null;
    do {
      const page: Page<T> = await request<Page<T>>("GET", path, { query: { limit: PAGE_ITEMS, ...query, cursor } });
      yield page.items;
      cursor = page.next;
    } while (cursor);
  },

  /** Text of another sort, such as CSV. */
  async text(path: string, query?: Query): Promise<string> {
    const response = await once("GET", path, { query });
    if (!response.ok) throw await problemOf(response);
    return response.text();
  },
};
