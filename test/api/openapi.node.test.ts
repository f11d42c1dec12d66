// The OpenAPI document, as the server gives it: valid, linted, and true: every example is sent, and every answer is held to it.

import { setImmediate } from "node:timers/promises";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { beforeAll, describe, expect, test } from "vitest";
import { exampleParts, hasQuery } from "../../src/api/endpoint-facts.ts";
import { ENDPOINTS } from "../../src/api/openapi.ts";
import { EXAMPLE } from "../../src/api/operations/examples.ts";
import type { Endpoint } from "../../src/api/operation.ts";
import { KEYS } from "../http/token-builder.ts";
import { serverForTests } from "../node/server-for-tests.ts";

interface Media {
  readonly schema: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, Media>>;
}
interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Response>> }>>>
  >;
  readonly components: { readonly responses: Readonly<Record<string, Response>>; readonly schemas: object };
}

const server = serverForTests({ EDGEQ_AUTH: "open", EDGEQ_KEYS: KEYS });
let text: string;
let document: Document;
beforeAll(async () => {
  text = await (await fetch(`${server.url}/v1/openapi.json`)).text();
  document = JSON.parse(text) as Document;
  mustBeSchema({ $defs: document.components.schemas });
});

test.each(["/v1/openapi.json", "/docs"])(
  "%s links to no file of the documentation, which is not served",
  async (path) => {
    const response = await fetch(`${server.url}${path}`);
    expect(await response.text()).not.toMatch(/\w\.md\b/);
  },
);

test("the page for people has every endpoint, and loads nothing", async () => {
  const response = await fetch(`${server.url}/docs`);
  const page = await response.text();
  expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  for (const { name } of ENDPOINTS) expect(page).toContain(`<h2 id="${name}">`);
  expect(page).not.toMatch(/<(?:script|link|img|iframe)|url\(|@import/);
});

/** What all schemas may name, which takes a second to look through, is looked through once. */
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false, validateSchema: false });
const validators = new WeakMap<object, ValidateFunction>();

function mustBeSchema(schema: object): void {
  if (ajv.validateSchema(schema) !== true) throw new Error(ajv.errorsText());
}

/** Every error that a schema finds in a value. */
function errorsOf(schema: object, value: unknown): unknown[] {
  let validate = validators.get(schema);
  if (validate === undefined) {
    mustBeSchema(schema);
    validators.set(schema, (validate = ajv.compile({ ...schema, components: document.components })));
  }
  return validate(value) ? [] : (validate.errors ?? []);
}

function mediaOf(path: string, method: string, status: number, type: string): Media {
  const response = document.paths[path]?.[method.toLowerCase()]?.responses[String(status)];
  const name = response?.$ref?.replace("#/components/responses/", "");
  const found = (name === undefined ? response : document.components.responses[name])?.content?.[type];
  if (found === undefined) throw new Error(`${method} ${path} has no ${status} of ${type} in the document`);
  return found;
}

const inBraces = (path: string): string => path.replaceAll(/:(\w+)/g, "{$1}");

interface Sent {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

/** Sends an example to a queue, with the claims that it has in place of those of the example. */
async function send(endpoint: Endpoint, queue: string, claims: readonly string[]): Promise<Sent> {
  const real = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value)
        .replaceAll(EXAMPLE.claim, claims[0] ?? "")
        .replaceAll(EXAMPLE.otherClaim, claims[1] ?? ""),
    );
  const { params, rest } = exampleParts(endpoint);
  const path = endpoint.path
    .replace(":queue", queue)
    .replaceAll(/:(\w+)/g, (_all, name: string) => encodeURIComponent(String(params[name])));
  const search = hasQuery(endpoint)
    ? `?${new URLSearchParams(Object.entries(rest).map(([name, value]) => [name, String(value)])).toString()}`
    : "";
  const response = await fetch(server.url + path + search, {
    method: endpoint.method,
    ...(hasQuery(endpoint)
      ? {}
      : { body: JSON.stringify(real(rest)), headers: { "content-type": "application/json" } }),
  });
  const type = response.headers.get("content-type") ?? "";
  return { status: response.status, type, body: await response.json() };
}

