// A queue that holds a million tasks, dead letters or ids asks as much of its database as one that holds a thousand: counted in
// rows that SQLite reads and in statements, of each thing that producers, consumers and owners do all the time.

import { runInDurableObject } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { ObjectSql } from "../../src/object/object-sql.ts";
import { ack, claim, claimOne, configure, enqueue, expectKind, ref, stats, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

const DAY_MS = 86_400_000;
const THOUSAND = 1_000;
const MILLION = 1_000_000;
/** As many as a queue may have in flight. */
const MOST_CLAIMED = 120_000;

interface Work {
  readonly rowsRead: number;
  readonly statements: number;
}

/** What the queue reads and asks of its database while `act` runs. */
async function working(queue: ObjectQueue, act: () => Promise<unknown>): Promise<Work> {
  const rowsRead = (): Promise<number> => runInDurableObject(queue.stub, (object) => object.usage().rowsRead);
  const all = vi.spyOn(ObjectSql.prototype, "all");
  const run = vi.spyOn(ObjectSql.prototype, "run");
  const before = await rowsRead();
  await act();
  const rows = (await rowsRead()) - before;
  const statements = all.mock.calls.length + run.mock.calls.length;
  vi.restoreAllMocks();
  return { rowsRead: rows, statements };
}

const thousand = (options: (index: number) => object = () => ({})): ReturnType<typeof task>[] =>
  Array.from({ length: THOUSAND }, (_, index) => task(index, options(index)));

const claimThousand = (queue: ObjectQueue): ReturnType<typeof claim> =>
  claim(queue, { max: THOUSAND, lanes: { any: ["main", "side"] }, claimTimeoutMs: DAY_MS / 4 });

/**
 * Makes a million of the thousand tasks that the queue holds: their rows again and again, under earlier keys, as if as many had
 * come before and gone the same way. By the door it would take minutes.
 */
async function multiply(queue: ObjectQueue, times: number): Promise<void> {
  await runInDurableObject(queue.stub, (_object, { storage: { sql } }) => {
    const columns = sql
      .exec<{ name: string }>(`SELECT name FROM pragma_table_info('tasks')`)
      .toArray()
      .map(({ name }) => name);
    const copied = columns.map((name) => {
      if (name === "seq") return `seq - copy * ${THOUSAND}`;
      // In the order of the copies, so that the index grows at its end.
      return name === "task_id" ? `printf('%06d-', 1000000 - copy) || task_id` : name;
    });
    sql.exec(
      `INSERT INTO tasks (${columns.join()}) WITH RECURSIVE copies (copy) AS
         (SELECT ? UNION ALL SELECT copy - 1 FROM copies WHERE copy > 1)
       SELECT ${copied.join()} FROM copies CROSS JOIN (SELECT * FROM tasks ORDER BY seq) held WHERE copy > 0`,
      times - 1,
    );
  });
  await queue.restart();
}

const REMEMBERED = "ids that are remembered";
type Fill = (queue: ObjectQueue, count: number) => Promise<unknown>;

const STATES: Readonly<Record<string, Fill>> = {
  "ready, sharing rows": async (queue, count) => {
    await enqueue(queue, ...thousand());
    await multiply(queue, count / THOUSAND);
  },
  "ready, a row each": async (queue, count) => {
    await enqueue(queue, ...thousand(() => ({ lane: "side", priority: 1 })));
    await multiply(queue, count / THOUSAND);
  },
  delayed: async (queue, count) => {
    await enqueue(queue, ...thousand(() => ({ delayMs: DAY_MS })));
    await multiply(queue, count / THOUSAND);
  },
  claimed: async (queue, count) => {
    for (let claimed = 0; claimed < Math.min(count, MOST_CLAIMED); claimed += THOUSAND) {
      await enqueue(queue, ...thousand());
      await claimThousand(queue);
    }
    await queue.restart();
  },
  dead: async (queue, count) => {
    await enqueue(queue, ...thousand(() => ({ lane: "side" })));
    const held = await claimThousand(queue);
    const claims = held.map((one) => ({ claim: ref(one.claim), dead: true }));
    expectKind(await queue.operate("nack", { claims }), "nacked");
    await multiply(queue, count / THOUSAND);
  },
  [REMEMBERED]: async (queue, count) => {
    await enqueue(queue, ...thousand((index) => ({ id: `id-${index}` })));
    await ack(queue, ...(await claimThousand(queue)));
    await multiply(queue, count / THOUSAND);
  },
};

async function filled(fill: Fill, count: number): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null, dedupeMs: DAY_MS, maxInFlight: MOST_CLAIMED + THOUSAND });
  await fill(queue, count);
  return queue;
}

