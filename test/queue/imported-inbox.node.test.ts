// What an import brings of how far a queue had taken its senders' messages joins what the queue knows over several turns, however many
// senders there are; until it is all there no message is taken, so that each is taken once (P9).

import { expect, test } from "vitest";
import type { TransferRecord } from "../../src/core/transfer.ts";
import type { Message } from "../../src/queue/queue.ts";
import { counts, enqueue, task } from "../contract/builders.ts";
import { exported, imported } from "../contract/transfer-builders.ts";
import { aroundTurns } from "../node/around-turns.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const SENDERS = 10_500;
/** As the removal of what was set aside has it. */
const ROWS_OF_TURN = 2_000;

const messageOf = (seq: number): Message => ({ seq, kind: "insert", body: "{}", payload: '"sent"' });

function knownSenders({ sql }: MemoryQueue): number {
  if (sql.all(`SELECT 1 FROM sqlite_master WHERE name = 'inbox'`).length === 0) return 0;
  return Number(sql.all(`SELECT count(*) AS count FROM inbox`)[0]?.["count"]);
}

test("ten thousand senders of an import are joined in slices, and none of their messages is taken again", async () => {
  const before = new MemoryQueue();
  await enqueue(before, task("kept"));
  const { head, records } = await exported(before);
  const taken = Array.from({ length: SENDERS }, (_, index): TransferRecord => {
    const row = { sender: `sender-${index}`, last_seq: 10, withdrawn: 0, withdrawn_before: "[]" };
    return { table: "inbox", row };
  });

  const queue = new MemoryQueue();
  await queue.queue.receive("sender-1", [messageOf(20)]);
  let known = 0;
  let most = 0;
  let turns = 0;
  aroundTurns(
    queue.sql,
    () => {
      const more = knownSenders(queue) - known;
      most = Math.max(most, more);
      if (more > 0) turns += 1;
    },
    () => (known = knownSenders(queue)),
  );
  const whole = { head, records: [...records, ...taken] };
  expect(await imported(queue, whole, { replace: true })).toMatchObject({ isWhole: true });
  expect(knownSenders(queue)).toBeLessThan(SENDERS);
  const ofLast = queue.queue.receive(`sender-${SENDERS - 1}`, [messageOf(10), messageOf(11)]);
  const ofFirst = queue.queue.receive("sender-1", [messageOf(15), messageOf(20), messageOf(21)]);
  expect(await ofLast).toEqual({ kind: "received", upTo: 11 });
  expect(await ofFirst).toEqual({ kind: "received", upTo: 21 });
  expect(knownSenders(queue)).toBe(SENDERS);
  expect(most).toBeLessThanOrEqual(ROWS_OF_TURN);
  expect(turns).toBeGreaterThanOrEqual(SENDERS / ROWS_OF_TURN);
  // The imported one, and the two that were not taken in either life.
  expect(await counts(queue)).toEqual([3, 0, 0, 0]);
});
