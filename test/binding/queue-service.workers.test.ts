// Another Worker's view of queues: calls over RPC, bounded by the props of its binding.

import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ForbiddenError, InvalidOptionError, InvalidRequestError, Queue } from "../../src/client/index.ts";
import { ACTIONS, type Action } from "../../src/protocol/action.ts";
import type { QueueService, QueueServiceProps } from "../../src/index.ts";
import type { WireClaimedTask } from "../../src/protocol/wire-task.ts";

const ALL: QueueServiceProps = { queues: ["*"], can: ["enqueue", "claim", "browse", "manage"] };

/** The binding that a Worker would have with these props. */
function bound(props?: unknown): Service<typeof QueueService> {
  const entrypoint = exports.QueueService as unknown as (options: { props: unknown }) => Service<typeof QueueService>;
  return entrypoint({ props });
}

async function claimOne(service: Service<typeof QueueService>, queue: string): Promise<WireClaimedTask> {
  const outcome = await service.claim(queue);
  if (outcome.kind !== "answer") throw new Error(`expected an answer, found ${JSON.stringify(outcome)}`);
  const [task] = outcome.answer.tasks;
  if (task === undefined) throw new Error("expected a task, found none");
  return task;
}

test("a task goes through its life over RPC", async () => {
  const service = bound(ALL);
  const enqueued = await service.enqueue("life", { tasks: [{ payload: { n: 1 }, headers: { trace: "t-1" } }] });
  expect(enqueued).toMatchObject({ kind: "answer", answer: { tasks: [{ duplicate: false, version: 1 }] } });

  const task = await claimOne(service, "life");
  expect(task).toMatchObject({ payload: { n: 1 }, encoding: "json", headers: { trace: "t-1" }, attempts: 1 });

  const extended = await service.extend("life", { claims: [task.claim], claimTimeoutMs: 60_000 });
  expect(extended).toMatchObject({ answer: { results: [{ claim: task.claim, ok: true }] } });
  const acked = await service.ack("life", { claims: [task.claim] });
  expect(acked).toEqual({ kind: "answer", answer: { results: [{ claim: task.claim, ok: true }] } });
  const again = await service.ack("life", { claims: [task.claim] });
  expect(again).toMatchObject({ answer: { results: [{ ok: false, code: "task-not-found" }] } });
});

test("a binding without props may do nothing", async () => {
  for (const props of [undefined, {}]) {
    const outcome = await bound(props).enqueue("orders", { tasks: [{ payload: 1 }] });
    expect(outcome).toMatchObject({ kind: "problem", problem: { code: "forbidden" }, retryAfterMs: null });
  }
});

test("each method needs its action, and no other will do", async () => {
  const calls: readonly [Action, (service: Service<typeof QueueService>) => Promise<{ kind: string }>][] = [
    ["enqueue", (service) => service.enqueue("q", { tasks: [{ payload: 1 }] })],
    ["claim", (service) => service.claim("q")],
    ["claim", (service) => service.ack("q", { claims: ["00000-0-0000000000000000-0"] })],
    ["claim", (service) => service.nack("q", { claims: [{ claim: "00000-0-0000000000000000-0" }] })],
    ["claim", (service) => service.extend("q", { claims: ["00000-0-0000000000000000-0"], claimTimeoutMs: 1 })],
    ["claim", (service) => service.settle("q", { acks: ["00000-0-0000000000000000-0"] })],
    ["claim", (service) => service.modify("q", { depend: [{ document: { key: "k", version: 0 } }] })],
    ["claim", (service) => service.putDocument("q", { key: "k", value: 1 })],
    ["claim", (service) => service.deleteDocument("q", { key: "k" })],
    ["browse", (service) => service.getDocument("q", { key: "k" })],
    ["browse", (service) => service.listDocuments("q")],
    ["browse", (service) => service.getTask("q", { id: "none" })],
    ["browse", (service) => service.browse("q")],
    ["browse", (service) => service.getQueue("q")],
    ["manage", (service) => service.changeTask("q", { id: "none", version: 1, priority: 1 })],
    ["manage", (service) => service.cancelTask("q", { id: "none" })],
    ["manage", (service) => service.releaseTask("q", { id: "none" })],
    ["browse", (service) => service.search("q")],
    ["browse", (service) => service.listKeys("q")],
    ["manage", (service) => service.setKey("q", { key: "k", paused: true })],
    ["manage", (service) => service.configure("q", { paused: false })],
    ["manage", (service) => service.purge("q")],
    ["manage", (service) => service.redrive("q")],
    ["browse", (service) => service.getHistory("q")],
    ["browse", (service) => service.listConsumers("q")],
    ["browse", (service) => service.listOutbox("q")],
    ["manage", (service) => service.retryOutbox("q")],
    ["manage", (service) => service.deleteQueue("q")],
  ];
  for (const [needed, call] of calls) {
    for (const action of ACTIONS) {
      const outcome = await call(bound({ queues: ["q"], can: [action] }));
      const isForbidden = JSON.stringify(outcome).includes('"forbidden"');
      expect({ needed, action, isForbidden }).toEqual({ needed, action, isForbidden: action !== needed });
    }
  }
});

