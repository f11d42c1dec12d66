// A queue at the limit of its storage: what shrinks it passes, what grows it is refused, whatever the operation.

import { expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { ObjectSql } from "../../src/object/object-sql.ts";
import { ack, browseAll, claimOne, configure, enqueue, payloads, ref, task } from "../contract/builders.ts";
import { modify, modifyInput, put, type LooseModify } from "../contract/modify-builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

const FULL = { kind: "queue-full", what: "bytes", limit: LIMITS.storageBytes };

async function open(): Promise<[queue: ObjectQueue, next: ObjectQueue]> {
  const [queue, next] = [new ObjectQueue(), new ObjectQueue()];
  for (const made of [queue, next]) {
    await configure(made, {});
    await delivered(made);
  }
  return [queue, next];
}

const fill = () => vi.spyOn(ObjectSql.prototype, "isLargerThan").mockReturnValue(true);
const tryModify = (queue: ObjectQueue, input: LooseModify) => queue.operate("modify", modifyInput(input));

test("a step of a pipeline passes, task out and message on; the message alone does not", async () => {
  const [queue, next] = await open();
  await enqueue(queue, task("work"), task("next"));
  const held = await claimOne(queue);
  const insert = [{ task: task("work"), queue: next.name }];
  const full = fill();
  expect(await tryModify(queue, { insert })).toEqual(FULL);
  await modify(queue, { insert, delete: [{ task: { claim: ref(held.claim) } }] });
  full.mockRestore();
  queue.advance(300_000);
  await queue.sweep();
  await delivered(queue);
  expect(payloads(await browseAll(next))).toEqual(["work"]);
  expect(payloads(await browseAll(queue))).toEqual(["next"]);
});

test("a task is changed to a payload that is no larger, by itself and in a modify", async () => {
  const [queue] = await open();
  const [written] = await enqueue(queue, task("four", { id: "a" }));
  if (written === undefined) throw new Error("a task was expected");
  fill();
  const change = (payload: string, version: number) =>
    queue.operate("changeTask", { id: "a", version, change: { payload, contentType: null } });
  expect(await change('"larger"', written.version)).toEqual(FULL);
  expect(await change('"less"', written.version)).toMatchObject({ kind: "task" });
  const held = await claimOne(queue);
  const changed = (payload: string): LooseModify => ({
    change: [{ task: { claim: ref(held.claim) }, change: { payload, contentType: null } }],
  });
  expect(await tryModify(queue, changed('"larger"'))).toEqual(FULL);
  expect(await tryModify(queue, changed('"é"'))).toMatchObject({ kind: "modified" });
  expect(await ack(queue, await claimOne(queue))).toEqual(["ok"]);
});

test("a document is replaced by one that is no larger, by itself and in a modify", async () => {
  const [queue] = await open();
  const { version } = await put(queue, "k", { sum: 1_000 });
  fill();
  const write = (value: unknown) => queue.operate("putDocument", { key: "k", value: JSON.stringify(value) });
  expect(await write({ sum: 10_000 })).toEqual(FULL);
  expect(await write({ sum: 2_000 })).toMatchObject({ kind: "document" });
  expect(await queue.operate("putDocument", { key: "new", value: "1" })).toEqual(FULL);
  const current = await queue.operate("getDocument", { key: "k" });
  if (current.kind !== "document") throw new Error(current.kind);
  const document = { key: "k", version: current.document.version };
  expect(document.version).toBeGreaterThan(version);
  expect(await tryModify(queue, { change: [{ document, value: '{"sum":10000}' }] })).toEqual(FULL);
  expect(await tryModify(queue, { change: [{ document, value: '{"sum":3}' }] })).toMatchObject({ kind: "modified" });
});
