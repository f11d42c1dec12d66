// What somebody does who looks after a queue: finds tasks, does something to all that match, and takes claims away.

import { describe, expect, test } from "vitest";
import { OPERATIONS } from "../../src/api/operation-table.ts";
import type { InputOf, NewTask, OutcomeOf } from "../../src/core/operation.ts";
import { ack, claim, claimOne, configure, counts, enqueue, expectKind, get, nack, payloads, task } from "./builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

/** A task `one` that has died. Its version. */
async function dead(queue: QueueDriver, options: Parameters<typeof task>[1] = {}): Promise<number> {
  await enqueue(queue, task("old", { id: "one", maxAttempts: 1, ...options }));
  await nack(queue, await claimOne(queue), { error: "cannot be read" });
  return (await get(queue, "one")).version;
}

export function operatorContract(open: OpenQueue): void {
  describe("a search", () => {
    test.each<[string, readonly string[]]>([
      ["state:dead", ["failed"]],
      ["state:claimed", ["held"]],
      ["state:delayed", ["later"]],
      ["lane:side", ["3"]],
      ["lane:s*", ["3"]],
      ["key:tenant-1", ["3"]],
      ["key:*", ["3"]],
      ["id:order-7", ["order-7"]],
      ["id:ORDER-*", ["order-7"]],
      ["id:order", []],
      ["error:timeout", ["failed"]],
      ['error:"after 1500"', ["failed"]],
      ["error:refused", []],
      ["attempts:1", ["failed", "held"]],
      ["attempts:>0 state:claimed", ["held"]],
      ["attempts:<=0 lane:dying", []],
      ["priority:>=5", ["3"]],
      ["claimant:worker-*", ["held"]],
      ["header.trace:abc*", ["3"]],
      ["header.x.y:z", ["3"]],
      ["header.constructor:*", []],
      ["payload.customer.id:42", ["order-7"]],
      ["payload.customer.id:4", []],
      ["payload.items.sku:b", ["order-7"]],
      ["payload.items.1.sku:b", ["order-7"]],
      ["payload.a.b:1", ["text"]],
      ["payload.__proto__.id:*", []],
      ["ghent", ["order-7", "plain ghent"]],
      ["order-7", ["order-7"]],
      ["ghent -id:order-7", ["plain ghent"]],
      ["-state:ready -state:delayed", ["failed", "held"]],
      ["state:ready -ghent -lane:side", ["bytes", "text"]],
      ["state:ready state:dead", []],
    ])("finds by %s", async (query, expected) => {
      const queue = await withAll(open);
      const { tasks, after } = await search(queue, { query });
      const names = tasks.map((found) => (NAMED.has(found.id) ? found.id : String(payloads([found])[0])));
      expect([names.toSorted(), after]).toEqual([expected.toSorted(), null]);
    });

    test("finds every task once, page by page, also over a restart, and counts what it looked at", async () => {
      const queue = await open();
      const all = Array.from({ length: 250 }, (_, index) => task({ even: index % 2 === 0, index }));
      await enqueue(queue, ...all);
      await enqueue(queue, ...all.map((one) => ({ ...one, priority: 1 })));
      const found: unknown[] = [];
      let lookedAt = 0;
      for (let cursor: string | null = null; ;) {
        const page = await search(queue, {
          query: "payload.even:true",
          limit: 7,
          ...(cursor === null ? {} : { cursor }),
        });
        expect(page.tasks.length).toBeLessThanOrEqual(7);
        found.push(...payloads(page.tasks));
        lookedAt += page.lookedAt;
        ({ cursor } = page);
        if (cursor === null) break;
        await queue.restart();
      }
      const indexes = found.map((payload) => (payload as { readonly index: number }).index);
      expect(indexes.toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 250 }, (_, place) => Math.floor(place / 2) * 2),
      );
      expect(lookedAt).toBe(500);
    });

    test("of a queue that does not exist is refused", async () => {
      const queue = await open();
      expect(await queue.operate("search", { terms: [], limit: 1, after: 0 })).toMatchObject({
        kind: "queue-not-found",
      });
    });
  });

  describe("what is applied to all that match", () => {
    test("a redrive is for tasks, too, that died later than the clock says that has been set back since", async () => {
      const queue = await open();
      await enqueue(queue, task("late", { lane: "dying" }));
      queue.advance(120_000);
      await nack(queue, await claimOne(queue, { lanes: { inOrder: ["dying"] } }), { dead: true });
      queue.advance(-60_000);
      await queue.restart();
      expect(await apply(queue, { query: "lane:dying", action: "redrive" })).toMatchObject({ tasks: 1, left: 0 });
    });

    test("retries, snoozes, cancels, releases and redrives those that it is for, and leaves the others", async () => {
      const queue = await withAll(open);
      const states = (): Promise<number[]> => counts(queue);
      expect(await states()).toEqual([5, 1, 1, 1]);
      expect(await apply(queue, { query: "id:*", action: "retry" })).toMatchObject({ tasks: 1, left: 0 });
      expect(await states()).toEqual([6, 0, 1, 1]);
      expect(await get(queue, "later")).toMatchObject({ state: "ready", version: 2 });
      expect(await apply(queue, { query: "ghent", action: "snooze", delayMs: 5_000 })).toMatchObject({ tasks: 2 });
      expect(await states()).toEqual([4, 2, 1, 1]);
      expect(await apply(queue, { query: "lane:dying", action: "cancel" })).toMatchObject({ tasks: 1, left: 1 });
      expect(await states()).toEqual([4, 2, 1, 0]);
      expect(await apply(queue, { query: "claimant:worker-1", action: "release" })).toMatchObject({ tasks: 1 });
      expect(await states()).toEqual([5, 2, 0, 0]);
      const held = await claimOne(queue, { lanes: { inOrder: ["dying"] } });
      await nack(queue, held, { dead: true });
      expect(await apply(queue, { query: "lane:dying", action: "redrive" })).toMatchObject({ tasks: 1, left: 0 });
      expect(await states()).toEqual([5, 2, 0, 0]);
      queue.advance(5_000);
      expect(payloads(await claim(queue, { max: 10 })).length).toBe(5);
    });

    test("takes claimed tasks out only by force, and their holders hear of it (P5)", async () => {
      const queue = await open();
      await enqueue(queue, task(1), task(2));
      const held = await claimOne(queue);
      expect(await apply(queue, { query: "id:*", action: "cancel", force: true })).toMatchObject({ tasks: 2, left: 0 });
      expect(await ack(queue, held)).toEqual(["task-not-found"]);
    });

    test.each([
      ["retry", { delayMs: 60_000 }, {}],
      ["snooze", {}, { delayMs: 60_000 }],
      ["snooze", { delayMs: 1_000 }, { delayMs: 60_000 }],
      ["snooze", { priority: 2 }, { delayMs: 60_000 }],
      ["cancel", {}, {}],
      ["cancel", { key: "k" }, {}],
    ] as const)("%s goes through all of them once, page by page, over restarts", async (action, options, more) => {
      const queue = await open();
      await enqueue(
        queue,
        ...Array.from({ length: 230 }, (_, index) => task({ index, even: index % 2 === 0 }, options)),
      );
      const request = { query: "payload.even:true", action, ...more };
      const dry = await apply(queue, { ...request, dryRun: true });
      expect(dry).toMatchObject({ tasks: 115, cursor: null });
      await enqueue(queue, task({ even: true }, options));
      let done = 0;
      for (let cursor: string | null = null; ;) {
        queue.advance(7);
        const page = await apply(queue, { ...request, limit: 20, ...(cursor === null ? {} : { cursor }) });
        expect(page.tasks).toBeLessThanOrEqual(20);
        done += page.tasks;
        ({ cursor } = page);
        if (cursor === null) break;
        await queue.restart();
      }
      expect(done).toBe(116);
      const left = (await search(queue, { query: "payload.even:true", limit: 1_000 })).tasks;
      expect([...new Set(left.map(({ state }) => state))]).toEqual(STATES_AFTER[action]);
      expect(new Set(left.map(({ visibleAt }) => (action === "snooze" ? visibleAt : 0))).size).toBeLessThan(2);
    });

    test("is about the tasks that a dry run counted, when it names its instant; what is counted stays as it is", async () => {
      const queue = await open();
      await enqueue(queue, task(1), task(2));
      const { tasks, asOf } = await apply(queue, { query: "id:*", action: "cancel", dryRun: true });
      expect([tasks, await counts(queue)]).toEqual([2, [2, 0, 0, 0]]);
      queue.advance(10);
      await enqueue(queue, task("new"));
      expect(await apply(queue, { query: "id:*", action: "cancel", asOf })).toMatchObject({ tasks: 2, cursor: null });
      expect(payloads(await claim(queue, { max: 3 }))).toEqual(["new"]);
    });

    test("redrives no task twice that dies again meanwhile", async () => {
      const queue = await open();
      await enqueue(queue, ...Array.from({ length: 4 }, (_, index) => task(index)));
      const die = async (): Promise<void> => {
        for (const held of await claim(queue, { max: 10 })) await nack(queue, held, { dead: true });
      };
      await die();
      let tasks = 0;
      for (let cursor: string | null = null, calls = 0; calls < 10; calls += 1) {
        const page = await apply(queue, {
          query: "state:dead",
          action: "redrive",
          limit: 1,
          ...(cursor === null ? {} : { cursor }),
        });
        tasks += page.tasks;
        ({ cursor } = page);
        queue.advance(1_000);
        await die();
        if (cursor === null) break;
      }
      expect([tasks, await counts(queue)]).toEqual([4, [0, 0, 0, 4]]);
    });
  });

  describe("a dead task that is redriven with a change", () => {
    const change = { payload: '"new"', contentType: null, priority: 3 };

    test("begins again as it is changed, at the version that was named, and once (P4)", async () => {
      const queue = await open();
      const version = await dead(queue);
      const stale = { id: "one", version: version - 1, change, redrive: true };
      expectKind(await queue.operate("changeTask", stale), "version-conflict");
      expect(await get(queue, "one")).toMatchObject({ state: "dead", payload: '"old"' });
      const now = { id: "one", version, change, redrive: true };
      const { task: redriven } = expectKind(await queue.operate("changeTask", now), "task");
      expect(redriven).toMatchObject({
        state: "ready",
        version: version + 2,
        attempts: 0,
        payload: '"new"',
        priority: 3,
      });
      expectKind(await queue.operate("changeTask", now), "version-conflict");
      expect(await counts(queue)).toEqual([1, 0, 0, 0]);
      await queue.restart();
      expect(await claimOne(queue)).toMatchObject({ id: "one", attempts: 1, payload: '"new"' });
    });

    test("may have no change but the redrive, or a delay", async () => {
      const queue = await open();
      const version = await dead(queue);
      const delayed = { id: "one", version, change: { delayMs: 50 }, redrive: true };
      const { task: waiting } = expectKind(await queue.operate("changeTask", delayed), "task");
      expect(waiting).toMatchObject({ state: "delayed", payload: '"old"' });
      queue.advance(50);
      await nack(queue, await claimOne(queue), {});
      const again = await get(queue, "one");
      const alone = { id: "one", version: again.version, change: {}, redrive: true };
      expectKind(await queue.operate("changeTask", alone), "task");
      expect(await claimOne(queue)).toMatchObject({ id: "one", attempts: 1 });
    });

    test("of a key with a strict order no longer blocks the others, which come after it", async () => {
      const queue = await open();
      await configure(queue, { keys: { order: "strict" } });
      const version = await dead(queue, { key: "k" });
      await enqueue(queue, task("next", { key: "k" }));
      expect(await claim(queue)).toEqual([]);
      expectKind(await queue.operate("changeTask", { id: "one", version, change, redrive: true }), "task");
      const first = await claimOne(queue);
      expect(first).toMatchObject({ id: "one", payload: '"new"' });
      await ack(queue, first);
      expect(await claimOne(queue)).toMatchObject({ payload: '"next"' });
    });

    test("is refused for a task that is not dead, and without it a dead one is left alone", async () => {
      const queue = await open();
      const version = await dead(queue);
      await enqueue(queue, task("x", { id: "lives" }));
      const living = { id: "lives", version: 1, change, redrive: true };
      expectKind(await queue.operate("changeTask", living), "version-conflict");
      expectKind(await queue.operate("changeTask", { id: "one", version, change }), "version-conflict");
      expect(await get(queue, "one")).toMatchObject({ state: "dead", payload: '"old"' });
    });
  });

  describe("a claim that an operator takes away", () => {
    test.each<[string, Omit<NewTask, "payload">]>([
      ["plain, in a run", {}],
      ["in a lane", { lane: "side" }],
      ["of a key", { key: "tenant" }],
      ["with its own id", { id: "order-1" }],
    ])("is lost, and its task is offered again with no attempt counted: one %s (P4)", async (_what, options) => {
      const queue = await open();
      await enqueue(queue, task(1, options), task(2));
      const lanes = { inOrder: [options.lane ?? "main"] };
      const held = await claimOne(queue, { lanes, claimant: "stuck" });
      const { task: released } = expectKind(await release(queue, held.id, held.version), "task");
      expect(released).toMatchObject({ id: held.id, state: "ready", attempts: 0, claimant: null, error: null });
      expect([await ack(queue, held), await nack(queue, held)]).toEqual([["claim-lost"], "claim-lost"]);
      queue.advance(1);
      const again = await claim(queue, { max: 2, lanes });
      expect(again.find(({ id }) => id === held.id)).toMatchObject({ attempts: 1 });
    });

    test("holds nothing back after a restart either", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      const held = await claimOne(queue);
      expectKind(await release(queue, held.id), "task");
      await queue.restart();
      expect(await get(queue, held.id)).toMatchObject({ state: "ready", attempts: 0 });
      expect(await ack(queue, held)).toEqual(["claim-lost"]);
    });

    test("is refused for a task that is not claimed, at another version, or not there; nothing changes", async () => {
      const queue = await open();
      const [free] = await enqueue(queue, task(1));
      const id = free?.id ?? "";
      expect(await release(queue, id)).toMatchObject({ kind: "version-conflict", state: "ready", version: 1 });
      const held = await claimOne(queue, { claimTimeoutMs: 1_000 });
      expect(await release(queue, id, 1)).toMatchObject({ kind: "version-conflict", state: "claimed", version: 2 });
      expect(await release(queue, "none")).toEqual({ kind: "task-not-found", id: "none" });
      expect(await counts(queue)).toEqual([0, 0, 1, 0]);
      queue.advance(1_000);
      expect(await release(queue, id)).toMatchObject({ kind: "version-conflict", state: "ready" });
      expect(await get(queue, held.id)).toMatchObject({ attempts: 1 });
    });

    test("rests first when it is taken away over and over, as other releases do", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      const states: string[] = [];
      for (let round = 0; round < 18; round += 1) {
        const { id } = await claimOne(queue);
        states.push(expectKind(await release(queue, id), "task").task.state);
        queue.advance(1_000);
      }
      expect(states).toEqual([...Array.from({ length: 16 }, () => "ready"), "delayed", "delayed"]);
    });
  });
}