/** A queue with all that the examples name, and its claims. */
async function prepared(queue: string): Promise<string[]> {
  const post = async (path: string, body: unknown, method = "POST"): Promise<{ tasks: { claim: string }[] }> => {
    const init = { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    return (await (await fetch(`${server.url}/v1/queues/${queue}${path}`, init)).json()) as {
      tasks: { claim: string }[];
    };
  };
  await post("/tasks", { tasks: [{ payload: 1 }, { payload: 2 }, { payload: 3, id: EXAMPLE.heldId }] });
  const { tasks } = await post("/claim", { max: 3 });
  await post("/tasks", { payload: { order: 7 }, id: EXAMPLE.id });
  await post(`/documents/${EXAMPLE.key}`, { value: 1 }, "PUT");
  return tasks.map(({ claim }) => claim);
}

const CALLED = ENDPOINTS.filter(({ name, status }) => status !== 101 && name !== "rewind");

test("it has no fault that Redocly knows", async () => {
  // A socket's opening succeeds with 101, and what is open to all and takes nothing refuses nothing.
  const rules = { "operation-2xx-response": "off", "operation-4xx-response": "off" } as const;
  const config = await createConfig({ extends: ["recommended-strict"], rules });
  const problems = await lintFromString({ source: text, config });
  // It may take longer than the server keeps a connection that rests: whoever fetches next must have heard that it is closed.
  await setImmediate();
  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
});

test("it describes every endpoint", () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.toSorted()).toEqual(ENDPOINTS.map(({ method, path }) => `${method} ${inBraces(path)}`).toSorted());
});

describe.each(CALLED)("$name", (endpoint) => {
  const path = inBraces(endpoint.path);

  test("answers its example as the document says, with each field in it", async () => {
    const queue = `examples-${endpoint.name}`;
    const claims = await prepared(queue);
    const sent = await send(endpoint, queue, claims);
    expect(sent).toMatchObject({ status: endpoint.status, type: "application/json" });
    const { schema, example } = mediaOf(path, endpoint.method, endpoint.status, "application/json");
    expect(errorsOf(schema, sent.body)).toEqual([]);
    expect(errorsOf(schema, example)).toEqual([]);
  });

  test("its example is what the schema of its body allows", () => {
    expect(errorsOf(endpoint.rest.json, exampleParts(endpoint).rest)).toEqual([]);
  });
});

describe.each(CALLED.filter(({ action }) => action !== null))("$name", (endpoint) => {
  test("answers a request that is wrong with a problem that the document has", async () => {
    const url = server.url + endpoint.path.replace(":queue", "none").replaceAll(/:(\w+)/g, "none");
    const init = hasQuery(endpoint)
      ? { method: endpoint.method }
      : { method: endpoint.method, body: `{"no":1}`, headers: { "content-type": "application/json" } };
    const response = await fetch(`${url}?no=1`, init);
    const problem: unknown = await response.json();
    const { schema } = mediaOf(inBraces(endpoint.path), endpoint.method, response.status, "application/problem+json");
    expect(errorsOf(schema, problem)).toEqual([]);
    expect(problem).toMatchObject({ code: "invalid-request", field: "no" });
  });
});

test("the examples of problems are what their schemas allow", () => {
  const found = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      Object.keys(responses)
        .map(Number)
        .filter((status) => status >= 400)
        .map((status) => mediaOf(path, method, status, "application/problem+json")),
    ),
  );
  expect(found.length).toBeGreaterThan(100);
  for (const { schema, example, examples = {} } of found) {
    const values = [...Object.values(examples).map(({ value }) => value), ...(example === undefined ? [] : [example])];
    expect(values.flatMap((value) => errorsOf(schema, value))).toEqual([]);
  }
});
