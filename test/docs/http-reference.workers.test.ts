// docs/http.md says what the code does: every route, field, range, setting, problem and limit in it is asked of the code itself.

import { describe, expect, test } from "vitest";
import reference from "../../docs/http.md?raw";
import { PUBLIC_LIMITS } from "../../src/protocol/limits.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { ROUTES } from "../../src/http/route-table.ts";
import { PROBLEMS } from "../../src/protocol/problem.ts";
import { api, send, type Answer } from "../workers/api.ts";
import { exampleOf, pathOf, prepare } from "../workers/route-examples.ts";

/** Limits of tokens, which docs/auth.md and docs/identity.md tell, and of sockets, docs/socket.md. */
const ELSEWHERE = new Set(
  (
    "tokenLength tokenQueues tokenLanes tokenRequests signingKeys " +
    "tokenIdLength tokenMs revokedTokens issuers issuerKeys issuerKeysBytes grantRules grantConditions " +
    "sockets socketsOfToken frameBytes frameMessages socketRequests socketRequestBytes requestIdLength pushTasks frameTaskBytes syncBytes " +
    "producersInMemory pushWindowBytes answerWindowBytes unreadBytes"
  ).split(" "),
);

type Row = readonly string[];

const CALL = { producer: "0123456789abcdef", number: 1 };

/** Values that hardly any field allows. */
const WRONG: readonly unknown[] = [7.5, {}, "\u0001", [], null, -1];
const WRONG_IN_QUERY: readonly string[] = ["~", "", "%01", "-1"];

function sectionOf(heading: string): string {
  const start = reference.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`docs/http.md has no "${heading}"`);
  const rest = reference.slice(start + heading.length + 2);
  const end = rest.search(/^##/m);
  return end < 0 ? rest : rest.slice(0, end);
}

/** The rows of the table that has this first column, without its code marks. */
function rowsOf(section: string, firstColumn: string): Row[] {
  const lines = section.split("\n");
  const head = lines.findIndex((line) => cellsOf(line)[0] === firstColumn);
  if (head < 0) return [];
  const rest = lines.slice(head + 2);
  return rest
    .slice(
      0,
      rest.findIndex((line) => !line.startsWith("|")),
    )
    .map(cellsOf);
}

function cellsOf(line: string): string[] {
  return line.startsWith("|")
    ? line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.replaceAll("`", "").trim())
    : [];
}

function inGroups(value: unknown): string {
  return typeof value === "number" ? value.toLocaleString("en") : String(value);
}

/** A body with `value` at a path such as `claims[].delayMs`, beside what it needs. */
function withValue(body: Readonly<Record<string, unknown>>, path: string, value: unknown): unknown {
  const [head = "", ...rest] = path.split(".");
  const name = head.replace("[]", "");
  if (rest.length === 0) return { ...body, [name]: value };
  const inner = head.endsWith("[]") ? (body[name] as Record<string, unknown>[])[0] : body[name];
  const changed = withValue((inner ?? {}) as Record<string, unknown>, rest.join("."), value);
  return { ...body, [name]: head.endsWith("[]") ? [changed] : changed };
}

/** What the code says is allowed in a field, found by giving it what is not. Where nothing is refused, all is allowed. */
async function allowedIn(path: string, attempts: readonly (() => Promise<Answer>)[]): Promise<unknown> {
  for (const attempt of attempts) {
    const { body } = await attempt();
    if (body["field"] === path.replaceAll("[]", "[0]")) return body["allowed"];
  }
  return "any JSON value";
}

/** The names that a problem about an unknown field lists. */
function knownIn({ body: { allowed } }: Answer): string[] {
  if (typeof allowed !== "string") return [];
  return allowed.replace("only the fields ", "").replace("no fields", "").split(", ").filter(Boolean);
}