const STATES_AFTER = { retry: ["ready"], snooze: ["delayed"], cancel: [] } as const;

const NAMED = new Set(["order-7", "later", "text", "bytes", "failed", "held"]);

/** One task of each kind. */
async function withAll(open: OpenQueue): Promise<QueueDriver> {
  const queue = await open();
  await enqueue(
    queue,
    task({ customer: { id: 42, city: "Ghent" }, items: [{ sku: "a" }, { sku: "b" }] }, { id: "order-7" }),
    task("plain ghent"),
    task(3, { lane: "side", key: "tenant-1", priority: 5, headers: { trace: "abc-1", "x.y": "z" } }),
    task(4, { delayMs: 60_000, id: "later" }),
    { payload: '{"a":{"b":1}}', contentType: "text/x", id: "text" },
    { payload: new Uint8Array([1, 2]), contentType: "image/png", id: "bytes" },
  );
  await enqueue(queue, task(5, { id: "failed", lane: "dying" }), task(6, { id: "held", lane: "dying" }));
  const failed = await claimOne(queue, { lanes: { inOrder: ["dying"] } });
  await nack(queue, failed, { dead: true, error: "TimeoutError: after 1500 ms" });
  await claimOne(queue, { lanes: { inOrder: ["dying"] }, claimant: "worker-1" });
  return queue;
}

/** As a request asks, with the cursor of the next page. */
async function search(queue: QueueDriver, body: object) {
  const { parse, render } = OPERATIONS.search;
  const input: InputOf<"search"> = parse(body);
  const found = expectKind(await queue.operate("search", input), "found");
  const { cursor } = JSON.parse(render(found, input)) as { readonly cursor: string | null };
  return { ...found, cursor };
}

async function apply(queue: QueueDriver, body: object) {
  const { parse, render } = OPERATIONS.apply;
  const input: InputOf<"apply"> = parse(body);
  const applied = expectKind(await queue.operate("apply", input), "applied");
  return { ...applied, ...(JSON.parse(render(applied, input)) as { readonly cursor: string | null }) };
}

function release(queue: QueueDriver, id: string, version?: number): Promise<OutcomeOf<"releaseTask">> {
  return queue.operate("releaseTask", { id, ...(version === undefined ? {} : { version }) });
}
