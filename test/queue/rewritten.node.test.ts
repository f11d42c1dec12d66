// SQLite writes a row whole, whatever changes of it: how many payloads one turn writes anew is bounded by counted bytes, and what
// is asked for beyond it is done in the turns after it.

import { beforeEach, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import { claim, configure, counts, enqueue, ref, stats, task } from "../contract/builders.ts";
import { aroundTurns } from "../node/around-turns.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

/** Made once: to write it as JSON takes longer than to store it. */
const LARGE_TASK = task("x".repeat(LIMITS.payloadBytes - 2));
/** More than twice as many as one turn may write anew. */
const MANY = (2 * LIMITS.turnRewrittenBytes) / LIMITS.payloadBytes + 3;
/** The last of a turn may be one of the largest. */
const MOST = LIMITS.turnRewrittenBytes + LIMITS.payloadBytes;

let queue: RewritingQueue;

/** Counts the payloads that each turn writes anew, by what its statements say. */
class RewritingQueue extends MemoryQueue {
  most = 0;
  turns = 0;
  #bytes = 0;

  constructor() {
    super();
    const { sql } = this;
    const run = sql.run.bind(sql);
    sql.run = (statement, ...parameters) => {
      if (/^UPDATE (tasks|outbox) SET (?!.*state = 2)|^INSERT INTO outbox .*SELECT/s.test(statement)) {
        this.#bytes += LIMITS.payloadBytes;
      }
      return run(statement, ...parameters);
    };
    aroundTurns(sql, () => this.#ended());
  }

  #ended(): void {
    this.most = Math.max(this.most, this.#bytes);
    if (this.#bytes > 0) this.turns += 1;
    this.#bytes = 0;
  }
}

async function claimMany(): Promise<ClaimedTask[]> {
  const held: ClaimedTask[] = [];
  while (held.length < MANY) held.push(...(await claim(queue, { max: MANY, claimTimeoutMs: 60_000 })));
  return held;
}

beforeEach(async () => {
  queue = new RewritingQueue();
  await configure(queue, { backoff: { minMs: 0, maxMs: 0, factor: 1, jitter: 0 } });
  for (let n = 0; n < MANY; n += 1) await enqueue(queue, LARGE_TASK);
  queue.most = 0;
  queue.turns = 0;
});

const ITEMS = {
  "are to be tried again": { error: "x" },
  "are given back": { release: true },
  "are snoozed": { snooze: true, delayMs: 1_000 },
  "are dead": { dead: true },
};

test.each(Object.entries(ITEMS))(
  "claims of large tasks that %s in one call are so over several turns",
  async (_, how) => {
    const held = await claimMany();
    const other = queue.operate("getQueue", null);
    const outcome = await queue.operate("nack", { claims: held.map((one) => ({ claim: ref(one.claim), ...how })) });
    expect(outcome).toEqual({ kind: "nacked", results: held.map(() => ({ ok: true })) });
    expect((await other).kind).toBe("queue");
    expect(queue.turns).toBeGreaterThanOrEqual(3);
    expect(queue.most).toBeLessThanOrEqual(MOST);
    expect((await stats(queue)).claimed).toBe(0);
  },
);

test("dead letters of large tasks are written over several turns, beside acks of the same call", async () => {
  await configure(queue, { deadLetterQueue: "orders-dead" });
  const [first, ...others] = await claimMany();
  const acks = first === undefined ? [] : [ref(first.claim)];
  const nacks = others.map((one) => ({ claim: ref(one.claim), dead: true }));
  const outcome = await queue.operate("settle", { acks, nacks });
  expect(outcome).toEqual({ kind: "settled", acks: [{ ok: true }], nacks: nacks.map(() => ({ ok: true })) });
  expect(queue.most).toBeLessThanOrEqual(MOST);
  expect(await counts(queue)).toEqual([0, 0, 0, 0]);
});

test("calls that each give back a few large tasks share no more of a turn than one call has", async () => {
  const held = await claimMany();
  const calls = held.map((one) => queue.operate("nack", { claims: [{ claim: ref(one.claim), error: "x" }] }));
  for (const outcome of await Promise.all(calls)) expect(outcome).toMatchObject({ results: [{ ok: true }] });
  expect(queue.turns).toBeGreaterThanOrEqual(3);
  expect(queue.most).toBeLessThanOrEqual(MOST);
});

test("claims of large tasks that run out at one instant, also after a restart, end over several turns", async () => {
  await claimMany();
  await queue.restart();
  queue.advance(60_000);
  // Each alarm ends as many as a turn may, and asks for the next.
  for (let alarms = 0; alarms < 5; alarms += 1) await queue.sweep();
  expect(queue.turns).toBeGreaterThanOrEqual(3);
  expect(queue.most).toBeLessThanOrEqual(MOST);
  expect(await claim(queue, { max: 1 })).toMatchObject([{ attempts: 2 }]);
});

test("a page of what is done to all that match ends with what a turn may write anew, and goes on behind it", async () => {
  const input = { terms: [], action: "snooze", delayMs: 3_600_000, force: false, dryRun: false, limit: 1_000 } as const;
  let [after, tasks, pages]: [unknown, number, number] = [0, 0, 0];
  while (after !== null) {
    const outcome = await queue.operate("apply", { ...input, after: after as number });
    if (outcome.kind !== "applied") throw new Error(`expected a page, found ${outcome.kind}`);
    tasks += outcome.tasks;
    pages += 1;
    ({ after } = outcome);
  }
  expect([tasks, await counts(queue)]).toEqual([MANY, [0, MANY, 0, 0]]);
  expect(pages).toBeGreaterThanOrEqual(3);
  expect(queue.most).toBeLessThanOrEqual(MOST);
});
