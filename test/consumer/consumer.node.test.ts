import { afterEach, describe, expect, it, vi } from "vitest";
import { ForeignAnswerError } from "../../src/client/edgeq-error.ts";
import { problemError } from "../../src/client/problem-error.ts";
import { consumerSettings, type BatchConsumeOptions } from "../../src/consumer/consume-options.ts";
import { Consumer } from "../../src/consumer/consumer.ts";
import { Events } from "../../src/consumer/events.ts";
import {
  ClaimsLostError,
  ConsumerStoppedError,
  deadLetter,
  HandlerTimedOutError,
  rateLimited,
  RetryAfter,
  retryAfter,
  snooze,
} from "../../src/consumer/handler-error.ts";
import { Reports } from "../../src/consumer/reports.ts";
import type { Unit, UnitHandler } from "../../src/consumer/unit.ts";
import { problem } from "../../src/protocol/problem.ts";
import { ManualClock, settled } from "../node/manual-clock.ts";
import { ScriptedSource } from "./scripted-source.ts";

const QUEUE = { claim() {} } as unknown as BatchConsumeOptions<string>["queue"];
const running: { consumer: Consumer<string>; clock: ManualClock }[] = [];

afterEach(async () => {
  for (const { consumer, clock } of running.splice(0)) {
    const stopped = consumer.stop();
    await clock.advance(3_600_000);
    await stopped;
  }
});

function started(handler: UnitHandler<string>, options: Partial<BatchConsumeOptions<string>> = {}) {
  const clock = new ManualClock();
  const settings = consumerSettings({ queue: QUEUE, logger: null, ...options }, options.batch !== undefined);
  const source = new ScriptedSource(clock, settings.claimTimeoutMs);
  const emitter = new Events<string>(new Reports("q", settings.logger, clock));
  const consumer = new Consumer(handler, settings, { source, clock, events: emitter });
  const events: string[] = [];
  for (const name of [
    "acked",
    "failed",
    "snoozed",
    "released",
    "lost",
    "disconnected",
    "reconnected",
    "refused",
    "circuit",
    "stopped",
  ] as const) {
    consumer.on(name, (event) => events.push("state" in event ? `${name} ${event.state}` : name));
  }
  running.push({ consumer, clock });
  return { clock, source, consumer, events };
}

/** A handler that a test settles by hand. */
function byHand() {
  const units: { unit: Unit<string>; finish: () => void; fail: (error: unknown) => void }[] = [];
  const handler = (unit: Unit<string>): Promise<void> =>
    new Promise((finish, fail) => {
      units.push({ unit, finish, fail });
    });
  return { units, handler };
}

const payloads = (unit: Unit<string> | undefined): string[] => (unit?.tasks ?? []).map((task) => task.payload);