test("props name queues whole or by a pattern", async () => {
  const service = bound({ queues: ["orders-*", "exact"], can: ["enqueue"] });
  const kindFor = async (queue: string): Promise<string> =>
    (await service.enqueue(queue, { tasks: [{ payload: 1 }] })).kind;
  expect(await kindFor("orders-eu")).toBe("answer");
  expect(await kindFor("exact")).toBe("answer");
  expect(await kindFor("orders")).toBe("problem");
  expect(await kindFor("exact2")).toBe("problem");
});

test("props that mean nothing allow nothing, and say what is wrong with them", async () => {
  const outcome = await bound({ queues: ["*"], can: ["enqeue"] }).enqueue("q", { tasks: [{ payload: 1 }] });
  expect(outcome).toMatchObject({ kind: "problem", problem: { code: "forbidden" } });
  expect(JSON.stringify(outcome)).toContain("enqeue");
});

test("a body is held to the same rules as over HTTP", async () => {
  const service = bound(ALL);
  const refused = async (body: unknown): Promise<unknown> => {
    const outcome = await service.call("rules", "enqueue", body as never);
    return outcome.kind === "problem" ? [outcome.problem.code, outcome.problem["field"]] : outcome;
  };
  expect(await refused({ tasks: [{ payload: 1, dleayMs: 5 }] })).toEqual(["invalid-request", "tasks[0].dleayMs"]);
  expect(await refused({ tasks: [{ payload: 1, delayMs: -1 }] })).toEqual(["invalid-request", "tasks[0].delayMs"]);
  expect(await refused({ tasks: [{ payload: { at: Number.NaN } }] })).toEqual([
    "invalid-request",
    "tasks[0].payload.at",
  ]);
  expect(await refused({ tasks: [{ payload: { at: [-0] } }] })).toEqual(["invalid-request", "tasks[0].payload.at[0]"]);
  for (const payload of [
    new Map(),
    new Uint8Array(2),
    1n,
    /a/,
    new Error("a"),
    new Headers(),
    new Date(Number.NaN),
    [undefined],
  ]) {
    const field = Array.isArray(payload) ? "tasks[0].payload[0]" : "tasks[0].payload";
    expect(await refused({ tasks: [{ payload }] })).toEqual(["invalid-request", field]);
  }
  expect(await refused({ tasks: [{ payload: "x".repeat(1_048_577) }] })).toEqual([
    "payload-too-large",
    "tasks[0].payload",
  ]);
  const tooLarge = { tasks: Array.from({ length: 17 }, () => ({ payload: "x".repeat(1_000_000) })) };
  expect(await service.call("rules", "enqueue", tooLarge as never)).toMatchObject({
    kind: "problem",
    problem: { code: "payload-too-large", field: "body", allowed: "at most 16,777,216 bytes" },
    retryAfterMs: null,
  });
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  expect(await refused({ tasks: [{ payload: cycle }] })).toEqual(["invalid-request", "body"]);
  expect(await service.getQueue("rules")).toMatchObject({ problem: { code: "queue-not-found" } });
});

test("a name of no operation and a name of no queue are distinguished from what is forbidden", async () => {
  const service = bound(ALL);
  expect(await service.call("q", "toString" as never, {})).toMatchObject({ problem: { field: "operation" } });
  expect(await service.claim("no/queue")).toMatchObject({ problem: { field: "queue" } });
});

test("a modify needs rights on the queues that it puts tasks into, and on tasks that it has not claimed", async () => {
  const props: QueueServiceProps = { queues: ["from"], can: ["claim", "enqueue"] };
  const forbidden = { problem: { code: "forbidden", action: "enqueue", queue: "into" } };
  const insert = [{ queue: "into", payload: 1 }];
  expect(await bound(props).modify("from", { insert })).toMatchObject(forbidden);
  expect(await bound({ ...props, queues: ["from", "into"] }).modify("from", { insert })).toMatchObject({
    kind: "answer",
    answer: { inserted: [{}] },
  });
  const change = [{ id: "x", version: 1, priority: 1 }];
  expect(await bound(props).modify("from", { change })).toMatchObject({ problem: { action: "manage" } });
});

