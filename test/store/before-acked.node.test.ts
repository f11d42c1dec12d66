// A database of the version before claims' rows said which tasks were acked: what it holds goes on, and is told of from then on.

import { expect, test } from "vitest";
import { ack, claim, configure, enqueue, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

/** The schema that brought the column. */
const VERSION = 10;

test("keyed tasks of the version before are acked and claimed on, and are not offered again after a restart", async () => {
  const queue = new MemoryQueue();
  await configure(queue, { keys: { concurrency: 1 } });
  await enqueue(queue, task("first", { key: "a" }), task("second", { key: "a" }));
  const held = await claim(queue);
  queue.sql.run("ALTER TABLE claims DROP COLUMN acked");
  queue.sql.run("ALTER TABLE queue DROP COLUMN purges");
  queue.sql.run("ALTER TABLE queue DROP COLUMN purges_swept");
  queue.sql.run("ALTER TABLE keys DROP COLUMN purges");
  queue.sql.run("ALTER TABLE producers DROP COLUMN fingerprints");
  queue.sql.run("DELETE FROM schema_version WHERE version >= ?", VERSION);
  await queue.restart();
  const [results, next] = await Promise.all([ack(queue, ...held), claim(queue)]);
  expect(results).toEqual(["ok"]);
  expect(next).toMatchObject([{ payload: '"second"' }]);
  await queue.restart();
  expect(await claim(queue)).toEqual([]);
  expect(await ack(queue, ...held)).toEqual(["task-not-found"]);
  expect(await ack(queue, ...next)).toEqual(["ok"]);
});
