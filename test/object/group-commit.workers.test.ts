// What arrives together commits together: each operation with its own answer, all of them durable or none (P1, P6).

import { runInDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import type { OutcomeOf } from "../../src/core/operation.ts";
import { AlarmClock } from "../../src/object/alarm-clock.ts";
import { ClaimStatements } from "../../src/store/claim-statements.ts";
import { TaskStatements } from "../../src/store/task-statements.ts";
import {
  ack,
  browseAll,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  payloads,
  ref,
  stats,
  task,
} from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";
import { SocketClient } from "../workers/socket-client.ts";

const MAIN = { inOrder: ["main"] };

stoppedClock();

/** A queue that exists and has been registered, and sets no alarm of its own. */
async function quietQueue(): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  await vi.waitUntil(async () => (await stats(queue)).outbox === 0, { timeout: 10_000 });
  await runInDurableObject(queue.stub, (_object, state) => state.storage.deleteAlarm());
  await queue.restart();
  return queue;
}

/** Enqueues in one go, so that all of it arrives in one turn; the payloads whose enqueue was answered with success. */
async function enqueueTogether(queue: ObjectQueue, ...values: readonly unknown[]): Promise<unknown[]> {
  const answered: unknown[] = [];
  await runInDurableObject(queue.stub, (object) =>
    Promise.allSettled(
      values.map(async (value) => {
        await object.operate("enqueue", { tasks: [task(value)] });
        answered.push(value);
      }),
    ),
  ).catch(() => {});
  return answered;
}

/** From now on, writing this payload fails after it has been written. */
function poison(payload: string): void {
  // oxlint-disable-next-line typescript/unbound-method
  const insert = TaskStatements.prototype.insertPlain;
  vi.spyOn(TaskStatements.prototype, "insertPlain").mockImplementation(function (this: TaskStatements, seq, tasks) {
    insert.call(this, seq, tasks);
    if (tasks.some((written) => written === JSON.stringify(payload))) throw new Error("the disk is on fire");
  });
}

function enqueueing(payload: string): object {
  return { id: payload, op: "enqueue", body: { payload } };
}

function silence() {
  return vi.spyOn(console, "error").mockImplementation(() => {});
}

const alarmOf = (queue: ObjectQueue): Promise<number | null> =>
  runInDurableObject(queue.stub, (_object, state) => state.storage.getAlarm());

describe("operations that arrive together", () => {
  test("each have their own answer, and one that is refused does not disturb the others", async () => {
    const queue = await quietQueue();
    await configure(queue, { maxBacklog: 2 });
    const outcomes = await runInDurableObject(queue.stub, (object) =>
      Promise.all([
        object.operate("enqueue", { tasks: [task("a")] }),
        object.operate("cancelTask", { id: "not there", force: false }),
        object.operate("enqueue", { tasks: [task("b")] }),
        object.operate("enqueue", { tasks: [task("one too many")] }),
        object.operate("claim", { max: 5, lanes: MAIN }),
      ]),
    );
    expect(outcomes).toMatchObject([
      { kind: "enqueued" },
      { kind: "task-not-found" },
      { kind: "enqueued" },
      { kind: "queue-full" },
      { kind: "claimed", tasks: [{ payload: '"a"' }, { payload: '"b"' }] },
    ]);
  });

  test("are applied in the order of their arrival, whichever way they came", async () => {
    const queue = await quietQueue();
    const client = await SocketClient.open(queue.name);
    const [over] = await runInDurableObject(queue.stub, (object, state) => {
      const [socket] = state.getWebSockets();
      if (socket === undefined) throw new Error("expected a socket");
      const first = object.operate("enqueue", { tasks: [task("first")] });
      object.webSocketMessage(socket, JSON.stringify([enqueueing("second"), enqueueing("third")]));
      return Promise.all([first, object.operate("enqueue", { tasks: [task("fourth")] })]);
    });
    expect(over).toMatchObject({ kind: "enqueued" });
    await client.until(() => client.received.length === 2);
    expect(payloads(await claim(queue, { max: 5 }))).toEqual(["first", "second", "third", "fourth"]);
  });

  test("do not fail with one of them that throws: it alone does, and what it wrote is undone", async () => {
    const errors = silence();
    const queue = await quietQueue();
    await enqueue(queue, task("before"));
    poison("poison");
    expect(await enqueueTogether(queue, "a", "poison", "b")).toEqual(["a", "b"]);
    expect(payloads(await browseAll(queue))).toEqual(["before", "a", "b"]);
    expect(errors).toHaveBeenCalledWith(expect.stringContaining("enqueue failed"), expect.any(Error));
  });

  test("are asked for again and again by one that always throws, and go on all the same", async () => {
    silence();
    const queue = await quietQueue();
    poison("poison");
    for (const value of [1, 2, 3]) expect(await enqueueTogether(queue, "poison", value, "poison")).toEqual([value]);
    expect(payloads(await claim(queue, { max: 5 }))).toEqual([1, 2, 3]);
  });

  test("are undone when what follows them throws: those who wait are served in the same commit", async () => {
    silence();
    const queue = await quietQueue();
    vi.spyOn(ClaimStatements.prototype, "put").mockImplementation(() => {
      throw new Error("the disk is on fire");
    });
    const answered: unknown[] = [];
    await runInDurableObject(queue.stub, (object) =>
      Promise.allSettled([
        object.operate("claim", { max: 1, lanes: MAIN, waitMs: 10_000 }).then((outcome) => answered.push(outcome)),
        object.operate("enqueue", { tasks: [task("a")] }).then((outcome) => answered.push(outcome)),
      ]),
    ).catch(() => {});
    expect(answered).toEqual([]);
    vi.restoreAllMocks();
    expect(await counts(queue)).toEqual([0, 0, 0, 0]);
  });

  test("over a socket: of a frame's requests the one that throws is refused, and the others are answered", async () => {
    silence();
    const queue = await quietQueue();
    poison("poison");
    const client = await SocketClient.open(queue.name);
    client.send(JSON.stringify(["a", "poison", "b"].map(enqueueing)));
    await client.until(() => client.received.length === 3);
    const answers = new Map(client.received.map((message) => [message.id, message]));
    expect(answers.get("poison")).toMatchObject({ problem: { code: "internal" } });
    expect([answers.get("a"), answers.get("b")]).toMatchObject([{ ok: {} }, { ok: {} }]);
    expect(await counts(queue)).toEqual([2, 0, 0, 0]);
  });
});

