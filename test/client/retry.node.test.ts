import { afterEach, describe, expect, it, vi } from "vitest";
import { Caller } from "../../src/client/caller.ts";
import { InvalidOptionError, Queue, type Transport } from "../../src/client/index.ts";
import type { WireCall } from "../../src/protocol/wire-call.ts";
import { isRepeatable, retryDelayMs, retryPolicy } from "../../src/client/retry-policy.ts";
import { ManualClock, settled } from "../node/manual-clock.ts";
import { answered, refused, ScriptedTransport, unreachable } from "./scripted-transport.ts";

function callerOver(transport: ScriptedTransport, clock = new ManualClock()): Caller {
  return new Caller({ queue: "q", transport, retry: retryPolicy(), timeoutMs: 1_000, clock });
}

function throwing(error: Error): Transport {
  return {
    async call() {
      throw error;
    },
  };
}

const ENQUEUE = { tasks: [{ payload: 1 }] };
const ENQUEUE_WITH_ID = { tasks: [{ payload: 1, id: "a" }] };

describe("a wait between attempts", () => {
  const policy = retryPolicy({ attempts: 10, minMs: 100, maxMs: 1_000 });

  it("is anything up to a bound that doubles, up to its limit", () => {
    expect([1, 2, 3, 4, 5, 9].map((attempt) => retryDelayMs(policy, attempt, 0, 0.999_999))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
    expect(retryDelayMs(policy, 5, 0, 0)).toBe(0);
  });

  it("is never shorter than the server asks", () => {
    expect(retryDelayMs(policy, 1, 3_000, 0)).toBe(3_000);
    expect(retryDelayMs(policy, 1, 3_000, 0.5)).toBe(3_050);
  });
});

describe("a call", () => {
  it("is sent again when no answer came, if sending it twice does no harm", async () => {
    const transport = new ScriptedTransport(unreachable, answered({ tasks: [] }));
    expect(await callerOver(transport).call("enqueue", ENQUEUE_WITH_ID, {})).toEqual({
      answer: { tasks: [] },
      isRepeat: true,
    });
    expect(transport.calls).toHaveLength(2);
  });

  it("is not sent again when no answer came and it may have taken effect", async () => {
    const transport = new ScriptedTransport(unreachable);
    await expect(callerOver(transport).call("enqueue", ENQUEUE, {})).rejects.toMatchObject({
      code: "unreachable",
      attempts: 1,
    });
    expect(transport.calls).toHaveLength(1);
  });

  it("is sent again when the server says that it did nothing, whatever it is", async () => {
    for (const code of ["queue-full", "too-many-claims", "rate-limited", "request-timeout", "overloaded"] as const) {
      const transport = new ScriptedTransport(refused(code), answered({ tasks: [] }));
      expect(await callerOver(transport).call("enqueue", ENQUEUE, {})).toMatchObject({ isRepeat: false });
    }
  });

  it("waits as long as the server asks", async () => {
    const clock = new ManualClock();
    const transport = new ScriptedTransport(refused("overloaded", 2_000), answered({ tasks: [] }));
    const call = callerOver(transport, clock).call("claim", {}, {});
    await clock.advance(1_999);
    expect(transport.calls).toHaveLength(1);
    await clock.advance(1);
    await call;
    expect(transport.calls).toHaveLength(2);
  });

  it("is sent again after an error of the server's own only if sending it twice does no harm", async () => {
    await expect(callerOver(new ScriptedTransport(refused("internal"))).call("modify", {}, {})).rejects.toMatchObject({
      name: "InternalError",
    });
    for (const code of ["internal", "storage-full"] as const) {
      const transport = new ScriptedTransport(refused(code), answered({ results: [] }));
      expect(await callerOver(transport).call("ack", { claims: [] }, {})).toMatchObject({ isRepeat: true });
    }
  });

  it("that would undo what others did in between is sent once when no answer came", async () => {
    const calls: Record<string, (queue: Queue) => Promise<unknown>> = {
      purge: (queue) => queue.purge(),
      deleteQueue: (queue) => queue.delete(),
      configure: (queue) => queue.configure({ maxAttempts: 3 }),
      pause: (queue) => queue.pause(),
      resume: (queue) => queue.resume(),
      putDocument: (queue) => queue.documents.put("a", 1),
      deleteDocument: (queue) => queue.documents.delete("a"),
      change: (queue) => queue.change("a", 1, {}),
      cancel: (queue) => queue.cancel("a"),
      redrive: (queue) => queue.redrive(),
    };
    for (const call of Object.values(calls)) {
      for (const lost of [unreachable, refused("internal")]) {
        const transport = new ScriptedTransport(lost, answered({}));
        await expect(call(new Queue("q", { transport }))).rejects.toMatchObject({ retryable: true });
        expect(transport.calls).toHaveLength(1);
      }
    }
  });

  it("waits for what is between here and the server, too, but for no more than ten minutes", async () => {
    const clock = new ManualClock();
    const held = { kind: "unreachable", cause: new Error("429"), retryAfterMs: 5_000 } as const;
    const transport = new ScriptedTransport(held, answered({ tasks: [] }));
    const call = callerOver(transport, clock).call("claim", {}, {});
    await clock.advance(4_999);
    expect(transport.calls).toHaveLength(1);
    await clock.advance(1);
    await call;

    const tomorrow = new ScriptedTransport(refused("rate-limited", 86_400_000));
    await expect(callerOver(tomorrow).call("claim", {}, {})).rejects.toMatchObject({
      name: "RateLimitedError",
      retryAfterMs: 86_400_000,
    });
    expect(tomorrow.calls).toHaveLength(1);
  });

  it("is not sent again when it is the caller who must change something", async () => {
    for (const code of [
      "invalid-request",
      "unauthorized",
      "version-conflict",
      "auth-not-configured",
      "not-supported",
    ] as const) {
      const transport = new ScriptedTransport(refused(code));
      await expect(callerOver(transport).call("claim", {}, {})).rejects.toMatchObject({ code });
      expect(transport.calls).toHaveLength(1);
    }
  });

  it("ends after its attempts with what happened last", async () => {
    const clock = new ManualClock();
    const transport = new ScriptedTransport(unreachable, unreachable, unreachable, unreachable, unreachable);
    const [outcome] = await Promise.allSettled([
      callerOver(transport, clock).call("claim", {}, {}),
      clock.advance(60_000),
    ]);
    expect(outcome).toMatchObject({
      status: "rejected",
      reason: { name: "UnreachableError", attempts: 4, retryable: true },
    });
  });

  it("ends at once when its signal is aborted: under way, between attempts, or before", async () => {
    const reason = new Error("enough");
    const underWay = new AbortController();
    const hanging = callerOver(new ScriptedTransport("never")).call("claim", {}, { signal: underWay.signal });
    underWay.abort(reason);
    await expect(hanging).rejects.toBe(reason);

    const between = new AbortController();
    const clock = new ManualClock();
    clock.chance = 0.5;
    const waiting = callerOver(new ScriptedTransport(unreachable), clock).call("claim", {}, { signal: between.signal });
    await settled();
    expect(clock.sleeping).toBe(1);
    between.abort(reason);
    await expect(waiting).rejects.toBe(reason);

    const transport = new ScriptedTransport();
    await expect(callerOver(transport).call("claim", {}, { signal: underWay.signal })).rejects.toBe(reason);
    expect(transport.calls).toHaveLength(0);
  });

  it("whose transport throws is unanswered, unless it throws an error of the client's own", async () => {
    const queue = new Queue("q", { transport: throwing(new Error("the cable is out")), retry: false });
    await expect(queue.stats()).rejects.toMatchObject({ code: "unreachable", cause: { message: "the cable is out" } });
    const own = new InvalidOptionError("id", "", "a name");
    await expect(new Queue("q", { transport: throwing(own) }).stats()).rejects.toBe(own);
  });

  it("that hangs is cut off and counts as unanswered", async () => {
    const transport = new ScriptedTransport("never");
    await expect(callerOver(transport).call("enqueue", ENQUEUE, { timeoutMs: 5 })).rejects.toMatchObject({
      code: "unreachable",
      cause: { message: "no answer within 5 ms" },
    });
  });
});

interface Sent {
  readonly body: { readonly payload: unknown; readonly id?: string; readonly call?: WireCall };
}

async function sentBody(
  options: { retry?: false; idempotent?: boolean },
  id?: string,
): Promise<Sent["body"] | undefined> {
  const transport = new ScriptedTransport(answered({ tasks: [{}] }));
  await new Queue("q", { transport, ...options }).enqueue(1, id === undefined ? {} : { id });
  return (transport.calls as unknown as Sent[])[0]?.body;
}

describe("an enqueue", () => {
  it("is repeatable when it has a number, or each of its tasks an id", () => {
    expect(isRepeatable("enqueue", { ...ENQUEUE, call: { producer: "0123456789abcdef", number: 1 } })).toBe(true);
    expect(isRepeatable("enqueue", ENQUEUE)).toBe(false);
    expect(isRepeatable("enqueue", ENQUEUE_WITH_ID)).toBe(true);
    expect(isRepeatable("enqueue", { payload: 1 })).toBe(false);
    expect(isRepeatable("enqueue", { payload: 1, id: "mine" })).toBe(true);
    expect(isRepeatable("cancelTask", { id: "mine" })).toBe(false);
    expect(isRepeatable("enqueue", { tasks: [...ENQUEUE.tasks, ...ENQUEUE_WITH_ID.tasks] })).toBe(false);
  });

  it("is numbered where it may be sent again and has no ids of its own; ids are not made up", async () => {
    const producer: unknown = expect.stringMatching(/^[0-9a-f]{16}$/);
    expect(await sentBody({})).toEqual({ payload: 1, call: { producer, number: 1 } });
    expect(await sentBody({ retry: false })).toEqual({ payload: 1 });
    expect(await sentBody({ idempotent: false })).toEqual({ payload: 1 });
    expect(await sentBody({}, "mine")).toEqual({ payload: 1, id: "mine" });
  });
});

/** A claimed task over a transport that goes on with these outcomes. */
async function claimed(claimTimeoutMs: number, ...outcomes: ConstructorParameters<typeof ScriptedTransport>) {
  const task = { id: "1", claim: "c", payload: 1, encoding: "json", claimedUntil: Date.now() + 60_000 };
  const transport = new ScriptedTransport(answered({ tasks: [task] }), ...outcomes);
  const queue = new Queue("q", { transport, retry: { minMs: 1, maxMs: 1 } });
  const [first] = await queue.claim({ claimTimeoutMs });
  if (first === undefined) throw new Error("a task expected");
  return { queue, task: first };
}

const gone = answered({ results: [{ claim: "c", ok: false, code: "task-not-found" }] });
const lost = answered({ results: [{ claim: "c", ok: false, code: "claim-lost" }] });

describe("sent again after no answer, while the claim would still be held", () => {
  it("an ack that finds its task gone was done by the first sending", async () => {
    const { queue, task } = await claimed(60_000, unreachable, gone);
    await expect(queue.ack(task)).resolves.toBeUndefined();
  });

  it("an ack that finds its claim ended was not", async () => {
    const { queue, task } = await claimed(60_000, unreachable, lost);
    await expect(queue.ack(task)).rejects.toMatchObject({ code: "claim-lost" });
  });

  it("a nack that finds its claim ended, or its task dead and gone, was done by the first", async () => {
    for (const ended of [lost, gone]) {
      const { queue, task } = await claimed(60_000, unreachable, ended);
      await expect(queue.nack(task, { error: "x" })).resolves.toBeUndefined();
    }
  });

  it("an extend that ended the claim at once was done by the first, and one that was to keep it was not", async () => {
    const ending = await claimed(60_000, unreachable, lost);
    const claimedUntil = await ending.queue.extend(ending.task, 0);
    expect(claimedUntil).toBeLessThanOrEqual(Date.now());
    const keeping = await claimed(60_000, unreachable, lost);
    await expect(keeping.queue.extend(keeping.task, 60_000)).rejects.toMatchObject({ code: "claim-lost" });
  });
});

describe("a claim that is gone is reported as it is", () => {
  it("when the call was sent once", async () => {
    const { queue, task } = await claimed(60_000, gone, lost, lost);
    await expect(queue.ack(task)).rejects.toMatchObject({ name: "ClaimLostError", code: "task-not-found" });
    await expect(queue.nack(task)).rejects.toMatchObject({ code: "claim-lost" });
    await expect(queue.extend(task, 0)).rejects.toMatchObject({ code: "claim-lost" });
  });

  it("for a bare token, and past the deadline", async () => {
    const bare = new Queue("q", { transport: new ScriptedTransport(unreachable, gone) });
    await expect(bare.ack("c")).rejects.toMatchObject({ name: "ClaimLostError", code: "task-not-found" });
    const { queue, task } = await claimed(0, unreachable, gone);
    await expect(queue.ack(task)).rejects.toMatchObject({ code: "task-not-found" });
  });
});

it("a claim is held from when it came, however long its payload is looked at by a schema", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const slow = {
    version: 1,
    vendor: "test",
    validate(value: unknown) {
      vi.advanceTimersByTime(2_000);
      return { value };
    },
  } as const;
  const task = { id: "1", claim: "c", payload: 1, encoding: "json", claimedUntil: Date.now() + 1_000 };
  const transport = new ScriptedTransport(answered({ tasks: [task] }), unreachable, gone);
  const retry = { minMs: 1, maxMs: 1 };
  const queue = new Queue("q", { transport, retry, schema: { "~standard": slow }, validateClaims: true });
  const [first] = await queue.claim({ claimTimeoutMs: 1_000 });
  await expect(queue.ack(first ?? "")).rejects.toMatchObject({ code: "task-not-found" });
  vi.useRealTimers();
});

