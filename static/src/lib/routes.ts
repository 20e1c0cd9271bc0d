// Where we are: the part of the address behind `#`.

import { createStore, useStore } from "./store";

export interface Route {
  /** Such as `/devices/17`. */
  path: string;
  parts: string[];
  query: URLSearchParams;
}

function parse(): Route {
  const text = location.hash.replace(/^#/, "") || "/";
  const [path = "/", query = ""] = text.split(/\?(.*)/s);
  const parts = path.split("/").filter(Boolean).map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return { path: path.startsWith("/") ? path : `/${path}`, parts, query: new URLSearchParams(query) };
}

export const route = createStore<Route>(parse());

window.addEventListener("hashchange", () => route.set(parse()));

/** For href: `link("/devices/17")`. */
export function link(path: string): string {
  return `#${path}`;
}

export function go(path: string, options: { replace?: boolean } = {}): void {
  if (options.replace) {
    history.replaceState(null, "", `#${path}`);
    route.set(parse());
  } else location.hash = path;
}

export function useRoute(): Route {
  return useStore(route);
}

/** The query behind the path, and how to change it in place. */
export function useQuery(): [URLSearchParams, (change: (query: URLSearchParams) => void, options?: { push?: boolean }) => void] {
  const { query } = useRoute();
  const change = (edit: (query: URLSearchParams) => void, options: { push?: boolean } = {}) => {
    const now = route.get();
    const next = new URLSearchParams(now.query);
    edit(next);
    const text = next.toString();
    go(now.path + (text && `?${text}`), { replace: !options.push });
  };
  return [query, change];
}
