// A deploy leaves old objects beside the new Worker, and new ones beside the old, for minutes. Every operation, over HTTP and in
// frames, is understood both ways, or refused for now; what objects send each other arrives.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleParts } from "../../src/api/endpoint-facts.ts";
import { ENDPOINTS } from "../../src/api/openapi.ts";
import type { Endpoint } from "../../src/api/operation.ts";
import { Queue, SocketTransport } from "../../src/client/index.ts";
import { OPERATIONS } from "../../src/api/operation-table.ts";
import { KEYS } from "../http/token-builder.ts";
import { exampleOf, pathOf, prepare, type Prepared } from "../workers/route-examples.ts";
import { startTwoVersions, type TwoVersions, type Version } from "./two-versions.ts";
import { parkClaim } from "../node/parked-claim.ts";
import { refusalOfSocket } from "../node/refused-socket.ts";

let versions: TwoVersions;
/** What each version's API has, as "METHOD path". */
const known: Record<Version, ReadonlySet<string>> = { earlier: new Set(), later: new Set() };

beforeAll(async () => {
  versions = await startTwoVersions({ EDGEQ_AUTH: "open", EDGEQ_KEYS: KEYS });
  for (const version of ["earlier", "later"] as const) {
    const { body } = await ask(version, "GET", "/v1/openapi.json");
    const paths = body["paths"] as Readonly<Record<string, object>>;
    const places = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    known[version] = new Set(places);
  }
});
afterAll(() => versions.stop());

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(worker: Version, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(versions.url(worker) + path, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    body: (text === "" ? {} : JSON.parse(text)) as Answer["body"],
  };
}

interface Claimed {
  readonly id: string;
  readonly claim: string;
  readonly payload: unknown;
  readonly attempts: number;
}

let queues = 0;

class AskedQueue {
  readonly #worker: Version;
  readonly name: string;

  constructor(worker: Version, name = `queue-${(queues += 1)}`) {
    this.#worker = worker;
    this.name = name;
  }

  send(method: string, rest: string, body?: unknown): Promise<Answer> {
    return ask(this.#worker, method, `/v1/queues/${this.name}${rest}`, body);
  }

  async enqueue(task: Readonly<Record<string, unknown>>): Promise<void> {
    expect((await this.send("POST", "/tasks", task)).status).toBe(201);
  }

  /** Waits for a task. */
  async claimOne(): Promise<Claimed> {
    const { body } = await this.send("POST", "/claim", { waitMs: 20_000 });
    const [task] = body["tasks"] as Claimed[];
    if (task === undefined) throw new Error(`expected a task in ${this.name}, found none`);
    return task;
  }

  socket(): Promise<FrameSocket> {
    const url = versions.url(this.#worker).replace("http", "ws");
    return FrameSocket.open(`${url}/v1/queues/${this.name}/socket`);
  }
}

interface Received {
  readonly id?: number;
  readonly ok?: unknown;
  readonly problem?: { readonly code: string };
  readonly tasks?: readonly Claimed[];
}

class FrameSocket {
  readonly #socket: WebSocket;
  readonly #received: Received[] = [];
  #news: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.#received.push(...[JSON.parse(String(data)) as Received | Received[]].flat());
      this.#news();
    });
  }

  static open(url: string): Promise<FrameSocket> {
    const socket = new WebSocket(url);
    const opened = new FrameSocket(socket);
    return new Promise((resolve, reject) => {
      socket.addEventListener("open", () => resolve(opened));
      socket.addEventListener("error", () => reject(new Error(`${url} does not open`)));
    });
  }

  send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  async until(isIt: (message: Received) => boolean): Promise<Received> {
    for (;;) {
      const found = this.#received.find(isIt);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.#news = resolve));
    }
  }

  close(): void {
    this.#socket.close();
  }
}