describe("a consumer", () => {
  it("acks a task when its handler has settled, not before", async () => {
    const { units, handler } = byHand();
    const { clock, source } = started(handler);
    source.enqueue("a");
    await clock.advance(0);
    expect(source.acked).toEqual([]);
    units[0]?.finish();
    await clock.advance(0);
    expect(source.acked).toEqual(["a"]);
  });

  it("lets its source know what it holds no more: what is acked, has failed, is lost, or was given back", async () => {
    const { units, handler } = byHand();
    const { clock, source, consumer } = started(handler, { concurrency: 3, prefetch: 2, claimTimeoutMs: 10_000 });
    source.enqueue("acked", "failed", "lost", "waits", "waits too");
    await clock.advance(0);
    expect(source.held.size).toBe(5);
    units[0]?.finish();
    units[1]?.fail(new Error("no paper"));
    await clock.advance(0);
    expect([...source.held]).toEqual(["lost", "waits", "waits too"]);
    source.lose("lost");
    await clock.advance(5_000);
    units[2]?.finish();
    await clock.advance(0);
    expect([...source.held]).toEqual(["waits", "waits too"]);
    await Promise.all([consumer.stop(), clock.advance(60_000)]);
    expect([...source.held]).toEqual([]);
  });

  it("runs as many handlers at a time as its concurrency says", async () => {
    const { units, handler } = byHand();
    const { clock, source, consumer } = started(handler, { concurrency: 2 });
    source.enqueue("a", "b", "c");
    await clock.advance(0);
    expect(consumer.running).toBe(2);
    units[0]?.finish();
    await clock.advance(0);
    expect(units.map(({ unit }) => payloads(unit))).toEqual([["a"], ["b"], ["c"]]);
    expect(consumer.running).toBe(2);
  });

  it("holds prefetched tasks beyond those that run", async () => {
    const { handler } = byHand();
    const { clock, source, consumer } = started(handler, { concurrency: 2, prefetch: 3 });
    source.enqueue("a", "b", "c", "d", "e", "f");
    await clock.advance(0);
    expect(source.takes[0]).toBe(5);
    expect(consumer.running).toBe(2);
    expect(source.takes).toHaveLength(1);
  });

  it("fails a task whose handler throws, with the error's text and the queue's backoff", async () => {
    const { clock, source } = started(() => {
      throw new TypeError("no such field");
    });
    source.enqueue("a");
    await clock.advance(0);
    expect(source.nacked).toEqual([{ payload: "a", error: "TypeError: no such field" }]);
  });

  it("delays a task by what retryAfter says, and kills one by deadLetter", async () => {
    const { clock, source } = started(({ tasks }) => {
      throw tasks[0]?.payload === "later" ? retryAfter(60_000) : deadLetter("no such customer");
    });
    source.enqueue("later", "never");
    await clock.advance(0);
    expect(source.nacked).toEqual([
      { payload: "later", delayMs: 60_000, error: "to be tried again" },
      { payload: "never", dead: true, error: "no such customer" },
    ]);
  });

  it("snoozes a task when its handler says so, which is no failure", async () => {
    const { clock, source, events } = started(
      () => {
        throw snooze(60_000);
      },
      { breaker: { failures: 1 } },
    );
    source.enqueue("later");
    await clock.advance(0);
    expect(source.nacked).toEqual([{ payload: "later", snooze: true, delayMs: 60_000 }]);
    expect(events).toEqual(["snoozed"]);
    expect(() => snooze(-1)).toThrow("snooze: given -1, allowed: an integer from 0");
    expect(() => new RetryAfter(Number.NaN, "x")).toThrow(RangeError);
  });

  it("rests the task's key when its handler says so, which is no failure", async () => {
    const { clock, source, events } = started(
      () => {
        throw rateLimited(60_000);
      },
      { breaker: { failures: 1 } },
    );
    source.enqueue("later");
    await clock.advance(0);
    expect(source.nacked).toEqual([{ payload: "later", limitKey: true, delayMs: 60_000 }]);
    expect(events).toEqual(["snoozed"]);
    expect(() => rateLimited(1.5)).toThrow("rateLimited: given 1.5, allowed: an integer from 0");
    expect(String(rateLimited(5))).toBe("RateLimited: rate-limited for 5 ms");
  });

  it("records a failure whatever was thrown: its text is cut and made well-formed, or stands for itself", async () => {
    const unreadable = new Error("x");
    Object.defineProperty(unreadable, "message", {
      get() {
        throw new Error("no");
      },
    });
    const thrown: Record<string, unknown> = {
      long: new Error(`${"x".repeat(1_023)}\u{1f6a8}`),
      half: new Error("\ud800"),
      dead: deadLetter(`${"x".repeat(1_023)}\u{1f6a8}`),
      odd: Object.assign(new Error("x"), { message: { a: 1 } }),
      unreadable,
      nothing: undefined,
      bare: Object.create(null),
    };
    const { clock, source } = started(({ tasks }) => {
      throw thrown[tasks[0]?.payload ?? ""];
    });
    source.enqueue(...Object.keys(thrown));
    await clock.advance(0);
    expect(source.nacked.map(({ payload, error }) => [payload, error])).toEqual([
      ["long", `${"x".repeat(1_023)}\uFFFD`],
      ["half", "\uFFFD"],
      ["dead", `${"x".repeat(1_023)}\uFFFD`],
      ["odd", "a handler threw an error whose message is no text"],
      ["unreadable", "a handler threw an error that cannot be read"],
      ["nothing", "a handler threw undefined, not an Error"],
      ["bare", "a handler threw object, not an Error"],
    ]);
  });

  it("goes on when a listener or a backoff throws, and logs it", async () => {
    const logged: unknown[][] = [];
    const log = (...line: unknown[]): void => void logged.push(line);
    const { clock, source, consumer } = started(
      ({ tasks }) => {
        if (tasks[0]?.payload === "bad") throw new Error("x");
      },
      {
        logger: { warn: log, error: log },
        backoff: () => {
          throw new Error("in backoff");
        },
      },
    );
    consumer.on("acked", () => {
      throw new Error("in listener");
    });
    consumer.on("started", () => Promise.reject(new Error("in async listener")));
    source.enqueue("good", "bad");
    await clock.advance(0);
    expect(source.acked).toEqual(["good"]);
    expect(source.nacked).toEqual([{ payload: "bad", error: "x" }]);
    expect(logged.map(([line, error]) => `${String(line)} ${String(error)}`)).toEqual([
      expect.stringMatching(/^edgeq consumer of q: a listener of "started" threw.*in async listener$/),
      expect.stringMatching(/the backoff function threw.*Error: in backoff$/),
      expect.stringMatching(/a listener of "acked" threw.*in listener$/),
    ]);
  });

  it("delays a failed task by its own backoff of the error", async () => {
    const { clock, source } = started(() => Promise.reject(new Error("busy")), {
      backoff: (error) => (error instanceof Error && error.message === "busy" ? 5_000 : undefined),
    });
    source.enqueue("a");
    await clock.advance(0);
    expect(source.nacked[0]?.delayMs).toBe(5_000);
  });

  it("times out a handler that never settles: its signal is aborted, its task failed, its place free", async () => {
    const { units, handler } = byHand();
    const { clock, source, consumer } = started(handler, { concurrency: 1, handlerTimeoutMs: 20_000 });
    source.enqueue("stuck", "next");
    await clock.advance(19_999);
    expect(source.nacked).toEqual([]);
    await clock.advance(1);
    expect(units[0]?.unit.signal.reason).toBeInstanceOf(HandlerTimedOutError);
    expect(source.nacked).toEqual([
      { payload: "stuck", error: "HandlerTimedOutError: the handler did not settle within 20000 ms" },
    ]);
    expect(payloads(units[1]?.unit)).toEqual(["next"]);
    expect(consumer.running).toBe(1);
  });

  it("times out each handler after its own time, with one timer for all of them", async () => {
    const { units, handler } = byHand();
    const { clock, source } = started(handler, { concurrency: 200, claimTimeoutMs: 600_000, handlerTimeoutMs: 20_000 });
    source.enqueue("first");
    await clock.advance(0);
    const { sleeping } = clock;
    await clock.advance(5_000);
    source.enqueue(...Array.from({ length: 100 }, (_, index) => `second-${index}`));
    await clock.advance(0);
    expect(units).toHaveLength(101);
    expect(clock.sleeping).toBe(sleeping);
    units[1]?.finish();
    const timedOut = async (ms: number): Promise<string[]> => {
      await clock.advance(ms);
      return source.nacked.map(({ payload }) => payload);
    };
    expect(await timedOut(14_999)).toEqual([]);
    expect(await timedOut(1)).toEqual(["first"]);
    expect(await timedOut(4_999)).toEqual(["first"]);
    expect(await timedOut(1)).toEqual(["first", ...Array.from({ length: 99 }, (_, index) => `second-${index + 1}`)]);
    expect(source.acked).toEqual(["second-0"]);
  });
});

