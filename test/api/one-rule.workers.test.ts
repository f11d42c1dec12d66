// One rule for a field, whatever the way in: what HTTP refuses, sockets and bindings refuse in the same words.

import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { QueueService } from "../../src/index.ts";
import type { OperationName } from "../../src/core/operation.ts";
import { OPERATIONS } from "../../src/api/operation-table.ts";
import { api, type QueueApi } from "../workers/api.ts";
import { SocketClient } from "../workers/socket-client.ts";

interface Refused {
  readonly code?: unknown;
  readonly field?: unknown;
  readonly allowed?: unknown;
}

type Body = Readonly<Record<string, unknown>>;

async function byFrame(queue: QueueApi, op: OperationName, body: Body): Promise<Refused> {
  const client = await SocketClient.open(queue.name);
  const { problem } = await client.ask(op, body);
  return problem ?? {};
}

async function byBinding(queue: QueueApi, op: OperationName, body: Body): Promise<Refused> {
  const props = { queues: ["*"], can: ["enqueue", "claim", "browse", "manage"] };
  const entrypoint = exports.QueueService as unknown as (options: { props: unknown }) => Service<typeof QueueService>;
  const outcome = await entrypoint({ props }).call(queue.name, op, body);
  return outcome.kind === "problem" ? outcome.problem : {};
}

async function byHttp(queue: QueueApi, op: OperationName, body: Body): Promise<Refused> {
  const { method, path, params } = OPERATIONS[op];
  const named = Object.entries(body).filter(([name]) => name in params);
  const rest = Object.fromEntries(Object.entries(body).filter(([name]) => !(name in params)));
  const filled = named.reduce(
    (text, [name, value]) => text.replace(`:${name}`, encodeURIComponent(String(value))),
    path.replace("/v1/queues/:queue", ""),
  );
  const query = new URLSearchParams(Object.entries(rest).map(([name, value]) => [name, String(value)]));
  if (method !== "GET" && method !== "DELETE") return (await queue.send(method, filled, rest)).body;
  return (await queue.send(method, query.size === 0 ? filled : `${filled}?${query.toString()}`)).body;
}

const NAME = "a name matching ^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$";
const ID = "text of 1 to 128 characters, no control characters or lone surrogates";

describe.each<[OperationName, Body, string, string]>([
  ["getTask", { id: "x".repeat(129) }, "id", ID],
  ["changeTask", { id: "a\u0001", version: 1, priority: 1 }, "id", ID],
  ["cancelTask", { id: "a\u007f" }, "id", ID],
  ["cancelTask", { id: "a", version: 0 }, "version", "an integer from 1 to 9,007,199,254,740,991"],
  ["cancelTask", { id: "a", force: "yes" }, "force", "true or false"],
  ["getDocument", { key: ":a" }, "key", NAME],
  ["putDocument", { key: "a b", value: 1 }, "key", NAME],
  ["deleteDocument", { key: "-" }, "key", NAME],
  ["browse", { lane: "-" }, "lane", "a name matching ^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"],
  ["redrive", { ids: [".."] }, "ids[0]", `any id but "." and ".."`],
  ["enqueue", { payload: 1, id: "." }, "id", `any id but "." and ".."`],
])("%s %j", (op, body, field, allowed) => {
  test("is refused over HTTP, in a frame and over a binding, in the same words", async () => {
    const queue = api();
    const refused = { code: "invalid-request", field, allowed };
    expect(await byHttp(queue, op, body)).toMatchObject(refused);
    expect(await byFrame(queue, op, body)).toMatchObject(refused);
    expect(await byBinding(queue, op, body)).toMatchObject(refused);
  });
});

describe.each([".", ".."])("the id %j, which no path can name,", (id) => {
  test.each<[OperationName, Body]>([
    ["getTask", { id }],
    ["changeTask", { id, version: 1, priority: 1 }],
    ["cancelTask", { id }],
    ["releaseTask", { id }],
  ])("is refused by %s in a frame and over a binding", async (op, body) => {
    const refused = { code: "invalid-request", field: "id", allowed: `any id but "." and ".."` };
    expect(await byFrame(api(), op, body)).toMatchObject(refused);
    expect(await byBinding(api(), op, body)).toMatchObject(refused);
  });
});

test("a key may hold what an id may part its names with", async () => {
  const queue = api();
  expect(await byHttp(queue, "putDocument", { key: "orders/7", value: 1 })).toMatchObject({ key: "orders/7" });
  await queue.enqueue({ payload: 1, id: "orders/7" });
  expect((await queue.task("orders/7")).id).toBe("orders/7");
  expect(await byHttp(queue, "listDocuments", { prefix: "orders/" })).toMatchObject({
    documents: [{ key: "orders/7" }],
  });
});