test("every route has its section, and every section its route", () => {
  const headings = Array.from(reference.matchAll(/^### (.+)$/gm), ([, heading]) => heading);
  const routes = ROUTES.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  expect(headings.toSorted()).toEqual(routes.toSorted());
});

/** The page for people says no more than this one. */
const OF_JSON = ROUTES.filter(({ path }) => path !== "/docs" && path !== "/metrics");

describe.each(OF_JSON)("$method $path", (route) => {
  const section = sectionOf(`### ${route.method} ${route.path.replaceAll(/:(\w+)/g, "{$1}")}`);
  const fields = rowsOf(section, "field");
  const parameters = rowsOf(section, "parameter");
  const example = exampleOf(route);

  test("its action and its status are those of the route", () => {
    expect(section).toMatch(new RegExp(`Action: ${route.action === null ? "none" : `\`${route.action}\``}[.;]`));
    expect(section.replaceAll("\n", " ")).toMatch(new RegExp(`Answers: ${example.status}\\b`));
  });

  const codes = (/^Problems: (.*)\.$/m.exec(section)?.[1] ?? "").replaceAll("`", "").split(", ").filter(Boolean);

  test("its problems are in the table of problems", () => {
    expect(Object.keys(PROBLEMS)).toEqual(expect.arrayContaining(codes));
    expect(codes.length > 0).toBe(route.action !== null);
  });

  test("it says whether the queue must be there", async () => {
    const prepared = await prepare(api());
    const { body } = await send(route.method, pathOf(route, api(), prepared), example.body?.(prepared));
    expect(codes.includes("queue-not-found")).toBe(body["code"] === "queue-not-found");
  });

  test("its fields are those that it takes, with what they allow", async () => {
    const queue = api();
    const prepared = await prepare(queue);
    const path = pathOf(route, queue, prepared);
    const body = example.body?.(prepared) ?? {};
    const ask = (value: unknown): Promise<Answer> => send(route.method, path, value);

    const known = route.method === "GET" ? [] : knownIn(await ask({ ...body, nosuchfield: 1 }));
    const topLevel = fields.map(([name = ""]) => name.split(/[.[]/)[0] ?? "");
    // A batch stands alone in its body, and is told of in the section.
    expect(new Set(topLevel.filter((name) => name !== "tasks"))).toEqual(new Set(known));

    for (const [name = "", , allowed] of fields) {
      const { [name]: _left, ...without } = body;
      const beside = name.startsWith("call.") ? { ...body, call: CALL } : body;
      const attempts = [...WRONG.map((value) => () => ask(withValue(beside, name, value))), () => ask(without)];
      expect({ name, allowed: await allowedIn(name, attempts) }).toEqual({ name, allowed });
    }
  });

  test("its parameters are those that it takes, with what they allow", async () => {
    const queue = api();
    const prepared = await prepare(queue);
    const path = pathOf(route, queue, prepared);
    // Raw tasks have their options in the query; everything else with a body has none.
    const isRaw = route.path.endsWith("/tasks") && route.method === "POST";
    const ask = async (query: string): Promise<Answer> => {
      if (!isRaw) return send(route.method, `${path}?${query}`);
      const init = { method: "POST", body: "a", headers: { "content-type": "text/plain" } };
      const response = await queue.fetch(`/tasks?${query}`, init);
      return { status: response.status, headers: response.headers, body: await response.json() };
    };

    const known = route.action === null ? [] : knownIn(await ask("nosuchfield=1"));
    expect(new Set(parameters.map(([name]) => name))).toEqual(new Set(known));

    for (const [name = "", , allowed] of parameters) {
      const attempts = WRONG_IN_QUERY.map((value) => () => ask(`${name}=${value}`));
      expect({ name, allowed: await allowedIn(name, attempts) }).toEqual({ name, allowed });
    }
  });
});

test("the settings' defaults are those of the code", () => {
  const rows = rowsOf(sectionOf("### PUT /v1/queues/{queue}"), "field").map(([name, value]) => [name, value]);
  const { backoff, keys, limits, budget, ...settings } = DEFAULT_SETTINGS;
  const nested = Object.entries({ backoff, keys, limits, budget }).flatMap(([group, parts]) =>
    Object.entries(parts).map(([name, value]) => [`${group}.${name}`, value as unknown] as const),
  );
  const all = { ...settings, ...Object.fromEntries(nested) };
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(Object.entries(all).map(([name, value]) => [name, inGroups(value)])),
  );
});

test("the problems are those of the code, with status and whether to try again", () => {
  const rows = rowsOf(sectionOf("## Problems"), "code").map(([code, status, retry]) => [code, status, retry]);
  expect(rows).toEqual(
    Object.entries(PROBLEMS).map(([code, { status, retryable }]) => [code, String(status), retryable ? "yes" : "no"]),
  );
});

test("the limits are those of the code", () => {
  const rows = rowsOf(sectionOf("## Limits"), "limit").map(([name, value]) => [name, value]);
  const limits = Object.entries(PUBLIC_LIMITS).filter(([name]) => !ELSEWHERE.has(name));
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(limits.map(([name, value]) => [name, inGroups(value)])));
});
