// The API as the fuzzer knows it, written from docs/http.md and docs/socket.md: each operation's fields, where they travel over
// HTTP, and which of them may change what a queue holds.

import {
  always,
  boolean,
  headers,
  integer,
  json,
  list,
  number,
  object,
  oneOf,
  orNull,
  required,
  text,
  type Field,
  type Fields,
} from "./field.ts";

/** Claims, ids and documents that exist, so that requests get past the first look. */
export interface Known {
  readonly queue: string;
  readonly ids: readonly string[];
  readonly claims: readonly string[];
  readonly documents: readonly string[];
}

export interface Operation {
  readonly op: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the queue's path; `{id}` and `{key}` are fields of the body of a frame. */
  readonly path: string;
  readonly body: Fields;
  /** Fields that travel in the query over HTTP. */
  readonly isQuery: boolean;
  /** Whether a socket takes it. */
  readonly isFramed: boolean;
}

const DELAY_MS = 31_622_400_000;
const TIMEOUT_MS = 43_200_000;
const name40 = text(1, 40, true);
const queueName = text(1, 80, true);
const version = integer(1, 2 ** 53 - 1, 5);
const label = text(1, 128);
const laneList = list(name40, 1, 32);
/** Longer ones are cut, so there is none that is too long. */
const reason: Field = { ...text(0, 2_000), invalid: (random) => random.pick([0, null, {}, [], true, "\ud800"]) };
const page = { limit: integer(1, 1_000, 50) };

export function operations(known: Known): readonly Operation[] {
  const claim: Field = {
    isRequired: true,
    valid: (random) => random.pick(known.claims),
    invalid: (random) =>
      random.pick([
        "",
        "x",
        "aaaaa-1-0123456789abcdef-1",
        known.claims[0] + "x",
        0,
        null,
        {},
        "\u0000",
        "-".repeat(500),
      ]),
  };
  const id: Field = { ...text(1, 128), valid: (random) => random.pick(known.ids) };
  const key: Field = {
    ...text(1, 128),
    valid: (random) => random.pick(known.documents),
    invalid: (random) => random.pick(["a".repeat(129), "", "-a", "a b", "é", ".", "..", "a\u0000", 0, null, ["a"], {}]),
  };
  const placement = {
    lane: name40,
    priority: integer(-100, 100),
    delayMs: integer(0, DELAY_MS),
    headers,
  };
  const task: Fields = {
    payload: required(json),
    id: text(1, 128),
    ...placement,
    ttlMs: integer(1, DELAY_MS),
    maxAttempts: integer(1, 1_000),
  };
  const reference: Field = object({ id: required(id), version: required(version) });
  const byClaim: Field = object({ claim });
  return [
    frame("enqueue", "POST", "/tasks", task),
    frame("enqueue", "POST", "/tasks", { tasks: required(list(object(task), 1, 1_000)) }),
    frame("claim", "POST", "/claim", {
      max: integer(1, 1_000, 3),
      claimTimeoutMs: integer(0, TIMEOUT_MS),
      claimant: label,
      lanes: laneList,
    }),
    frame("ack", "POST", "/ack", { claims: required(list(claim, 1, 1_000)) }),
    frame("nack", "POST", "/nack", {
      claims: required(list(object({ claim, delayMs: integer(0, DELAY_MS), error: reason }), 1, 1_000)),
    }),
    frame("extend", "POST", "/extend", {
      claims: required(list(claim, 1, 1_000)),
      claimTimeoutMs: required(integer(0, TIMEOUT_MS)),
    }),
    frame("modify", "POST", "/modify", {
      claimant: label,
      insert: list(object({ ...task, queue: queueName, onConflict: oneOf("fail", "skip") }), 0, 100, 3),
      change: list(object({ claim, keepClaim: boolean, priority: integer(-100, 100) }), 0, 100, 2),
      delete: always(list(byClaim, 0, 100, 3)),
      depend: list(reference, 0, 100, 2),
    }),
    {
      ...frame("browse", "GET", "/tasks", {
        state: oneOf("ready", "delayed", "claimed", "dead"),
        lane: name40,
        ...page,
      }),
      isQuery: true,
    },
    frame("getTask", "GET", "/tasks/{id}", { id: required(id) }),
    frame("changeTask", "PATCH", "/tasks/{id}", {
      id: required(id),
      version: required(version),
      ...placement,
      payload: json,
    }),
    { ...frame("cancelTask", "DELETE", "/tasks/{id}", { id: required(id), version, force: boolean }), isQuery: true },
    frame("getDocument", "GET", "/documents/{key}", { key: required(key) }),
    frame("putDocument", "PUT", "/documents/{key}", {
      key: required(key),
      value: required(json),
      version: integer(0, 2 ** 53 - 1, 3),
    }),
    { ...frame("deleteDocument", "DELETE", "/documents/{key}", { key: required(key), version }), isQuery: true },
    { ...frame("listDocuments", "GET", "/documents", { prefix: text(0, 128), ...page }), isQuery: true },
    frame("getQueue", "GET", "", {}),
    frame("configure", "PUT", "", {
      claimTimeoutMs: integer(0, TIMEOUT_MS),
      maxAttempts: orNull(integer(1, 1_000)),
      backoff: object({
        minMs: integer(0, TIMEOUT_MS, 10),
        maxMs: integer(0, TIMEOUT_MS, 1_000),
        factor: number(1, 10),
        jitter: number(0, 1),
      }),
      deadLetterQueue: orNull(queueName),
      retentionMs: orNull(integer(1_000, DELAY_MS)),
      dedupeMs: integer(0, 604_800_000),
      maxBacklog: orNull(integer(1, 100_000_000)),
      maxInFlight: integer(1, 120_000),
      paused: boolean,
    }),
    frame("purge", "POST", "/purge", {}),
    frame("redrive", "POST", "/redrive", { limit: integer(1, 1_000) }),
    frame("redrive", "POST", "/redrive", { ids: always(list(id, 1, 1_000)) }),
    { ...frame("listOutbox", "GET", "/outbox", page), isQuery: true },
    frame("retryOutbox", "POST", "/outbox/retry", { queue: queueName, limit: integer(1, 1_000) }),
    { ...frame("pause", "POST", "/pause", {}), isFramed: false },
    { ...frame("resume", "POST", "/resume", {}), isFramed: false },
    {
      op: "credit",
      method: "POST",
      path: "/credit",
      isQuery: false,
      isFramed: true,
      body: {
        n: required(integer(0, 1_000, 5)),
        release: boolean,
        claimTimeoutMs: integer(0, TIMEOUT_MS),
        claimant: label,
        lanes: laneList,
      },
    },
  ];
}

function frame(op: string, method: Operation["method"], path: string, body: Fields): Operation {
  return { op, method, path, body, isQuery: false, isFramed: true };
}
