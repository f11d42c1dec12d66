// A database of the version before tasks remembered their attempts: what it holds remembers none, and does from then on.

import { expect, test } from "vitest";
import { claimOne, enqueue, get, nack, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

/** The schema that brought the column. */
const VERSION = 8;

test("tasks of the version before remember the attempts that end from then on, those that were under way too", async () => {
  const queue = new MemoryQueue();
  const [written] = await enqueue(queue, task(1, { priority: 1 }));
  const id = written?.id ?? "";
  await nack(queue, await claimOne(queue), { delayMs: 0, error: "before" });
  const held = await claimOne(queue, { claimant: "worker-1" });
  queue.sql.run("ALTER TABLE tasks DROP COLUMN past_attempts");
  queue.sql.run("ALTER TABLE inbox DROP COLUMN withdrawn_before");
  queue.sql.run("ALTER TABLE claims DROP COLUMN acked");
  queue.sql.run("ALTER TABLE queue DROP COLUMN purges");
  queue.sql.run("ALTER TABLE queue DROP COLUMN purges_swept");
  queue.sql.run("ALTER TABLE keys DROP COLUMN purges");
  queue.sql.run("ALTER TABLE producers DROP COLUMN fingerprints");
  queue.sql.run("DELETE FROM schema_version WHERE version >= ?", VERSION);
  await queue.restart();
  expect(await get(queue, id)).toMatchObject({ attempts: 2, pastAttempts: [] });
  expect(await nack(queue, held, { delayMs: 0, error: "after" })).toBe("ok");
  const remembered = { attempt: 2, claimant: "worker-1", outcome: "failed", error: "after" };
  expect(await get(queue, id)).toMatchObject({ pastAttempts: [remembered] });
});
