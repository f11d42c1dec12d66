// The client over sockets to a real server: what travels in which frame, what goes over HTTP instead, and what becomes of
// calls when a socket breaks.

import { afterEach, describe, expect, it, vi } from "vitest";
import {
  QueueNotFoundError,
  SocketTransport,
  UnauthorizedError,
  UnreachableError,
  Queue,
  type SocketTransportOptions,
} from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { TestServer } from "../node/test-server.ts";

const server = serverForTests();
let transports: SocketTransport[] = [];
let names = 0;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  for (const transport of transports) transport.close();
  transports = [];
});

/** A queue over a socket, the paths of what it asks over HTTP, and the frames that it sends. */
function open(options: Partial<SocketTransportOptions> = {}) {
  const paths: string[] = [];
  const transport = new SocketTransport({
    url: server.url,
    fetch: (url, init) => {
      paths.push(new URL(url).pathname.split("/").at(-1) ?? "");
      return fetch(url, init);
    },
    ...options,
  });
  transports.push(transport);
  names += 1;
  const name = `socket-transport-${names}`;
  const send = vi.spyOn(WebSocket.prototype, "send");
  const frames = (): string[] => send.mock.calls.map(([frame]) => (typeof frame === "string" ? frame : ""));
  return { queue: new Queue<unknown>(name, { transport }), transport, name, paths, frames };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("calls over a socket", () => {
  it("carry the character that stands for broken text", async () => {
    const { queue, paths } = open();
    await queue.enqueue("a\uFFFDb");
    expect(await queue.claim()).toMatchObject([{ payload: "a\uFFFDb" }]);
    expect(paths).toEqual([]);
  });

  it("carry as much of it as of any other text", async () => {
    const { queue } = open();
    const broken = "\uFFFD".repeat(170_000);
    await queue.enqueueBatch([{ payload: broken }, { payload: broken }, { payload: broken }], { retry: false });
    expect(await queue.stats()).toMatchObject({ ready: 3 });
  });

  it("do all that calls over HTTP do, without any", async () => {
    const { queue, paths } = open();
    const { id } = await queue.enqueue({ n: 1 }, { lane: "a", headers: { trace: "x" } });
    const [task] = await queue.claim({ lanes: ["a"] });
    expect(task).toMatchObject({ id, payload: { n: 1 }, headers: { trace: "x" }, attempts: 1 });
    await queue.extend(task?.claim ?? "", 60_000);
    await queue.nack(task?.claim ?? "", { release: true });
    await queue.cancel(id);
    expect(await queue.get(id)).toBeNull();
    expect((await queue.configure({ maxAttempts: 3 })).maxAttempts).toBe(3);
    await queue.documents.put("k", { v: 1 });
    expect((await queue.documents.get("k"))?.value).toEqual({ v: 1 });
    await queue.modify({ insert: [{ payload: new Uint8Array([1, 2]) }] });
    expect((await queue.browse()).tasks.map(({ payload }) => payload)).toEqual([new Uint8Array([1, 2])]);
    expect(await queue.delete()).toBe(1);
    await expect(queue.info()).rejects.toThrow(QueueNotFoundError);
    expect(paths).toEqual([]);
  });

  it("that are made together share a frame", async () => {
    const { queue, frames } = open();
    await queue.enqueue("first");
    const before = frames().length;
    const enqueued = await Promise.all(numbers(100).map((number) => queue.enqueue(number)));
    expect(new Set(enqueued.map(({ id }) => id)).size).toBe(100);
    expect(frames().length).toBe(before + 1);
  });

  it("are as many as one likes: those beyond what a socket may have unanswered wait their turn", async () => {
    const { queue, paths } = open();
    await Promise.all(numbers(3_500).map((number) => queue.enqueue(number)));
    expect(await queue.stats()).toMatchObject({ ready: 3_500 });
    expect(paths).toEqual([]);
  });

  it("that are let go before they left never leave, and those after them do", async () => {
    const { queue } = open();
    await queue.enqueue("opens");
    const leaving = new AbortController();
    const all = numbers(1_500).map((number) =>
      queue.enqueue(number, number >= 1_200 ? { signal: leaving.signal } : {}),
    );
    setTimeout(() => leaving.abort(new Error("no more")), 0);
    const settled = await Promise.allSettled(all);
    const kept = settled.filter(({ status }) => status === "fulfilled").length;
    expect(settled.slice(0, 1_200).every(({ status }) => status === "fulfilled")).toBe(true);
    expect((await queue.stats()).ready).toBeGreaterThanOrEqual(kept + 1);
    await queue.enqueue("goes on");
  });
});

describe("what goes over HTTP", () => {
  it("is a claim that waits", async () => {
    const { queue, paths } = open();
    const waiting = queue.claim({ waitMs: 10_000 });
    await vi.waitUntil(() => paths.length > 0);
    await queue.enqueue("now");
    expect((await waiting).map(({ payload }) => payload)).toEqual(["now"]);
    expect(paths).toEqual(["claim"]);
  });

  it("is a body too large for a frame", async () => {
    const { queue, paths } = open();
    const large = "x".repeat(900_000);
    await queue.enqueueBatch([{ payload: large }, { payload: large }, { payload: "small" }]);
    await queue.enqueue("small");
    expect(paths).toEqual(["tasks"]);
    expect(await queue.stats()).toMatchObject({ ready: 4 });
  });

  it("is everything where there is no WebSocket, and then the socket is not tried again for a while", async () => {
    const { queue, paths } = open();
    vi.stubGlobal("WebSocket", undefined);
    await queue.enqueue(1);
    vi.unstubAllGlobals();
    await queue.enqueue(2);
    expect(paths).toEqual(["tasks", "tasks"]);
  });
});

describe("a socket that is not there", () => {
  it("is sent requests of one operation that follow one another as one message", async () => {
    const { queue, frames } = open();
    await queue.enqueue(0);
    await Promise.all([
      ...numbers(3).map((payload) => queue.enqueue(payload)),
      queue.enqueue(1, { id: "own" }),
      queue.enqueue(2, { id: "other" }),
      queue.modify({ insert: [{ payload: 1 }] }),
      queue.enqueue(4),
      queue.stats(),
      queue.info(),
    ]);
    const producer = expect.stringMatching(/^[0-9a-f]{16}$/) as string;
    expect(JSON.parse(frames().at(-1) ?? "")).toEqual([
      {
        id: 2,
        op: "enqueue",
        call: { producer, number: 2, from: 2 },
        bodies: numbers(3).map((payload) => ({ payload })),
      },
      {
        id: 5,
        op: "enqueue",
        bodies: [
          { payload: 1, id: "own" },
          { payload: 2, id: "other" },
        ],
      },
      { id: 7, op: "modify", body: { call: { producer, number: 5 }, insert: [{ payload: 1 }] } },
      { id: 8, op: "enqueue", body: { call: { producer, number: 6 }, payload: 4 } },
      { id: 9, op: "getQueue", bodies: [{}, {}] },
    ]);
  });

  it("is sent each request by itself where the server does not know such messages, and each is made once", async () => {
    const { queue, frames } = open();
    class EarlierSocket extends WebSocket {
      override send(frame: string): void {
        // What it does not know is refused alike.
        super.send(frame.replaceAll(`"bodies":`, `"bodies":0,"unknown":`));
      }
    }
    vi.stubGlobal("WebSocket", EarlierSocket);
    const leaving = new AbortController();
    const opened = queue.enqueue(-1);
    await opened;
    const first = Promise.all(numbers(5).map((payload) => queue.enqueue(payload)));
    const left = queue.enqueue("left", { signal: leaving.signal });
    // It has been sent, and refused with the others.
    await Promise.resolve();
    await Promise.resolve();
    leaving.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    await first;
    await Promise.all(numbers(5).map((payload) => queue.enqueue(payload + 5)));
    const payloads = (await queue.claim({ max: 100 })).map(({ payload }) => Number(payload));
    expect(payloads.toSorted((a, b) => a - b)).toEqual([-1, ...numbers(10)]);
    const sent = frames().map((frame) => [frame.split(`"bodies"`).length - 1, frame.split(`"producer"`).length - 1]);
    expect(sent).toEqual([
      [0, 1],
      [1, 1],
      [0, 5],
      [0, 5],
      [0, 0],
    ]);
  });

  it("is closed after a while without calls, and opened again by the next", async () => {
    const { queue } = open({ idleMs: 50 });
    const close = vi.spyOn(WebSocket.prototype, "close");
    await queue.enqueue(1);
    await vi.waitUntil(() => close.mock.calls.length > 0);
    await queue.enqueue(2);
    expect(await queue.stats()).toMatchObject({ ready: 2 });
  });

  it("is closed after a while, too, when those who waited for it have left before it was open", async () => {
    const seen: string[] = [];
    const leaving = new AbortController();
    class CountedSocket extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given);
        seen.push("made");
        leaving.abort(new Error("left"));
        for (const event of ["open", "close"]) this.addEventListener(event, () => seen.push(event));
      }
    }
    vi.stubGlobal("WebSocket", CountedSocket);
    const { queue } = open({ idleMs: 50 });
    await expect(queue.enqueue(1, { signal: leaving.signal })).rejects.toThrow("left");
    await vi.waitUntil(() => seen.length > 2);
    expect(seen).toEqual(["made", "open", "close"]);
  });

  it("is closed with its transport, also while it opens", async () => {
    const token = Promise.withResolvers<string>();
    const { queue, transport } = open({ token: () => token.promise });
    const close = vi.spyOn(WebSocket.prototype, "close");
    const first = queue.stats({ retry: false }).catch((error: unknown) => error);
    transport.close();
    token.resolve("any");
    await first;
    await vi.waitUntil(() => close.mock.calls.length > 0);
    expect(close).toHaveBeenCalledTimes(1);
  });

  it("leaves no call without an end when it breaks: each is sent again, and written once", async () => {
    const { transport, name } = open();
    // As often as it takes until the server is there again: how long that is, is the machine's business.
    const queue = new Queue<unknown>(name, { transport, retry: { attempts: 100 } });
    await queue.enqueue("before");
    const payloads = numbers(200);
    const enqueued = Promise.all(payloads.map((number) => queue.enqueue(number)));
    await server.crash();
    await enqueued;
    const found = await new Queue(name, { url: server.url }).claim({ max: 1_000 });
    expect(found.map(({ payload }) => payload).toSorted((a, b) => Number(a) - Number(b))).toEqual(
      expect.arrayContaining(payloads),
    );
    expect(found).toHaveLength(201);
  });

  it("holds up nobody who leaves while it opens", async () => {
    const token = Promise.withResolvers<string>();
    const transport = new SocketTransport({ url: server.url, token: () => token.promise });
    transports.push(transport);
    const queue = new Queue("late", { transport });
    const leaving = new AbortController();
    const left = queue.enqueue(1, { signal: leaving.signal });
    const stays = queue.enqueue(2);
    leaving.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    token.resolve("any");
    await stays;
    expect((await queue.claim({ max: 9 })).map(({ payload }) => payload)).toEqual([2]);
  });

  it("is reported as an unreachable server is", async () => {
    const transport = new SocketTransport({ url: "http://127.0.0.1:1" });
    transports.push(transport);
    const queue = new Queue("nowhere", { transport, retry: false });
    await expect(queue.enqueue(1)).rejects.toThrow(UnreachableError);
  });
});