const placeOf = ({ method, path }: Endpoint): string => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`;

/** The body of an operation's frame: its example, about what is there. */
function frameBody(endpoint: Endpoint, prepared: Prepared): unknown {
  const { params } = exampleParts(endpoint);
  const body = exampleOf(endpoint).body?.(prepared) ?? {};
  const of: Readonly<Record<string, string>> = {
    id: endpoint.path.endsWith("/release") ? prepared.heldId : prepared.id,
    key: prepared.key,
  };
  return { ...Object.fromEntries(Object.keys(params).map((name) => [name, of[name]])), ...body };
}

async function listed(worker: Version): Promise<unknown> {
  return (await ask(worker, "GET", "/v1/queues?limit=1000")).body["queues"];
}

const NOT_THERE = { body: { code: expect.stringMatching(/^(not-found|method-not-allowed)$/) as string } };
const NOT_YET = { status: 503, retryAfter: expect.stringMatching(/^[0-9]+$/) as string, body: { code: "overloaded" } };
const DONE = { ok: expect.anything() as unknown };
const UNKNOWN = { problem: { code: "invalid-request", field: "message.op" } };

/** What only the Worker knows is refused for now; what the Worker does not know is not there. */
function expectedOf(place: string, status: number, worker: Version, objects: Version): object {
  if (!known[worker].has(place)) return NOT_THERE;
  // No object is asked.
  if (status === 426) return { status };
  return known[objects].has(place) ? { status } : NOT_YET;
}

const DEPLOYS = [
  ["later", "earlier"],
  ["earlier", "later"],
] as const satisfies [Version, Version][];

describe.each(DEPLOYS)("the %s version's Worker with the objects of the %s", (worker, objects) => {
  test.each(ENDPOINTS.map((endpoint) => [placeOf(endpoint), endpoint] as const))("%s", async (place, endpoint) => {
    const queue = new AskedQueue(worker);
    const prepared = await prepare(queue);
    const { status, body } = exampleOf(endpoint);
    const answer = await ask(worker, endpoint.method, pathOf(endpoint, queue, prepared), body?.(prepared));
    expect(answer).toMatchObject(expectedOf(place, status, worker, objects));
  });

  test.each(Object.values(OPERATIONS).map((operation) => [operation.name, operation] as const))(
    "frame %s",
    async (name, operation) => {
      const queue = new AskedQueue(worker);
      const prepared = await prepare(queue);
      const socket = await queue.socket();
      socket.send({ id: 7, op: name, body: frameBody(operation, prepared) });
      const answer = await socket.until(({ id }) => id === 7);
      socket.close();
      // Frames go to the object itself, which says what it knows.
      expect(answer).toMatchObject(known[objects].has(placeOf(operation)) ? DONE : UNKNOWN);
    },
  );

  test("a socket to an object that has none is refused for now", async () => {
    const place = "GET /v1/overview/socket";
    const refusal = await refusalOfSocket(`${versions.url(worker)}/v1/overview/socket`);
    const status = known[worker].has(place) ? 503 : 404;
    expect(refusal?.status ?? 101).toBe(known[worker].has(place) && known[objects].has(place) ? 101 : status);
  });

  test("tasks are pushed to a socket under credit, and acked there", async () => {
    const queue = new AskedQueue(worker);
    const socket = await queue.socket();
    socket.send({ id: 1, op: "credit", body: { n: 2 } });
    await socket.until(({ id }) => id === 1);
    await queue.enqueue({ payload: "pushed" });
    const { tasks } = await socket.until((message) => message.tasks !== undefined);
    expect(tasks).toMatchObject([{ payload: "pushed", attempts: 1 }]);
    socket.send({ id: 2, op: "ack", body: { claims: [tasks?.[0]?.claim] } });
    expect(await socket.until(({ id }) => id === 2)).toMatchObject({ ok: { results: [{ ok: true }] } });
    socket.close();
  });

  test("enqueues of a client that come together are each made once", async () => {
    const queue = new AskedQueue(worker);
    const transport = new SocketTransport({ url: versions.url(worker) });
    const client = new Queue<number>(queue.name, { transport });
    const payloads = Array.from({ length: 20 }, (_, index) => index);
    await Promise.all(payloads.map((payload) => client.enqueue(payload)));
    const claimed = await client.claim({ max: 100 });
    transport.close();
    expect(claimed.map(({ payload }) => payload).toSorted((a, b) => a - b)).toEqual(payloads);
  });

  test("a claim waits for a task, and one whose client has gone takes none with it", async () => {
    const queue = new AskedQueue(worker);
    await queue.send("PUT", "", {});
    const { socket } = await parkClaim(Number(new URL(versions.url(worker)).port), queue.name, 20_000);
    // A reset reaches the server before the task does.
    socket.resetAndDestroy();
    const waiting = queue.claimOne();
    await queue.enqueue({ payload: "waited for" });
    expect(await waiting).toMatchObject({ payload: "waited for", attempts: 1 });
  });

  test("what one version's objects send arrives at the other's once, and comes back", async () => {
    const queue = new AskedQueue(worker);
    const dead = new AskedQueue(objects, `${queue.name}-dead`);
    await queue.send("PUT", "", { deadLetterQueue: dead.name, maxAttempts: 1 });
    await queue.enqueue({ payload: "dies", id: "of-its-own", key: "tenant", headers: { trace: "7" } });
    const { claim } = await queue.claimOne();
    await queue.send("POST", "/nack", { claims: [{ claim, error: "broken" }] });
    const letter = { payload: "dies", id: "of-its-own", origin: { queue: queue.name, error: "broken" } };
    const died = await dead.claimOne();
    expect(died).toMatchObject(letter);
    await dead.send("POST", "/nack", { claims: [{ claim: died.claim, release: true }] });
    expect(await dead.send("POST", "/redrive", {})).toMatchObject({ status: 200, body: { tasks: 1 } });
    expect(await queue.claimOne()).toMatchObject({ payload: "dies", id: "of-its-own", headers: { trace: "7" } });

    const next = new AskedQueue(objects, `${queue.name}-next`);
    const insert = [{ payload: "inserted", queue: next.name, id: "own" }];
    expect(await queue.send("POST", "/modify", { insert })).toMatchObject({ status: 200 });
    expect(await next.claimOne()).toMatchObject({ payload: "inserted", id: "own" });
  });

  test("queues register with the other version's directory", async () => {
    const queue = new AskedQueue(worker);
    await queue.enqueue({ payload: 1 });
    await expect
      .poll(() => listed(objects), { timeout: 10_000 })
      .toContainEqual(expect.objectContaining({ name: queue.name }));
  });
});
