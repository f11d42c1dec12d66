// A call whose payloads are more than one turn may free or write is divided over several. What an earlier turn has done stays done,
// and is answered as done, whatever fails after it.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { ClaimRef } from "../../src/core/claim-token.ts";
import { claim, configure, counts, enqueue, ref, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const BYTES = 1_000;
/** Tasks that one turn acks, or gives back. */
const PER_TURN = 4;
const TASKS = 2 * PER_TURN + 2;
const { turnFreedBytes, turnRewrittenBytes } = LIMITS;

let queue: MemoryQueue;
let acks: ClaimRef[];

beforeEach(async () => {
  Object.assign(LIMITS, { turnFreedBytes: PER_TURN * BYTES, turnRewrittenBytes: PER_TURN * BYTES });
  vi.spyOn(console, "error").mockImplementation(() => {});
  let draws = 0;
  queue = new MemoryQueue("orders", () => (draws += 1 / 64) % 1);
  await configure(queue, { dedupeMs: 0 });
  for (let n = 0; n < TASKS; n += 1) await enqueue(queue, task("x".repeat(BYTES - 2), { id: `order-${n}` }));
  acks = (await claim(queue, { max: TASKS, claimTimeoutMs: 60_000 })).map((one) => ref(one.claim));
});

afterEach(() => {
  Object.assign(LIMITS, { turnFreedBytes, turnRewrittenBytes });
  vi.restoreAllMocks();
});

/** After `turns` of them have been committed, every statement that begins like this fails. */
function failAfter(turns: number, beginning: string): void {
  let committed = 0;
  queue.queue.watch({ committed: () => (committed += 1), rolledBack: () => {} });
  const run = queue.sql.run.bind(queue.sql);
  queue.sql.run = (statement, ...parameters) => {
    if (committed >= turns && statement.startsWith(beginning)) throw new Error("database or disk is full");
    return run(statement, ...parameters);
  };
}

const OK = { ok: true };
const done = (count: number) => acks.slice(0, count).map(({ token }) => ({ claim: token, ok: true }));

test("an ack of which a later turn fails is answered with what the turns before have done", async () => {
  failAfter(1, "DELETE FROM tasks");
  expect(await queue.operate("ack", { claims: acks })).toEqual({
    kind: "unfinished",
    error: "Error: database or disk is full",
    results: done(PER_TURN),
  });
  expect(await counts(queue)).toEqual([0, 0, TASKS - PER_TURN, 0]);
});

test("so is a nack", async () => {
  failAfter(1, "UPDATE tasks");
  const outcome = await queue.operate("nack", { claims: acks.map((one) => ({ claim: one, release: true })) });
  expect(outcome).toMatchObject({ kind: "unfinished", results: done(PER_TURN) });
  expect(await counts(queue)).toEqual([PER_TURN, 0, TASKS - PER_TURN, 0]);
});

test("so is a settle, which says it of acks and nacks", async () => {
  failAfter(1, "UPDATE tasks");
  const [first, second, ...rest] = acks as [ClaimRef, ClaimRef, ...ClaimRef[]];
  const nacks = rest.map((one) => ({ claim: one, release: true }));
  const outcome = await queue.operate("settle", { acks: [first, second], nacks });
  expect(outcome).toMatchObject({ kind: "unfinished", results: done(2 + PER_TURN) });
  expect(await counts(queue)).toEqual([PER_TURN, 0, TASKS - PER_TURN - 2, 0]);
});

test.each([0, 1, 2])("another's failure in turn %i of an ack changes none of its answers", async (turns) => {
  let committed = 0;
  queue.queue.watch({ committed: () => (committed += 1), rolledBack: () => {} });
  const job = (): void => {
    if (committed >= turns) throw new Error("not of the ack");
    queue.queue.add("other", job);
  };
  queue.queue.add("other", job);
  const outcome = await queue.operate("ack", { claims: acks });
  expect(outcome).toEqual({ kind: "acked", results: acks.map(() => OK) });
  expect(await counts(queue)).toEqual([0, 0, 0, 0]);
});

test("a life that begins between the turns loses the claims that are left, and none of those that were acked", async () => {
  const acked = queue.operate("ack", { claims: acks });
  await queue.operate("reincarnate", null);
  const lost = { ok: false, code: "claim-lost" };
  expect(await acked).toEqual({ kind: "acked", results: acks.map((_, n) => (n < PER_TURN ? OK : lost)) });
});