it("a token that is not good is reported by HTTP, which has words for it", async () => {
  const guarded = await TestServer.start({ EDGEQ_KEYS: JSON.stringify({ k1: "x".repeat(64) }) });
  try {
    const transport = new SocketTransport({ url: guarded.url, token: "no.good.token" });
    transports.push(transport);
    await expect(new Queue("guarded", { transport }).enqueue(1)).rejects.toThrow(UnauthorizedError);
  } finally {
    await guarded.stop();
  }
});

it("a frame that is no message ends the socket and its calls, not the process", async () => {
  class NonsenseSocket extends EventTarget {
    constructor() {
      super();
      queueMicrotask(() => this.dispatchEvent(new Event("open")));
    }

    send(): void {
      this.dispatchEvent(new MessageEvent("message", { data: '{"id":' }));
    }

    close(): void {}
  }
  vi.stubGlobal("WebSocket", NonsenseSocket);
  const { queue, paths } = open();
  await expect(queue.stats({ retry: false })).rejects.toMatchObject({
    name: "UnreachableError",
    message: expect.stringContaining("talking nonsense"),
  });
  expect(paths).toEqual([]);
});

it("a socket that opens and passes nothing on is found out by its pings, and calls go over HTTP from then on", async () => {
  let opened = 0;
  const asked = Promise.withResolvers<void>();
  class DeafSocket extends EventTarget {
    constructor() {
      super();
      opened += 1;
      queueMicrotask(() => this.dispatchEvent(new Event("open")));
    }

    send(): void {
      asked.resolve();
    }

    close(): void {}
  }
  vi.stubGlobal("WebSocket", DeafSocket);
  vi.useFakeTimers({ toFake: ["setInterval", "setTimeout", "clearTimeout", "performance"] });
  const { queue, paths } = open();
  const first = queue.enqueue(1, { timeoutMs: 60_000 });
  await asked.promise;
  await vi.advanceTimersByTimeAsync(33_000);
  vi.useRealTimers();
  await first;
  await queue.enqueue(2);
  expect([opened, paths]).toEqual([1, ["tasks", "tasks"]]);
  expect(await queue.stats()).toMatchObject({ ready: 2 });
});

