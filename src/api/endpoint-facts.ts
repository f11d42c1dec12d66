// Facts that follow from a declaration, for the docs.

import type { ProblemCode } from "../protocol/problem.ts";
import type { Endpoint } from "./operation.ts";

/** Whether the fields that are not in its path are parameters of the query. */
export function hasQuery({ method }: Pick<Endpoint, "method">): boolean {
  return method === "GET" || method === "DELETE";
}

/** Every problem that it may answer with: its own, and those that come of tokens, bodies and the server. */
export function problemsOf(endpoint: Endpoint): readonly ProblemCode[] {
  const { action, problems, path } = endpoint;
  const codes: ProblemCode[] = [...problems];
  if (action !== null) codes.push("unauthorized", "forbidden", "auth-not-configured", "issuer-unavailable");
  // A DELETE may bring a body, which is read to be refused.
  if (endpoint.method !== "GET") codes.push("payload-too-large", "unsupported-media-type", "request-timeout");
  if (path.includes(":queue")) codes.push("invalid-request", "overloaded");
  codes.push("internal");
  return [...new Set(codes)];
}

interface Parts {
  readonly params: Readonly<Record<string, unknown>>;
  readonly rest: Readonly<Record<string, unknown>>;
}

/** The body of its example as a request carries it: the fields of the path, and the others. */
export function exampleParts({ params, example }: Endpoint): Parts {
  const entries = Object.entries(example.body ?? {});
  return {
    params: Object.fromEntries(entries.filter(([name]) => Object.hasOwn(params, name))),
    rest: Object.fromEntries(entries.filter(([name]) => !Object.hasOwn(params, name))),
  };
}
