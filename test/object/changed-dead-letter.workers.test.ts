// Rights follow the effect: whoever may change a dead letter may not thereby write into the queue that it came from.

import { expect, test } from "vitest";
import {
  browseAll,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  expectKind,
  nack,
  payloads,
  task,
} from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

async function withLetter(): Promise<{ queue: ObjectQueue; letters: ObjectQueue; id: string; version: number }> {
  const [queue, letters] = [new ObjectQueue(), new ObjectQueue()];
  await configure(queue, { deadLetterQueue: letters.name });
  await enqueue(queue, task("as it died", { id: "order-1" }));
  await nack(queue, await claimOne(queue), { dead: true });
  await delivered(queue);
  const [letter] = await browseAll(letters);
  if (letter === undefined) throw new Error("a dead letter expected");
  return { queue, letters, id: letter.id, version: letter.version };
}

test("a dead letter whose payload was changed goes back only with enqueue on its origin", async () => {
  const { queue, letters, id, version } = await withLetter();
  await letters.operate("changeTask", { id, version, change: { payload: '"forged"' } });
  expect(await letters.operate("redrive", { limit: 10 })).toMatchObject({ tasks: 0, leftChanged: [queue.name] });
  expect(await letters.operate("redrive", { ids: [id], limit: 1 })).toMatchObject({
    tasks: 0,
    notFound: [id],
    leftChanged: [queue.name],
  });
  const allowed = { limit: 10, changedTo: [queue.name] };
  expect(await letters.operate("redrive", allowed)).toMatchObject({ tasks: 1, leftChanged: [] });
  await delivered(letters);
  expect(payloads(await browseAll(queue))).toEqual(["forged"]);
});

test("one that was changed by a modify, too", async () => {
  const { queue, letters, id, version } = await withLetter();
  const change = { headers: { admin: "yes" } };
  const input = { insert: [], change: [{ task: { id, version }, change }], delete: [], depend: [] };
  expectKind(await letters.operate("modify", input), "modified");
  expect(await letters.operate("redrive", { limit: 10 })).toMatchObject({ tasks: 0, leftChanged: [queue.name] });
});

test("one whose key was changed, too: it would hold back that key's tasks in the queue that it came from", async () => {
  const { queue, letters, id, version } = await withLetter();
  await letters.operate("changeTask", { id, version, change: { key: "tenant-of-others" } });
  expect(await letters.operate("redrive", { limit: 10 })).toMatchObject({ tasks: 0, leftChanged: [queue.name] });
});

test("one whose key was changed no longer blocks the strict key under which it died, once it is back", async () => {
  const [queue, letters] = [new ObjectQueue(), new ObjectQueue()];
  await configure(queue, { deadLetterQueue: letters.name, keys: { order: "strict" } });
  await enqueue(queue, task("dies", { key: "old" }), task("waits", { key: "old" }));
  await nack(queue, await claimOne(queue), { dead: true });
  await delivered(queue);
  const [letter] = await browseAll(letters);
  await letters.operate("changeTask", { id: letter?.id ?? "", version: letter?.version ?? 0, change: { key: "new" } });
  expect(await queue.operate("getKey", { key: "old" })).toMatchObject({ report: { limited: { by: "blocked" } } });
  await letters.operate("redrive", { limit: 10, changedTo: [queue.name] });
  await delivered(letters);
  expect(await queue.operate("getKey", { key: "old" })).toMatchObject({ report: { limited: null, blockedBy: [] } });
  expect(payloads(await claim(queue, { max: 10 })).toSorted()).toEqual(["dies", "waits"]);
});

test("one that was only put off until later goes back as any other", async () => {
  const { queue, letters, id, version } = await withLetter();
  await letters.operate("changeTask", { id, version, change: { delayMs: 60_000 } });
  expect(await letters.operate("redrive", { limit: 10 })).toMatchObject({ tasks: 1, leftChanged: [] });
  await delivered(letters);
  expect(await counts(queue)).toEqual([1, 0, 0, 0]);
});

test("a changed one that goes back stage by stage is a changed one at each", async () => {
  const { queue, letters, id } = await withLetter();
  const last = new ObjectQueue();
  await configure(letters, { deadLetterQueue: last.name });
  await nack(letters, await claimOne(letters), { dead: true });
  await delivered(letters);
  const [letter] = await browseAll(last);
  await last.operate("changeTask", { id, version: letter?.version ?? 0, change: { priority: 9 } });
  await last.operate("redrive", { limit: 10, changedTo: [letters.name] });
  await delivered(last);
  expect(await letters.operate("redrive", { limit: 10 })).toMatchObject({ tasks: 0, leftChanged: [queue.name] });
});
