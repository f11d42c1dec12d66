// What an import brings of messages that the same queue owed to others follows it over several turns, however many and large they
// are; until all of them are there none is delivered, so that each receiver is sent them in order (P9).

import { beforeEach, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { claimOne, configure, enqueue, expectKind, nack, task } from "../contract/builders.ts";
import { exported, imported, type Exported } from "../contract/transfer-builders.ts";
import { aroundTurns } from "../node/around-turns.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const LARGE = "x".repeat(LIMITS.payloadBytes - 2);
/** More than twice as many as one turn may write. */
const MANY = (2 * LIMITS.turnRewrittenBytes) / LIMITS.payloadBytes + 3;

/** Knows by how many bytes each turn has made the outbox larger. */
class OwingQueue extends MemoryQueue {
  most = 0;
  turns = 0;
  /** No turn runs any longer once the outbox has grown. */
  crashes = false;
  #isCrashed = false;
  #before = 0;

  constructor() {
    super();
    aroundTurns(
      this.sql,
      () => this.#ended(),
      () => (this.#before = this.#owedBytes()),
    );
  }

  protected override soon(turn: () => void): void {
    super.soon(() => {
      if (!this.#isCrashed) turn();
    });
  }

  override restart(): Promise<void> {
    this.#isCrashed = false;
    this.crashes = false;
    return super.restart();
  }

  #owedBytes(): number {
    if (this.sql.all(`SELECT 1 FROM sqlite_master WHERE name = 'outbox'`).length === 0) return 0;
    const [row] = this.sql.all(`SELECT coalesce(sum(octet_length(payload)), 0) AS bytes FROM outbox`);
    return Number(row?.["bytes"]);
  }

  #ended(): void {
    const bytes = this.#owedBytes() - this.#before;
    this.most = Math.max(this.most, bytes);
    if (bytes <= LIMITS.payloadBytes) return;
    this.turns += 1;
    this.#isCrashed = this.crashes;
  }
}

let whole: Exported;
let sent: number[];
let queue: OwingQueue;

/** An export of a queue that owes dead letters. */
beforeEach(async () => {
  const before = new MemoryQueue();
  before.deliver = () => Promise.reject(new Error("not there"));
  await configure(before, { deadLetterQueue: "orders-dead", maxAttempts: 1, retentionMs: null });
  for (let n = 0; n < MANY; n += 1) {
    await enqueue(before, task(LARGE));
    await nack(before, await claimOne(before));
  }
  whole = await exported(before);
  sent = [];
  queue = new OwingQueue();
  queue.deliver = (receiver, messages) => {
    if (receiver === "orders-dead") sent.push(...messages.map(({ seq }) => seq));
    return Promise.resolve({ kind: "received", upTo: messages.at(-1)?.seq ?? 0 });
  };
});

/** Turns go by until all have been delivered. */
async function delivered(count: number): Promise<void> {
  for (let turns = 0; turns < 200 && sent.length < count; turns += 1) await queue.operate("getQueue", null);
  expect(sent).toHaveLength(count);
}

test("messages that an import brings follow over several turns, and are delivered in order, before those of later", async () => {
  expect(await imported(queue, whole, {}, 1)).toMatchObject({ isWhole: true });
  // One that dies meanwhile.
  await enqueue(queue, task("last"));
  await nack(queue, await claimOne(queue));
  await delivered(MANY + 1);
  expect(sent).toEqual(sent.toSorted((one, other) => one - other));
  expect(queue.turns).toBeGreaterThanOrEqual(3);
  expect(queue.most).toBeLessThanOrEqual(LIMITS.turnRewrittenBytes + LIMITS.payloadBytes);
  expect(expectKind(await queue.operate("listOutbox", { limit: 10, after: null }), "outbox").messages).toEqual([]);
});

test("after a crash in the middle none is lost, and the alarm goes on with it", async () => {
  queue.crashes = true;
  expect(await imported(queue, whole, {}, 1)).toMatchObject({ isWhole: true });
  for (let turns = 0; turns < 10; turns += 1) await Promise.resolve();
  expect([queue.turns, sent]).toEqual([1, []]);
  await queue.restart();
  queue.advance(60_000);
  await queue.sweep();
  await delivered(MANY);
  expect(sent).toEqual(sent.toSorted((one, other) => one - other));
});