describe("the clock on the wall", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([86_400_000, -86_400_000])("may be set by %d ms during a claim, which changes nothing", async (stepMs) => {
    for (const [timeoutMs, kept] of [
      [60_000, true],
      [0, false],
    ] as const) {
      const { queue, task } = await claimed(timeoutMs, unreachable, gone);
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + stepMs });
      const outcome = await queue.ack(task).then(
        () => true,
        () => false,
      );
      vi.useRealTimers();
      expect(outcome).toBe(kept);
    }
  });
});

describe("an error text", () => {
  it("is cut to what is kept, and half a surrogate pair does not cost the failure", async () => {
    const transport = new ScriptedTransport(answered({ results: [{ claim: "c", ok: true }] }));
    await new Queue("q", { transport }).nack("c", { error: `${"x".repeat(1_023)}\u{1f6a8}` });
    expect(transport.calls[0]?.body).toEqual({ claims: [{ claim: "c", error: `${"x".repeat(1_023)}\uFFFD` }] });
  });
});

describe("enqueues that travel together", () => {
  it("end when one that goes alone finds the queue full: the rest is not sent one by one to hear the same", async () => {
    const full = refused("queue-full", 1_000);
    const transport = new ScriptedTransport(full, answered({ tasks: [{ id: "0" }] }), full);
    const queue = new Queue("q", { transport, retry: false, batch: { maxItems: 100 } });
    const all = await Promise.allSettled(Array.from({ length: 100 }, (_, n) => queue.enqueue(n)));
    expect(all.map(({ status }) => status)).toEqual(["fulfilled", ...Array.from({ length: 99 }, () => "rejected")]);
    for (const one of all.slice(1)) expect(one).toMatchObject({ reason: { code: "queue-full", retryAfterMs: 1_000 } });
    expect(transport.calls).toHaveLength(3);
  });

  it("go on alone when one of them is refused for itself", async () => {
    const transport = new ScriptedTransport(
      refused("invalid-request"),
      refused("invalid-request"),
      answered({ tasks: [{ id: "1" }] }),
    );
    const queue = new Queue("q", { transport, retry: false, batch: { maxItems: 2 } });
    const all = await Promise.allSettled([queue.enqueue(0), queue.enqueue(1)]);
    expect(all.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });
});