test("documents are written, listed and guarded by their version", async () => {
  const service = bound(ALL);
  await service.putDocument("docs", { key: "a", value: { n: 1 } });
  expect(await service.listDocuments("docs", { prefix: "a" })).toMatchObject({
    answer: { documents: [{ key: "a", value: { n: 1 } }], cursor: null },
  });
  expect(await service.putDocument("docs", { key: "a", value: 2, version: 7 })).toMatchObject({
    problem: { code: "version-conflict", key: "a" },
  });
  expect(await service.deleteDocument("docs", { key: "a" })).toMatchObject({ answer: { key: "a" } });
  expect(await service.getDocument("docs", { key: "a" })).toMatchObject({ problem: { code: "document-not-found" } });
});

test("a claim that waits is answered by an enqueue", async () => {
  const service = bound(ALL);
  await service.configure("waiting", {});
  const claim = service.claim("waiting", { waitMs: 20_000 });
  await service.enqueue("waiting", { tasks: [{ payload: "now" }] });
  expect(await claim).toMatchObject({ kind: "answer", answer: { tasks: [{ payload: "now" }] } });
});

test("bytes and text travel as over HTTP", async () => {
  const service = bound(ALL);
  await service.enqueue("kinds", {
    tasks: [
      { payload: "aGk=", encoding: "base64", contentType: "image/png" },
      { payload: "hi", encoding: "text" },
    ],
  });
  expect(await service.claim("kinds", { max: 2 })).toMatchObject({
    answer: {
      tasks: [
        { payload: "aGk=", encoding: "base64", contentType: "image/png" },
        { payload: "hi", encoding: "text" },
      ],
    },
  });
});

describe("the client, over a binding", () => {
  test("does what it does over HTTP", async () => {
    const queue = new Queue<{ n: number }>("client", { binding: bound(ALL) });
    const { id } = await queue.enqueue({ n: 1 }, { headers: { trace: "t" } });
    expect(await queue.get(id)).toMatchObject({ payload: { n: 1 }, state: "ready" });
    const [task] = await queue.claim({ waitMs: 20_000 });
    expect(task).toMatchObject({ id, payload: { n: 1 }, headers: { trace: "t" } });
    await queue.ack(task?.claim ?? "");
    expect(await queue.stats()).toMatchObject({ ready: 0, claimed: 0 });
  });

  test("carries bytes", async () => {
    const queue = new Queue<Uint8Array>("client-bytes", { binding: bound(ALL) });
    await queue.enqueue(new Uint8Array([1, 2, 255]));
    const [task] = await queue.claim();
    expect(task?.payload).toEqual(new Uint8Array([1, 2, 255]));
  });

  test("carries what says itself what it is in JSON, as over HTTP", async () => {
    class Money {
      readonly cents = 250;
      toJSON(): string {
        return "2.50";
      }
    }
    const queue = new Queue<unknown>("client-json", { binding: bound(ALL), retry: false });
    const payload = { at: new Date(0), url: new URL("https://x.example/a"), price: new Money() };
    await queue.enqueue(payload);
    await queue.modify({ insert: [{ payload }] });
    const tasks = await queue.claim({ max: 2 });
    const sent: unknown = JSON.parse(JSON.stringify(payload));
    expect(tasks.map((task) => task.payload)).toEqual([sent, sent]);
    await queue.documents.put("k", payload);
    const [document] = (await queue.modify({ insert: [{ document: { key: "l", value: payload } }] })).inserted;
    expect(document).toMatchObject({ document: { key: "l" } });
    expect((await queue.documents.list()).documents.map(({ value }) => value)).toEqual([sent, sent]);
  });

  test("throws the errors of the problems", async () => {
    const queue = new Queue("client-errors", { binding: bound({ queues: ["other"], can: ["enqueue"] }) });
    await expect(queue.enqueue(1)).rejects.toThrow(ForbiddenError);
    const open = new Queue("client-errors", { binding: bound(ALL) });
    await expect(open.enqueue(1, { priority: 1_000 })).rejects.toThrow(InvalidRequestError);
  });

  test("gives up on a signal", async () => {
    const queue = new Queue("client-abort", { binding: bound(ALL) });
    await queue.configure({});
    await expect(queue.claim({ waitMs: 1_000, signal: AbortSignal.timeout(1) })).rejects.toThrow("timeout");
  });

  test("is not made of anything that is no binding, nor of a binding beside a URL", () => {
    expect(() => new Queue("q", { binding: {} as never })).toThrow(InvalidOptionError);
    expect(() => new Queue("q", { binding: bound(ALL), url: "http://q" })).toThrow("url");
  });
});