/** What is done all the time, one after another. */
async function workOf(queue: ObjectQueue, maxBacklog: number | null): Promise<Record<string, Work>> {
  await configure(queue, { maxBacklog });
  // After a wake the tasks are counted once, a part in each turn.
  await stats(queue);
  // The reports that a queue may make at once are made: the clock stands still, so that no other is in what is measured.
  for (let turn = 0; turn < 20; turn += 1) await enqueue(queue, task("reported", { lane: "reported" }));
  const work: Record<string, Work> = {};
  const measure = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    work[what] = await working(queue, act);
  };
  const own = task("with an id", { id: `own-${maxBacklog}`, lane: "other" });
  await measure("an enqueue", () => enqueue(queue, task("plain")));
  await measure("an enqueue with an id", () => enqueue(queue, own));
  await measure("its duplicate", () => enqueue(queue, own));
  await measure("a claim", () => claimOne(queue));
  await measure("a claim of ten", () => claim(queue, { max: 10, lanes: { any: ["main", "side", "other"] } }));
  await enqueue(queue, task("to ack", { lane: "last" }));
  const held = await claimOne(queue, { lanes: { inOrder: ["last"] } });
  await measure("an ack", () => ack(queue, held));
  await measure("the statistics", () => stats(queue));
  for (const state of ["ready", "delayed", "claimed", "dead"] as const) {
    await measure(`a page of ${state} ones`, () => queue.operate("browse", { state, limit: 10, after: 0 }));
  }
  await measure("an alarm", () => queue.sweep());
  return work;
}

/** Rows that a new life of the object has read when its first claim is answered, and those that it counts for its report after that. */
async function rowsReadByWake(queue: ObjectQueue): Promise<{ toClaim: number; forReport: number }> {
  await enqueue(queue, task("first", { lane: "last" }));
  await queue.restart();
  const toClaim = await runInDurableObject(queue.stub, async (object) => {
    expectKind(await object.operate("claim", { max: 1, lanes: { inOrder: ["last"] } }), "claimed");
    return object.usage().rowsRead;
  });
  const rowsRead = await runInDurableObject(queue.stub, (object) => object.usage().rowsRead);
  return { toClaim, forReport: rowsRead - toClaim };
}

test.each(Object.entries(STATES))("%s", async (name, fill) => {
  const few = await filled(fill, THOUSAND);
  const many = await filled(fill, MILLION);
  const held = await stats(many);
  const total = held.ready + held.delayed + held.claimed + held.dead;
  // Ids that are remembered are in no count: at least fifty bytes each.
  const stored = name === REMEMBERED ? Math.min(MILLION, Math.floor(held.bytes / 50)) : total;
  expect(stored).toBe(name === "claimed" ? MOST_CLAIMED : MILLION);
  for (const maxBacklog of [null, 10_000_000]) {
    expect(await workOf(many, maxBacklog)).toEqual(await workOf(few, maxBacklog));
  }
  // A wake reads what is in flight, and no more (P12).
  const perClaim = name === "claimed" ? 3 * (MOST_CLAIMED - THOUSAND) : 0;
  const { toClaim, forReport } = await rowsReadByWake(many);
  expect(toClaim).toBeLessThanOrEqual((await rowsReadByWake(few)).toClaim + perClaim);
  // A thousand rows, each read three times.
  expect(forReport).toBeLessThan(3_200);
});
