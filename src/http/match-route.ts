// Which route a request is for, and the parameters of its path. itty-router finds it; what it found is kept for the addresses
// that are asked again and again, as those of a busy queue are: taking a URL apart takes as long as the queue's own work.

import { IttyRouter } from "itty-router";
import { Invalid, parsed, type Parsed } from "../api/invalid.ts";
import { queueName } from "../api/schema/names.ts";
import { isPlainPath, pathOf } from "./path-of.ts";
import type { Route } from "./route.ts";

export type Match =
  | { readonly kind: "route"; readonly route: Route; readonly params: Parsed<Readonly<Record<string, string>>> }
  /** The path has other methods. */
  | { readonly kind: "other-methods"; readonly allow: readonly string[] }
  | { readonly kind: "no-path" };

/** Addresses kept; then all are forgotten and the next ones kept. */
const MOST_KEPT = 1_000;
/** Longer addresses, and those with a query, are not worth keeping. */
const KEPT_LENGTH = 300;

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
}
type Register = (path: string, handle: (asked: Asked) => Match) => unknown;

/** The router reads the path alone: it would gather a query's repeated names in quadratic time, before anybody is known. */
const ORIGIN = "http://edgeq";

/** Finds routes of a table. */
export function matcherOf(routes: readonly Route[]): (method: string, url: string) => Promise<Match> | Match {
  const router = IttyRouter();
  const on = (method: string): Register => router[method];
  for (const route of routes) {
    on(route.method.toLowerCase())(route.path, ({ params }) => ({
      kind: "route",
      route,
      params: parsed(() => decodedParams(params)),
    }));
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const allow = routes.filter((route) => route.path === path).map((route) => route.method);
    on("all")(path, () => ({ kind: "other-methods", allow }));
  }
  on("all")("*", () => ({ kind: "no-path" }));

  const kept = new Map<string, Match>();
  const find = async (method: string, url: string, key: string | null): Promise<Match> => {
    const path = pathOf(url);
    const match: Match = isPlainPath(path)
      ? ((await router.fetch({ method, url: ORIGIN + path })) as Match)
      : { kind: "no-path" };
    if (key === null) return match;
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(key, match);
    return match;
  };
  return (method, url) => {
    const key = url.length > KEPT_LENGTH || url.includes("?") ? null : `${method} ${url}`;
    return (key === null ? undefined : kept.get(key)) ?? find(method, url, key);
  };
}

function decodedParams(params: Readonly<Record<string, string>>): Record<string, string> {
  const decoded = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodedParam(name, value)]));
  if (decoded["queue"] !== undefined) queueName.parse(decoded["queue"], "queue");
  return decoded;
}

function decodedParam(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new Invalid(name, value, "percent-encoded UTF-8");
  }
}