/** A socket that answers when it is told to. */
class SilentSocket extends EventTarget {
  static readonly frames: string[] = [];
  static current: SilentSocket;

  constructor() {
    super();
    SilentSocket.current = this;
    queueMicrotask(() => this.dispatchEvent(new Event("open")));
  }

  send(frame: string): void {
    SilentSocket.frames.push(frame);
  }

  answer(id: number): void {
    this.say(JSON.stringify({ id, ok: { stats: { ready: id } } }));
  }

  say(data: string): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  close(): void {}
}

describe("calls over a socket that does not answer", () => {
  afterEach(() => {
    vi.useRealTimers();
    SilentSocket.frames.length = 0;
  });

  it("find out that nobody is there: the socket is asked, and closed", async () => {
    vi.stubGlobal("WebSocket", SilentSocket);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "performance"] });
    const { queue } = open({ idleMs: 60_000 });
    const first = queue.stats();
    await vi.waitUntil(() => SilentSocket.frames.length > 0);
    const opened = SilentSocket.current;
    opened.answer(1);
    await first;
    const late = queue.stats({ timeoutMs: 5_000, retry: false }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await late).toBeInstanceOf(UnreachableError);
    expect(SilentSocket.frames.at(-1)).toBe("ping");
    // A queue that is slow, or a program that was busy: the answer to the ping is there.
    await vi.advanceTimersByTimeAsync(1_999);
    opened.say("pong");
    await vi.advanceTimersByTimeAsync(1_000);
    void queue.stats({ timeoutMs: 5_000, retry: false }).catch(() => {});
    await vi.advanceTimersByTimeAsync(7_000);
    expect(SilentSocket.current).toBe(opened);
    void queue.stats({ retry: false }).catch(() => {});
    await vi.waitUntil(() => SilentSocket.current !== opened);
  });

  it("share one timer, however many they are, and each ends at its own time", async () => {
    vi.stubGlobal("WebSocket", SilentSocket);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const { queue } = open({ idleMs: 60_000 });
    const first = queue.stats();
    await vi.waitUntil(() => SilentSocket.frames.length > 0);
    SilentSocket.current.answer(1);
    expect(await first).toEqual({ ready: 1 });

    // That of the idle socket among them, in whose place theirs comes.
    const timers = vi.getTimerCount();
    const ends: [atMs: number, cause: unknown][] = [];
    const from = performance.now();
    const calls = [300, 100, 200].flatMap((timeoutMs) =>
      numbers(100).map(async () => {
        const error = await queue.stats({ timeoutMs, retry: false }).catch((thrown: unknown) => thrown);
        ends.push([performance.now() - from, (error as { cause?: unknown }).cause]);
      }),
    );
    expect(vi.getTimerCount()).toBe(timers);
    for (const ended of [0, 100, 200]) {
      await vi.advanceTimersByTimeAsync(99);
      expect(ends).toHaveLength(ended);
      await vi.advanceTimersByTimeAsync(1);
    }
    await Promise.all(calls);
    expect(ends).toEqual(
      [100, 200, 300].flatMap((ms) => numbers(100).map(() => [ms, new Error(`no answer within ${ms} ms`)])),
    );
    // What comes after that is for nobody, and the next call has its own answer.
    SilentSocket.current.answer(2);
    const next = queue.stats();
    await Promise.resolve();
    SilentSocket.current.answer(302);
    expect(await next).toEqual({ ready: 302 });
  });

  it("end with their signal's reason, and what had not left never leaves", async () => {
    vi.stubGlobal("WebSocket", SilentSocket);
    const { queue } = open();
    const before = SilentSocket.frames.length;
    const first = queue.stats({ retry: false });
    await vi.waitUntil(() => SilentSocket.frames.length > before);
    SilentSocket.current.answer(1);
    await first;
    const leaving = new AbortController();
    const left = queue.stats({ signal: leaving.signal });
    leaving.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    await expect(queue.stats({ signal: leaving.signal })).rejects.toThrow("left");
    expect(SilentSocket.frames).toHaveLength(before + 1);
  });
});
