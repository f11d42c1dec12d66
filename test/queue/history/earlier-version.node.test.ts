// A queue whose database is of the version before history was kept: its claims stay held, and what is not known of them is not told.

import { expect, test } from "vitest";
import { ack, claimOne, enqueue, expectKind, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const VERSION = 7;

test("claims of the version before are held on, and how long they were held is not guessed", async () => {
  const queue = new MemoryQueue();
  await enqueue(queue, task(1));
  const held = await claimOne(queue, { claimant: "a" });
  queue.sql.run("ALTER TABLE claims DROP COLUMN claimed_at");
  queue.sql.run("DROP TABLE history");
  queue.sql.run("ALTER TABLE tasks DROP COLUMN past_attempts");
  queue.sql.run("ALTER TABLE inbox DROP COLUMN withdrawn_before");
  queue.sql.run("ALTER TABLE claims DROP COLUMN acked");
  queue.sql.run("ALTER TABLE queue DROP COLUMN purges");
  queue.sql.run("ALTER TABLE queue DROP COLUMN purges_swept");
  queue.sql.run("ALTER TABLE keys DROP COLUMN purges");
  queue.sql.run("ALTER TABLE producers DROP COLUMN fingerprints");
  queue.sql.run("DELETE FROM schema_version WHERE version >= ?", VERSION);

  await queue.restart();
  const { consumers } = expectKind(await queue.operate("listConsumers", { limit: 10 }), "done");
  expect(consumers).toMatchObject([{ claimant: "a", sinceAt: null, claims: 1 }]);
  expect(await ack(queue, held)).toEqual(["ok"]);
  const { history } = expectKind(await queue.operate("getHistory", { stepMs: 60_000 }), "history");
  expect([history.total.events.acked, history.total.runMs]).toEqual([1, null]);
});
