// Queues at the size of real use, on a server of their own: a thousand consumers, a gibibyte, a million tasks.

import { expect, test } from "vitest";
import { serverForTests } from "../node/server-for-tests.ts";
import { FrameConsumer } from "./frame-consumer.ts";

const server = serverForTests();

async function call<Answer>(queue: string, path: string, body?: unknown, method = "POST"): Promise<Answer> {
  const response = await fetch(`${server.url}/v1/queues/${queue}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

interface Stats {
  readonly stats: Readonly<Record<"ready" | "delayed" | "claimed" | "dead", number>>;
}

const statsOf = async (queue: string): Promise<Stats["stats"]> =>
  (await call<Stats>(queue, "", undefined, "GET")).stats;

const tasksOf = (count: number, options: (index: number) => object = () => ({})): { tasks: object[] } => ({
  tasks: Array.from({ length: count }, (_, index) => ({ payload: index, ...options(index) })),
});

test("a thousand consumers over sockets move a gibibyte: nobody is closed, nobody starves, each task is acked once", async () => {
  const CONSUMERS = 1_000;
  const PAYLOAD = "x".repeat(65_536);
  const ROUNDS = 16;
  const ROUND = 1_024;
  let news = Promise.withResolvers<void>();
  const hear = (): void => {
    news.resolve();
    news = Promise.withResolvers<void>();
  };
  const consumers: FrameConsumer[] = [];
  for (let opened = 0; opened < CONSUMERS; opened += 50) {
    const some = Array.from({ length: 50 }, () => FrameConsumer.open(server.url, "wide", 4, hear));
    consumers.push(...(await Promise.all(some)));
  }
  const sum = (of: "acked" | "refused" | "characters"): number =>
    consumers.reduce((total, consumer) => total + consumer[of], 0);
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (let sent = 0; sent < ROUND; sent += 64)
      await call(
        "wide",
        "/tasks",
        tasksOf(64, () => ({ payload: PAYLOAD })),
      );
    while (sum("acked") < round * ROUND) await news.promise;
  }
  expect(sum("characters")).toBe(ROUNDS * ROUND * PAYLOAD.length);
  expect({ acked: sum("acked"), refused: sum("refused") }).toEqual({ acked: ROUNDS * ROUND, refused: 0 });
  expect(consumers.filter(({ closed }) => closed !== null)).toEqual([]);
  expect(consumers.filter(({ acked }) => acked === 0)).toEqual([]);
  expect(await statsOf("wide")).toMatchObject({ ready: 0, claimed: 0, dead: 0 });
  for (const consumer of consumers) consumer.close();
});

test("a hundred thousand claims that expire at once all come back, each attempt counted", async () => {
  const CLAIMS = 100_000;
  await call("expiring", "", { retentionMs: null, maxAttempts: null }, "PUT");
  for (let sent = 0; sent < CLAIMS; sent += 1_000) await call("expiring", "/tasks", tasksOf(1_000));
  interface Claimed {
    readonly tasks: readonly { readonly id: string; readonly claim: string; readonly attempts: number }[];
  }
  const claimAll = async (): Promise<Claimed["tasks"]> => {
    const held = new Map<string, Claimed["tasks"][number]>();
    while (held.size < CLAIMS) {
      const { tasks } = await call<Claimed>("expiring", "/claim", {
        max: 1_000,
        claimTimeoutMs: 600_000,
        waitMs: 20_000,
      });
      for (const task of tasks) held.set(task.id, task);
    }
    return [...held.values()];
  };
  const attemptsOf = (tasks: Claimed["tasks"]): Set<number> => new Set(tasks.map(({ attempts }) => attempts));
  const first = await claimAll();
  expect(attemptsOf(first)).toEqual(new Set([1]));
  expect(await statsOf("expiring")).toMatchObject({ ready: 0, claimed: CLAIMS });
  for (let extended = 0; extended < CLAIMS; extended += 1_000) {
    const claims = first.slice(extended, extended + 1_000).map(({ claim }) => claim);
    await call("expiring", "/extend", { claims, claimTimeoutMs: 1 });
  }
  expect(attemptsOf(await claimAll())).toEqual(new Set([2]));
  expect(await statsOf("expiring")).toMatchObject({ ready: 0, claimed: CLAIMS, dead: 0 });
});

test("a million tasks are purged and another million deleted at once, and others are served meanwhile", async () => {
  const MILLION = 1_000_000;
  const fill = async (queue: string): Promise<void> => {
    await call(queue, "", { retentionMs: null }, "PUT");
    for (let sent = 0; sent < MILLION - 100_000; sent += 1_000) await call(queue, "/tasks", tasksOf(1_000));
    for (let sent = 0; sent < 100_000; sent += 1_000) {
      await call(
        queue,
        "/tasks",
        tasksOf(1_000, (index) => ({ id: `own-${sent + index}`, delayMs: 86_400_000 })),
      );
    }
  };
  for (const [queue, path, method] of [
    ["purged", "/purge", "POST"],
    ["deleted", "", "DELETE"],
  ] as const) {
    await fill(queue);
    expect(await statsOf(queue)).toMatchObject({ ready: MILLION - 100_000, delayed: 100_000 });
    expect(await call(queue, path, method === "POST" ? {} : undefined, method)).toEqual({ tasks: MILLION });
    for (let served = 0; served < 100; served += 1) {
      for (const name of [queue, "other"]) {
        await call(name, "/tasks", { payload: served });
        const { tasks } = await call<{ tasks: readonly { claim: string }[] }>(name, "/claim", {});
        expect(tasks).toHaveLength(1);
        await call(name, "/ack", { claims: tasks.map(({ claim }) => claim) });
      }
    }
    expect(await statsOf(queue)).toMatchObject({ ready: 0, delayed: 0, claimed: 0, dead: 0 });
  }
});