describe("claims", () => {
  it("are extended at half their timeout while the handler runs, and not after", async () => {
    const { units, handler } = byHand();
    const { clock, source } = started(handler, { claimTimeoutMs: 10_000 });
    source.enqueue("a");
    await clock.advance(4_999);
    expect(source.extended).toEqual([]);
    await clock.advance(1);
    expect(source.extended).toEqual([["a"]]);
    await clock.advance(45_000);
    expect(source.extended).toHaveLength(10);
    units[0]?.finish();
    await clock.advance(60_000);
    expect(source.acked).toEqual(["a"]);
    expect(source.extended).toHaveLength(10);
  });

  it("of prefetched tasks are extended too, with the others in one call", async () => {
    const { handler } = byHand();
    const { clock, source } = started(handler, { concurrency: 1, prefetch: 1, claimTimeoutMs: 10_000 });
    source.enqueue("a", "b");
    await clock.advance(5_000);
    expect(source.extended).toEqual([["a", "b"]]);
  });

  it("of tasks that are waiting and lost leave their room to others", async () => {
    const { units, handler } = byHand();
    const { clock, source, events } = started(handler, { claimTimeoutMs: 10_000, concurrency: 1, prefetch: 1 });
    source.enqueue("runs", "waits", "next");
    await clock.advance(4_000);
    source.lose("waits");
    await clock.advance(1_000);
    expect(events).toEqual(["lost"]);
    expect(source.takes).toEqual([2, 1]);
    units[0]?.finish();
    await clock.advance(0);
    expect(units.map(({ unit }) => unit.tasks[0]?.payload)).toEqual(["runs", "next"]);
  });

  it("that are lost abort the handler's signal the moment the server says so, and are not acked", async () => {
    const { units, handler } = byHand();
    const { clock, source, events } = started(handler, { claimTimeoutMs: 10_000 });
    source.enqueue("a");
    await clock.advance(4_000);
    source.lose("a");
    await clock.advance(999);
    expect(units[0]?.unit.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(units[0]?.unit.signal.reason).toBeInstanceOf(ClaimsLostError);
    expect(events).toEqual(["lost"]);
    units[0]?.finish();
    await clock.advance(0);
    expect(source.acked).toEqual([]);
    expect(events).toEqual(["lost"]);
  });

  it("that cannot be extended abort the handler's signal at their deadline", async () => {
    const { units, handler } = byHand();
    const { clock, source } = started(handler, { claimTimeoutMs: 10_000 });
    source.enqueue("a");
    await clock.advance(0);
    for (let call = 0; call < 50; call += 1) source.failNext("extend");
    await clock.advance(9_999);
    expect(units[0]?.unit.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(units[0]?.unit.signal.aborted).toBe(true);
  });

  it("are looked through when one is due, not when one comes", async () => {
    const { handler } = byHand();
    const { clock, source } = started(handler, { concurrency: 1, prefetch: 1_000 });
    source.enqueue("first");
    await clock.advance(0);
    const timers = vi.spyOn(clock, "after");
    for (let task = 0; task < 200; task += 1) {
      source.enqueue(`t${task}`);
      await settled();
    }
    expect(source.takes.length).toBeGreaterThan(200);
    // Each look ends in a timer for the next.
    expect(timers).not.toHaveBeenCalled();
  });

  it("that end all together are each let go, and the rest runs", async () => {
    const { units, handler } = byHand();
    const { clock, source, events } = started(handler, { concurrency: 1, prefetch: 500, claimTimeoutMs: 10_000 });
    const names = Array.from({ length: 501 }, (_, index) => `t${index}`);
    source.enqueue(...names);
    await clock.advance(0);
    for (const name of names.slice(1, 500)) source.lose(name);
    await clock.advance(5_000);
    expect(events.filter((name) => name === "lost")).toHaveLength(499);
    units[0]?.finish();
    await clock.advance(0);
    expect(payloads(units[1]?.unit)).toEqual(["t500"]);
  });

  it("survive extends that get no answer", async () => {
    const { units, handler } = byHand();
    const { clock, source, events } = started(handler, { claimTimeoutMs: 30_000 });
    source.enqueue("a");
    await clock.advance(0);
    source.hangNext("extend");
    source.hangNext("extend");
    await clock.advance(60_000);
    units[0]?.finish();
    await clock.advance(0);
    expect(events).toEqual(["acked"]);
  });

  it("are not waited for when the consumer has stopped", async () => {
    const { units, handler } = byHand();
    const { clock, source, consumer, events } = started(handler);
    source.enqueue("a");
    await clock.advance(0);
    source.hangNext("extend");
    await clock.advance(15_000);
    units[0]?.finish();
    await clock.advance(0);
    await Promise.all([consumer.stop(), clock.advance(1_000)]);
    expect(events).toEqual(["acked", "stopped"]);
    expect(clock.sleeping).toBe(0);
  });

  it("survive an extend that failed once", async () => {
    const { units, handler } = byHand();
    const { clock, source } = started(handler, { claimTimeoutMs: 10_000 });
    source.enqueue("a");
    await clock.advance(0);
    source.failNext("extend");
    await clock.advance(30_000);
    expect(units[0]?.unit.signal.aborted).toBe(false);
  });
});

describe("an ack", () => {
  it("that got no answer is sent again until it has one", async () => {
    const { clock, source, events } = started(() => {});
    source.failNext("ack");
    source.failNext("ack");
    source.enqueue("a");
    await clock.advance(10_000);
    expect(source.acked).toEqual(["a"]);
    expect(events).toEqual(["acked"]);
  });

  it("whose answer was lost counts as done when it is sent again and the task is gone", async () => {
    const { clock, source, events } = started(() => {});
    source.failNext("ack", undefined, true);
    source.enqueue("a");
    await clock.advance(10_000);
    expect(source.acked).toEqual(["a"]);
    expect(events).toEqual(["acked"]);
  });

  it("whose connection hangs is sent again in time, and holds up no others for longer", async () => {
    const { units, handler } = byHand();
    const { clock, source, events } = started(handler, { claimTimeoutMs: 30_000 });
    source.enqueue("a", "b", "c");
    await clock.advance(14_000);
    source.hangNext("ack");
    source.hangNext("ack", true);
    for (const { finish } of units) {
      finish();
      await clock.advance(500);
    }
    await clock.advance(60_000);
    expect(source.acked.toSorted()).toEqual(["a", "b", "c"]);
    expect(events).toEqual(["acked", "acked", "acked"]);
  });

  it("that was done in part before the server's disk was full counts as done when it is sent again", async () => {
    const { clock, source, events } = started(() => {});
    source.failNext("ack", problemError(problem("storage-full", "full"), 1_000), true);
    source.enqueue("a");
    await clock.advance(10_000);
    expect(source.acked).toEqual(["a"]);
    expect(events).toEqual(["acked"]);
  });

  it("sent again that finds its claim ended, and not its task gone, was not done by the first", async () => {
    const { clock, source, events } = started(() => {});
    clock.chance = 0.5;
    source.failNext("ack");
    source.enqueue("a");
    await clock.advance(0);
    source.lose("a");
    await clock.advance(10_000);
    expect(events).toEqual(["lost"]);
  });

  it("that cannot be sent before the claim's deadline is lost, and reports it", async () => {
    const { clock, source, events } = started(() => {}, { claimTimeoutMs: 5_000 });
    for (let call = 0; call < 200; call += 1) source.failNext("ack");
    clock.chance = 0.5;
    source.enqueue("a");
    await clock.advance(10_000);
    expect(source.acked).toEqual([]);
    expect(events).toEqual(["lost"]);
  });

  it("refused because of one claim is tried for each alone", async () => {
    const { clock, source, events } = started(() => {});
    source.failNext("ack", problemError(problem("invalid-request", "claims[0]: of another queue"), null));
    source.failNext("ack", problemError(problem("invalid-request", "claims[0]: of another queue"), null));
    source.enqueue("foreign", "own");
    await clock.advance(10_000);
    expect(source.acked).toEqual(["own"]);
    expect(events.sort()).toEqual(["acked", "lost"]);
  });
});

describe("batches", () => {
  it("begin when they are full", async () => {
    const { units, handler } = byHand();
    const { clock, source } = started(handler, { batch: { maxItems: 2, maxWaitMs: 60_000 } });
    source.enqueue("a", "b", "c");
    await clock.advance(0);
    expect(units.map(({ unit }) => payloads(unit))).toEqual([["a", "b"]]);
  });

  it("begin when their first task has waited long enough", async () => {
    const { units, handler } = byHand();
    const { clock, source } = started(handler, { batch: { maxItems: 10, maxWaitMs: 1_000 } });
    source.enqueue("a");
    await clock.advance(600);
    source.enqueue("b");
    await clock.advance(399);
    expect(units).toHaveLength(0);
    await clock.advance(1);
    expect(units.map(({ unit }) => payloads(unit))).toEqual([["a", "b"]]);
  });

  it("may fail in part: what failed is nacked with its own error, the rest acked", async () => {
    const { clock, source } = started(
      (unit) => {
        const [, second, third] = unit.tasks;
        if (second !== undefined) unit.fail(second, new Error("bad row"));
        if (third !== undefined) unit.fail(third, deadLetter("worse"));
      },
      { batch: { maxItems: 3 } },
    );
    source.enqueue("a", "b", "c");
    await clock.advance(0);
    expect(source.acked).toEqual(["a"]);
    expect(source.nacked).toEqual([
      { payload: "b", error: "bad row" },
      { payload: "c", dead: true, error: "worse" },
    ]);
  });

  it("that throw fail whole, but for what was done", async () => {
    const { clock, source } = started(
      (unit) => {
        const [first] = unit.tasks;
        if (first !== undefined) unit.done(first);
        throw new Error("half way");
      },
      { batch: { maxItems: 2 } },
    );
    source.enqueue("a", "b");
    await clock.advance(0);
    expect(source.acked).toEqual(["a"]);
    expect(source.nacked).toEqual([{ payload: "b", error: "half way" }]);
  });

  it("know a task again by its claim, so that a copy of it may fail", async () => {
    const held: boolean[] = [];
    const { clock, source } = started(
      (unit) => {
        for (const task of unit.tasks.map((one) => ({ ...one, payload: `parsed ${one.payload}` }))) {
          held.push(unit.isHeld(task));
          if (task.id === "b") unit.fail(task, new Error("bad row"));
        }
      },
      { batch: { maxItems: 2 } },
    );
    source.enqueue("a", "b");
    await clock.advance(0);
    expect(held).toEqual([true, true]);
    expect(source.acked).toEqual(["a"]);
    expect(source.nacked).toEqual([{ payload: "b", error: "bad row" }]);
  });

  it("fail whole if a word is about a task that is none of theirs: one of them may have been meant", async () => {
    for (const about of [undefined, { claim: "another" }]) {
      for (const word of ["done", "fail"] as const) {
        const one = started((unit) => unit[word](about as never, new Error("bad row")), { batch: { maxItems: 1 } });
        one.source.enqueue("a");
        await one.clock.advance(0);
        expect(one.source.acked).toEqual([]);
        expect(one.source.nacked[0]?.error).toContain("InvalidOptionError: task: given");
      }
    }
  });

  it("count the first word about a task", async () => {
    const { clock, source } = started(
      (unit) => {
        for (const task of unit.tasks) {
          unit.done(task);
          unit.fail(task, new Error("too late"));
        }
      },
      { batch: { maxItems: 1 } },
    );
    source.enqueue("a");
    await clock.advance(0);
    expect(source.acked).toEqual(["a"]);
  });
});

describe("stop", () => {
  it("gives back what has not begun, and lets finish what runs", async () => {
    const { units, handler } = byHand();
    const { clock, source, consumer } = started(handler, { concurrency: 1, prefetch: 2 });
    source.enqueue("a", "b", "c");
    await clock.advance(0);
    const stopped = consumer.stop();
    await clock.advance(1_000);
    expect(source.nacked).toEqual([
      { payload: "b", release: true },
      { payload: "c", release: true },
    ]);
    units[0]?.finish();
    await settled();
    await stopped;
    expect(source.acked).toEqual(["a"]);
  });

  it("gives back what runs when its time is over, and aborts its signal", async () => {
    const { units, handler } = byHand();
    const { clock, source, consumer } = started(handler, { stopTimeoutMs: 10_000 });
    source.enqueue("a");
    await clock.advance(0);
    const stopped = consumer.stop();
    await clock.advance(7_999);
    expect(source.nacked).toEqual([]);
    await clock.advance(1);
    await stopped;
    expect(units[0]?.unit.signal.reason).toBeInstanceOf(ConsumerStoppedError);
    expect(source.nacked).toEqual([{ payload: "a", release: true }]);
  });

  it("ends within its limit also when the server does not answer", async () => {
    const { handler } = byHand();
    const { clock, source, consumer, events } = started(handler, { stopTimeoutMs: 10_000 });
    source.enqueue("a");
    await clock.advance(0);
    for (let call = 0; call < 500; call += 1) source.failNext("nack");
    clock.chance = 0.5;
    void consumer.stop();
    await clock.advance(9_999);
    expect(events).not.toContain("stopped");
    await clock.advance(1);
    expect(events).toContain("stopped");
    expect(clock.sleeping).toBe(0);
  });

  it("reads the answer to a claim that was just sent, and gives back what is in it", async () => {
    const { clock, source, consumer } = started(() => {});
    await clock.advance(0);
    const stopped = consumer.stop();
    source.enqueue("late");
    await clock.advance(0);
    expect(source.nacked).toEqual([{ payload: "late", release: true }]);
    await stopped;
  });

  it("calls back a claim that waits on the server", async () => {
    const { clock, source, consumer, events } = started(() => {});
    await clock.advance(60_000);
    void consumer.stop();
    await clock.advance(0);
    expect(events).toEqual(["stopped"]);
    source.enqueue("next");
    await clock.advance(0);
    expect(source.acked).toEqual([]);
  });

  it("twice is stop once", async () => {
    const { clock, consumer, events } = started(() => {});
    await clock.advance(0);
    await Promise.all([consumer.stop(), consumer.stop(), consumer.finished, clock.advance(1_000)]);
    expect(events).toEqual(["stopped"]);
  });
});

describe("a server that is not there", () => {
  it("is asked again after growing waits, until it answers", async () => {
    const { clock, source, events } = started(() => {});
    for (let call = 0; call < 5; call += 1) source.failNext("take");
    source.enqueue("a");
    // 0.2 s at the least, and a bound that doubles from there.
    await clock.advance(199);
    expect(source.takes).toHaveLength(1);
    clock.chance = 0.999_999;
    await clock.advance(1);
    expect(source.takes).toHaveLength(2);
    await clock.advance(799);
    expect(source.takes).toHaveLength(2);
    await clock.advance(1);
    expect(source.takes).toHaveLength(3);
    await clock.advance(60_000);
    expect(source.acked).toEqual(["a"]);
    expect(events.filter((name) => name === "reconnected")).toHaveLength(1);
  });

  it("is asked again within ten seconds at the most, however often it did not answer", async () => {
    const { clock, source } = started(() => {});
    clock.chance = 0.999_999;
    for (let call = 0; call < 20; call += 1) source.failNext("take");
    await clock.advance(120_000);
    const takes = source.takes.length;
    await clock.advance(10_000);
    expect(source.takes).toHaveLength(takes + 1);
  });

  it("that answers but gives no tasks is not away", async () => {
    const { clock, source, events } = started(() => {});
    source.failNext("take", problemError(problem("too-many-claims", "The queue's limit is 1"), 3_000));
    source.failNext("take", problemError(problem("queue-paused", "x"), null));
    source.enqueue("a");
    await clock.advance(2_999);
    expect(source.takes).toHaveLength(1);
    await clock.advance(60_000);
    expect(events).toEqual(["refused", "refused", "acked"]);
  });

  it("that is no edgeq ends the consumer at its start, and is an outage later", async () => {
    const foreign = new ForeignAnswerError(new Error("https://x.example answered HTTP 200 (text/html)"));
    const atStart = started(() => {});
    atStart.source.failNext("take", foreign);
    const [ended] = await Promise.allSettled([atStart.consumer.finished, atStart.clock.advance(0)]);
    expect(ended).toMatchObject({ status: "rejected", reason: { code: "foreign-answer" } });

    const later = started(() => {});
    later.source.enqueue("a");
    await later.clock.advance(0);
    later.source.failNext("take", foreign);
    later.source.enqueue("b");
    await later.clock.advance(0);
    later.source.enqueue("c");
    await later.clock.advance(60_000);
    expect(later.events).toEqual(["acked", "disconnected", "acked", "reconnected", "acked"]);
  });

  it("that refuses the token ends the consumer with its error", async () => {
    const { clock, source, consumer } = started(() => {});
    source.failNext("take", problemError(problem("unauthorized", "the token has expired"), null));
    const [ended] = await Promise.allSettled([consumer.finished, clock.advance(0)]);
    expect(ended).toMatchObject({ status: "rejected", reason: { code: "unauthorized" } });
  });
});

describe("the circuit", () => {
  const breaker = { failures: 3, pauseMs: 1_000, maxPauseMs: 3_000 };

  it("opens after repeated failures, gives back what waits, and takes nothing until its pause is over", async () => {
    const { clock, source, events } = started(() => Promise.reject(new Error("down")), {
      concurrency: 1,
      prefetch: 3,
      breaker,
    });
    source.enqueue("a", "b", "c", "d");
    await clock.advance(0);
    expect(events.at(-1) === "released" || events.includes("circuit open")).toBe(true);
    expect(source.nacked.filter(({ release }) => release === true)).toEqual([{ payload: "d", release: true }]);
    const takes = source.takes.length;
    await clock.advance(999);
    expect(source.takes).toHaveLength(takes);
    await clock.advance(1);
    expect(source.takes.slice(takes)).toEqual([1]);
  });

  it("lets one probe through, pauses longer when it fails, up to its limit", async () => {
    const { clock, source, events } = started(() => Promise.reject(new Error("down")), { concurrency: 5, breaker });
    source.enqueue("a", "b", "c");
    await clock.advance(0);
    const taken = source.takes.length;
    // The poll that was out has been called back by then.
    await clock.advance(300);
    source.enqueue("d", "e", "f", "g");
    await clock.advance(700);
    expect(source.takes.slice(taken)).toEqual([1]);
    await clock.advance(1_999);
    expect(source.takes.slice(taken)).toEqual([1]);
    await clock.advance(1);
    expect(source.takes.slice(taken)).toEqual([1, 1]);
    await clock.advance(2_999);
    expect(source.takes.slice(taken)).toEqual([1, 1]);
    await clock.advance(1);
    expect(source.takes.slice(taken)).toEqual([1, 1, 1]);
    expect(events.filter((name) => name.startsWith("circuit"))).toEqual([
      "circuit open",
      "circuit half-open",
      "circuit open",
      "circuit half-open",
      "circuit open",
      "circuit half-open",
      "circuit open",
    ]);
  });

  it("gives back what a claim brings that was out when it opened", async () => {
    const { clock, source } = started(() => Promise.reject(new Error("down")), { concurrency: 5, breaker });
    source.enqueue("a", "b", "c");
    await clock.advance(0);
    source.enqueue("d");
    await clock.advance(0);
    expect(source.nacked.at(-1)).toEqual({ payload: "d", release: true });
  });

  it("closes when the probe succeeds", async () => {
    let isDown = true;
    const { clock, source, events } = started(() => (isDown ? Promise.reject(new Error("down")) : undefined), {
      concurrency: 5,
      breaker,
    });
    source.enqueue("a", "b", "c");
    await clock.advance(0);
    isDown = false;
    await clock.advance(300);
    source.enqueue("d", "e", "f");
    await clock.advance(700);
    expect(events.filter((name) => name.startsWith("circuit"))).toEqual([
      "circuit open",
      "circuit half-open",
      "circuit closed",
    ]);
    expect(source.acked).toEqual(["d", "e", "f"]);
  });

  it("is not moved by retryAfter and deadLetter", async () => {
    const { clock, source, events } = started(
      ({ tasks }) => {
        throw tasks[0]?.payload === "a" ? deadLetter("x") : retryAfter(1_000);
      },
      { breaker },
    );
    source.enqueue("a", "b", "c", "d", "e");
    await clock.advance(0);
    expect(events.filter((name) => name.startsWith("circuit"))).toEqual([]);
    expect(source.nacked).toHaveLength(5);
  });
});
