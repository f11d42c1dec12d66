// A turn that fails is run again job by job: what happened is told, what was undone is not, and nothing is lost between.

import { runInDurableObject } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { TaskStatements } from "../../src/store/task-statements.ts";
import { enqueue, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";
import { SocketClient } from "../workers/socket-client.ts";

stoppedClock();

type Task = ReturnType<typeof task>;

interface Told {
  readonly facts: readonly { readonly kind: string; readonly id?: string }[];
  readonly missed?: number;
}
const toldTo = (client: SocketClient): Told[] =>
  client.received.filter(({ op }) => op === "facts") as unknown as Told[];
const factsOf = (client: SocketClient) => toldTo(client).flatMap(({ facts }) => facts);
const missedBy = (client: SocketClient): number => toldTo(client).reduce((sum, { missed = 0 }) => sum + missed, 0);

async function tail(queue: ObjectQueue, facts: object = {}): Promise<SocketClient> {
  const client = await SocketClient.open(queue.name);
  expect(await client.ask("watch", { facts })).toMatchObject({ ok: {} });
  return client;
}

const settled = (client: SocketClient): Promise<unknown> => client.ask("getTask", { id: "nothing" });

/** From now on, writing this payload fails after it has been written. */
function poison(payload: string): void {
  vi.spyOn(console, "error").mockImplementation(() => {});
  // oxlint-disable-next-line typescript/unbound-method
  const insert = TaskStatements.prototype.insertPlain;
  vi.spyOn(TaskStatements.prototype, "insertPlain").mockImplementation(function (this: TaskStatements, seq, tasks) {
    insert.call(this, seq, tasks);
    if (tasks.some((written) => written === JSON.stringify(payload))) throw new Error("the disk is on fire");
  });
}

/** Jobs of one turn, of which one throws. */
async function failingTurn(queue: ObjectQueue, ...jobs: readonly (readonly Task[])[]): Promise<void> {
  poison("poison");
  await runInDurableObject(queue.stub, (object) =>
    Promise.allSettled([...jobs, [task("poison")]].map((tasks) => object.operate("enqueue", { tasks }))),
  ).catch(() => {});
  vi.restoreAllMocks();
}

test("of a turn that fails only what happened when its jobs ran by themselves is sent, once each", async () => {
  const queue = new ObjectQueue();
  const client = await tail(queue);
  await enqueue(queue, task("x", { id: "x" }));
  poison("poison");
  await runInDurableObject(queue.stub, (object) =>
    Promise.allSettled([
      object.operate("enqueue", { tasks: [task("a", { id: "a" })] }),
      object.operate("claim", { max: 1, lanes: { inOrder: ["main"] } }),
      object.operate("enqueue", { tasks: [task("poison")] }),
      object.operate("enqueue", { tasks: [task("b", { id: "b" })] }),
    ]),
  ).catch(() => {});
  await settled(client);
  expect(factsOf(client).map(({ kind, id }) => [kind, id])).toEqual([
    ["enqueued", "x"],
    ["enqueued", "a"],
    ["claimed", "x"],
    ["enqueued", "b"],
  ]);
  expect(missedBy(client)).toBe(0);
});

test("one who asks in a turn that fails is sent facts from then on", async () => {
  const queue = new ObjectQueue();
  await enqueue(queue, task("before"));
  const client = await SocketClient.open(queue.name);
  poison("poison");
  client.send(
    JSON.stringify([
      { id: "watch", op: "watch", body: { facts: {} } },
      ...["a", "poison", "b"].map((id) => ({ id, op: "enqueue", body: { id, payload: id === "poison" ? id : "x" } })),
      { id: "poison", op: "enqueue", body: { payload: "poison" } },
    ]),
  );
  await client.until(() => client.received.some(({ id, problem }) => id === "poison" && problem !== undefined));
  await settled(client);
  expect(factsOf(client).map(({ kind, id }) => [kind, id])).toEqual([
    ["enqueued", "a"],
    ["enqueued", "poison"],
    ["enqueued", "b"],
  ]);
});

const withLongIds = (round: string): readonly Task[] =>
  Array.from({ length: 600 }, (_, index) => task(1, { id: `${round}-${index}`.padEnd(128, "x") }));

test("what is sent and what is missed add up to what happened, also for one who does not read while turns fail", async () => {
  const queue = new ObjectQueue();
  const client = await tail(queue);
  client.isReading = false;
  for (let round = 0; round < 8; round += 1)
    await failingTurn(queue, withLongIds(`a${round}`), withLongIds(`b${round}`));
  client.isReading = true;
  for (const message of client.received.filter(({ op }) => op === "sync")) client.send(JSON.stringify(message));
  await client.until(() => missedBy(client) > 0);
  await settled(client);
  expect(factsOf(client).length).toBeLessThan(9_600);
  expect(factsOf(client).length + missedBy(client)).toBe(9_600);
});
