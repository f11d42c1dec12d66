// What each operation causes elsewhere, and with whose right; what of a queue a token that names lanes reaches.

import { describe, expect, test } from "vitest";
import type { Grant } from "../../src/api/grant.ts";
import { lackingFor } from "../../src/api/lacking.ts";
import { EXAMPLE } from "../../src/api/operations/examples.ts";
import { OPERATIONS } from "../../src/api/operation-table.ts";
import type { Demand, Operation } from "../../src/api/operation.ts";
import type { OperationName } from "../../src/core/operation.ts";

const QUEUE = "mine";

interface Effect {
  /** A body that reaches as far as one can. */
  readonly body: unknown;
  /** Rights that it demands beside the operation's own action on its own queue. */
  readonly demands?: readonly Demand[];
}

const modifyBody = {
  insert: [{ payload: 1 }, { payload: 2, queue: "theirs" }],
  delete: [{ id: "a", version: 1 }],
};

/** A new operation does not compile until somebody has asked what it causes elsewhere. */
const EFFECTS: Readonly<Record<OperationName, Effect>> = {
  enqueue: { body: { payload: 1 } },
  claim: { body: {} },
  ack: { body: { claims: [EXAMPLE.claim] } },
  // The dead-letter queue it may send to was named by somebody who may enqueue there.
  nack: { body: { claims: [EXAMPLE.claim] } },
  extend: { body: { claims: [EXAMPLE.claim], claimTimeoutMs: 1_000 } },
  settle: { body: { acks: [EXAMPLE.claim] } },
  modify: {
    body: modifyBody,
    demands: [
      { action: "enqueue", queue: QUEUE },
      { action: "enqueue", queue: "theirs" },
      { action: "manage", queue: QUEUE },
    ],
  },
  browse: { body: {} },
  getTask: { body: { id: "a" } },
  changeTask: { body: { id: "a", version: 1, payload: 1 } },
  cancelTask: { body: { id: "a" } },
  releaseTask: { body: { id: "a" } },
  listDocuments: { body: {} },
  getDocument: { body: { key: "a" } },
  putDocument: { body: { key: "a", value: 1 } },
  deleteDocument: { body: { key: "a" } },
  listKeys: { body: {} },
  getKey: { body: { key: "a" } },
  setKey: { body: { key: "a", weight: 2 } },
  resetKey: { body: { key: "a" } },
  unblockKey: { body: { key: "a" } },
  getQueue: { body: {} },
  configure: { body: { deadLetterQueue: "theirs" }, demands: [{ action: "enqueue", queue: "theirs" }] },
  deleteQueue: { body: {} },
  purge: { body: {} },
  // Back to where a dead letter came from, which was allowed when that queue named this one.
  redrive: { body: {} },
  search: { body: {} },
  apply: { body: { query: "x", action: "retry" }, demands: [{ action: "browse", queue: "mine" }] },
  getHistory: { body: {} },
  getCost: { body: {} },
  listConsumers: { body: {} },
  listOutbox: { body: {} },
  // What was allowed when it was sent.
  retryOutbox: { body: {} },
  exportQueue: { body: {} },
  reincarnate: { body: {} },
  // Dead letters, what it still owes, and what a redrive would take back would all go out in its name.
  importQueue: {
    body: {
      head: { export: "c393bde45a206c5c", format: 1, schema: 1, queue: "orders", exportedAt: 1 },
      at: 0,
      records: [
        { table: "queue", row: { id: 1, settings: '{"deadLetterQueue":"dead"}' } },
        { table: "outbox", row: { receiver: "owed", seq: 1 } },
        { table: "outbox", row: { receiver: "@directory", seq: 2 } },
        { table: "tasks", row: { seq: 1, origin: '{"queue":"origin","before":{"queue":"before"}}' } },
      ],
    },
    demands: ["dead", "owed", "origin", "before"].map((queue) => ({ action: "enqueue" as const, queue })),
  },
};

const EVERY = Object.entries(EFFECTS) as [OperationName, Effect][];

function inputOf(name: OperationName, body: unknown): never {
  const { parse }: { readonly parse: (given: unknown) => unknown } = OPERATIONS[name];
  return parse(body) as never;
}

function lacking(name: OperationName, body: unknown, grant: Grant): ReturnType<typeof lackingFor> {
  const operation = OPERATIONS[name] as Operation<OperationName>;
  return lackingFor(grant, operation, inputOf(name, body), QUEUE);
}

test.each(EVERY)(
  "%s demands a right for everything that it causes elsewhere, and for no more",
  (name, { body, demands = [] }) => {
    const { action } = OPERATIONS[name];
    const own: Grant = { queues: [QUEUE], can: [action] };
    const declared = OPERATIONS[name] as { readonly demands?: (input: never, queue: string) => Demand[] };
    expect(declared.demands?.(inputOf(name, body), QUEUE) ?? []).toEqual(demands);
    expect(lacking(name, body, own)).toEqual(demands[0] ?? null);
  },
);

test("setting anything but a dead-letter queue, or none, demands no more", () => {
  const own: Grant = { queues: [QUEUE], can: ["manage"] };
  expect(lacking("configure", { deadLetterQueue: null, paused: true }, own)).toBeNull();
});

describe("a grant that names lanes", () => {
  const limited: Grant = { queues: ["*"], can: ["enqueue", "claim"], lanes: ["a", "b"] };

  test.each([
    ["enqueue", { payload: 1, lane: "a" }],
    [
      "enqueue",
      {
        tasks: [
          { payload: 1, lane: "a" },
          { payload: 2, lane: "b" },
        ],
      },
    ],
    ["claim", { lanes: ["b", "a"] }],
    ["claim", { lanes: { any: ["a"] } }],
    ["ack", { claims: [EXAMPLE.claim] }],
    ["nack", { claims: [EXAMPLE.claim] }],
    ["extend", { claims: [EXAMPLE.claim], claimTimeoutMs: 1 }],
    ["settle", { acks: [EXAMPLE.claim] }],
  ] as const)("allows %s of %j", (name, body) => {
    expect(lacking(name, body, limited)).toBeNull();
  });

  test.each([
    ["enqueue", { payload: 1 }, "main"],
    [
      "enqueue",
      {
        tasks: [
          { payload: 1, lane: "a" },
          { payload: 2, lane: "c" },
        ],
      },
      "c",
    ],
    ["claim", {}, "main"],
    ["claim", { lanes: ["a", "c"] }, "c"],
    ["claim", { lanes: { any: ["c"] } }, "c"],
  ] as const)("refuses %s of %j", (name, body, lane) => {
    expect(lacking(name, body, limited)).toMatchObject({ queue: QUEUE, lane });
  });

  const BY_LANE = new Set(["enqueue", "claim", "ack", "nack", "extend", "settle"]);
  test.each(EVERY.filter(([name]) => !BY_LANE.has(name)))(
    "refuses %s, which is about more than lanes",
    (name, { body }) => {
      expect(lacking(name, body, limited)).toMatchObject({ action: OPERATIONS[name].action, lane: null });
    },
  );
});