describe("a queue whose turn failed", () => {
  test("is rebuilt from its rows: claims, attempts, order and ids go on", async () => {
    silence();
    const queue = await quietQueue();
    await enqueue(queue, task(1), task(2), task(3), task("own", { id: "own" }));
    const [first, second] = await claim(queue, { max: 2 });
    if (first === undefined || second === undefined) throw new Error("expected two tasks");
    poison("poison");
    // In the turn that fails: an ack and a claim, which happen once each although they are run twice.
    await runInDurableObject(queue.stub, (object) =>
      Promise.allSettled([
        object.operate("ack", { claims: [ref(first.claim)] }),
        object.operate("claim", { max: 2, lanes: MAIN }),
        object.operate("enqueue", { tasks: [task("poison")] }),
      ]),
    ).catch(() => {});
    vi.restoreAllMocks();
    expect(await counts(queue)).toEqual([0, 0, 3, 0]);
    expect(await ack(queue, first, second)).toEqual(["task-not-found", "ok"]);
    expect((await enqueue(queue, task("again", { id: "own" })))[0]).toMatchObject({ id: "own", duplicate: true });
    const [written] = await enqueue(queue, task("last"));
    expect((await browseAll(queue)).map(({ id }) => id)).toContain(written?.id);
  });

  test("does not answer what it had not yet applied, and takes it when it is asked again", async () => {
    silence();
    const queue = await quietQueue();
    poison("poison");
    expect(await enqueueTogether(queue, "poison")).toEqual([]);
    expect(await enqueue(queue, task("a"), task("b"))).toHaveLength(2);
    expect(await counts(queue)).toEqual([2, 0, 0, 0]);
  });
});

describe("an alarm and the rows of its turn", () => {
  test("are written together", async () => {
    const queue = await quietQueue();
    await enqueue(queue, task(1));
    await claimOne(queue, { claimTimeoutMs: 5_000 });
    await queue.restart();
    expect(await alarmOf(queue)).toBe(queue.now() + 5_000);
    expect(await counts(queue)).toEqual([0, 0, 1, 0]);
  });

  test("or neither of them is, when the turn fails after both", async () => {
    silence();
    const queue = await quietQueue();
    await enqueue(queue, task(1));
    // oxlint-disable-next-line typescript/unbound-method
    const arm = AlarmClock.prototype.arm;
    vi.spyOn(AlarmClock.prototype, "arm").mockImplementation(function (this: AlarmClock, at, now) {
      arm.call(this, at, now);
      throw new Error("the power is out");
    });
    await runInDurableObject(queue.stub, (object) =>
      object.operate("claim", { max: 1, lanes: MAIN, claimTimeoutMs: 5_000 }),
    ).catch(() => {});
    vi.restoreAllMocks();
    expect(await alarmOf(queue)).toBeNull();
    expect(await counts(queue)).toEqual([1, 0, 0, 0]);
  });

  test("are one commit of the platform's: an object that is aborted in the turn that wrote them has neither", async () => {
    const queue = await quietQueue();
    await runInDurableObject(queue.stub, (_object, state) => {
      state.storage.sql.exec("CREATE TABLE witness (n INTEGER)");
      state.storage.setAlarm(queue.now() + 60_000).catch(() => {});
      state.abort("the power is out");
    }).catch(() => {});
    expect(await alarmOf(queue)).toBeNull();
    const tables = await runInDurableObject(queue.stub, (_object, state) =>
      state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'witness'").toArray(),
    );
    expect(tables).toEqual([]);
  });
});

test("an operation that finds the queue idle waits for one turn and no longer", async () => {
  const queue = await quietQueue();
  const order = await runInDurableObject(queue.stub, async (object) => {
    const seen: string[] = [];
    const answered: Promise<OutcomeOf<"enqueue">> = object.operate("enqueue", { tasks: [task(1)] });
    void answered.then(() => seen.push("answer"));
    await Promise.resolve();
    seen.push("this turn is over");
    await new Promise((resolve) => setTimeout(resolve, 0));
    seen.push("the next turn is over");
    await answered;
    return seen;
  });
  expect(order).toEqual(["this turn is over", "answer", "the next turn is over"]);
});
