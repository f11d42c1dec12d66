// Random operations against the model: after each, the queue has done what the promises say, P1 to P13.

import { fc } from "../random/fc.ts";
import { afterAll, expect, test } from "vitest";
import { ack, browseAll, claim, configure, counts, enqueue, extend, get, nack, task } from "../contract/builders.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import { MemoryQueue } from "../node/memory-queue.ts";
import { QueueModel, type ModelTask } from "./queue-model.ts";
import { modelRuns } from "./model-runs.ts";

const RUNS = modelRuns(130, 20);
const DEDUPE_MS = 500;
const MAX_ATTEMPTS = 3;
let operations = 0;

afterAll(() => {
  console.log(`model test: ${RUNS.parameters.numRuns} runs, ${operations} operations`);
});

const options = fc.record(
  {
    delayMs: fc.integer({ min: 0, max: 300 }),
    priority: fc.integer({ min: -1, max: 1 }),
    ttlMs: fc.integer({ min: 1, max: 400 }),
    maxAttempts: fc.integer({ min: 1, max: 4 }),
    id: fc.constantFrom("a", "b", "c"),
  },
  { requiredKeys: [] },
);
// A task with its own id has no TTL here: when its row goes is housekeeping's, and no promise.
const optionedTask = options.map(({ id, ttlMs, ...rest }) => ({
  ...rest,
  ...(id === undefined ? (ttlMs === undefined ? {} : { ttlMs }) : { id }),
}));

// Plain tasks, several of which share a row, are the common case.
const newTask = fc.oneof({ weight: 3, arbitrary: fc.constant({} as never) }, { weight: 1, arbitrary: optionedTask });

const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("enqueue"), tasks: fc.array(newTask, { minLength: 1, maxLength: 6 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("claim"),
      max: fc.integer({ min: 1, max: 5 }),
      claimTimeoutMs: fc.integer({ min: 0, max: 200 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("ack"), which: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("nack"),
      which: fc.nat(20),
      how: fc.oneof(
        fc.record({ delayMs: fc.integer({ min: 0, max: 200 }) }),
        fc.constant({ release: true }),
        fc.record({ snooze: fc.constant(true), delayMs: fc.integer({ min: 0, max: 200 }) }),
        fc.constant({ dead: true }),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("extend"), which: fc.nat(20), ms: fc.integer({ min: 0, max: 300 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("advance"), ms: fc.integer({ min: 0, max: 150 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel"), which: fc.nat(20), force: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("redrive"), limit: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: "sweep" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "restart" as const }) },
);

type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

/** The real queue and the model, taken through the same operations. */
class Run {
  readonly queue = new MemoryQueue();
  readonly model = new QueueModel(DEDUPE_MS);
  readonly #seen: ClaimedTask[] = [];
  readonly #versions = new Map<string, number>();
  #key = 0;

  async start(): Promise<void> {
    await configure(this.queue, { dedupeMs: DEDUPE_MS, maxAttempts: MAX_ATTEMPTS, retentionMs: null });
  }

  async apply(step: Operation): Promise<void> {
    await this.#do(step);
    // Counts are kept by facts, and what is stored is read: whatever happened, they agree.
    const stored = await browseAll(this.queue);
    const states = ["ready", "delayed", "claimed", "dead"] as const;
    expect(await counts(this.queue)).toEqual(states.map((name) => stored.filter(({ state }) => state === name).length));
  }

  async #do(step: Operation): Promise<void> {
    operations += 1;
    const { queue, model } = this;
    switch (step.kind) {
      case "enqueue":
        return this.#enqueue(step.tasks);
      case "claim":
        return this.claim(step.max, step.claimTimeoutMs);
      case "advance":
        queue.advance(step.ms);
        return undefined;
      case "sweep":
        return queue.sweep();
      case "restart":
        return queue.restart();
      case "redrive":
        return this.#redrive(step.limit);
      case "cancel":
        return this.#cancel(step.which, step.force);
      case "ack":
      case "nack":
      case "extend":
        return this.#settle(step, model);
      default:
        return step satisfies never;
    }
  }

  /** Claims, and holds what comes to what the model would offer. */
  async claim(max: number, claimTimeoutMs: number): Promise<void> {
    const now = this.queue.now();
    const offered = this.model.offered(now);
    const taken = await claim(this.queue, { max, claimTimeoutMs });
    const found = taken.map(({ id }) => this.#task(id));
    // Within one priority and instant any order is first come first served.
    expect(found.map(({ priority, visibleAt }) => [priority, visibleAt])).toEqual(
      offered.slice(0, max).map(({ priority, visibleAt }) => [priority, visibleAt]),
    );
    for (const [index, held] of taken.entries()) {
      const known = found[index];
      if (known === undefined) throw new Error("a task that nobody enqueued");
      expect(known).toMatchObject({ claim: null, isDead: false }); // P3
      known.attempts += 1;
      expect(held.attempts).toBe(known.attempts); // P8
      expect(held.version).toBeGreaterThan(this.#versions.get(held.id) ?? 0); // P4
      this.#versions.set(held.id, held.version);
      known.claim = { token: held.claim, until: now + claimTimeoutMs };
      this.#seen.push(held);
    }
  }

  /** In the end every task is accounted for: offered until it is done, or dead (P2). */
  async finish(): Promise<void> {
    const { queue, model } = this;
    await queue.restart();
    queue.advance(1_000);
    await this.#rememberAttempts();
    for (let round = 0; round < 20 && model.offered(queue.now()).length > 0; round += 1) {
      await this.claim(100, 10_000);
      for (const held of this.#seen.splice(0)) {
        const expected = model.held(held.claim, queue.now());
        const [result] = await ack(queue, held);
        expect(result === "ok").toBe(expected !== undefined); // P5
        if (expected !== undefined) model.finish(expected, queue.now());
      }
    }
    queue.advance(1_000_000);
    await queue.sweep();
    await queue.sweep();
    const dead = [...model.tasks.values()].filter(({ isDead }) => isDead);
    const left = await browseAll(queue);
    expect(new Set(left.map(({ id }) => id))).toEqual(new Set(dead.map(({ id }) => id)));
    expect(await counts(queue)).toEqual([0, 0, 0, dead.length]);
  }

  /** Every task that is offered or dead remembers how its last attempts ended. */
  async #rememberAttempts(): Promise<void> {
    await this.queue.sweep();
    this.model.offered(this.queue.now());
    for (const { id, ended, ttlAt } of this.model.tasks.values()) {
      if (ttlAt <= this.queue.now()) continue;
      const { pastAttempts = [] } = await get(this.queue, id);
      const found = pastAttempts.map(({ attempt, outcome }) => [attempt, outcome]);
      expect(found).toEqual(ended.slice(-LIMITS.pastAttempts));
    }
  }

  async #enqueue(tasks: (typeof newTask extends fc.Arbitrary<infer Value> ? Value : never)[]): Promise<void> {
    const now = this.queue.now();
    const answers = await enqueue(this.queue, ...tasks.map((one, index) => task(index, one)));
    for (const [index, answer] of answers.entries()) {
      const asked = tasks[index];
      if (asked === undefined) throw new Error("an answer to nothing");
      const id = "id" in asked ? asked.id : undefined;
      expect(answer.duplicate).toBe(id !== undefined && this.model.isDuplicate(id, now)); // P10
      if (answer.duplicate) continue;
      if (id !== undefined) this.#versions.delete(id);
      this.#key += 1;
      this.model.tasks.set(answer.id, {
        id: answer.id,
        key: this.#key,
        priority: asked.priority ?? 0,
        maxAttempts: asked.maxAttempts ?? MAX_ATTEMPTS,
        ttlAt: "ttlMs" in asked && asked.ttlMs !== undefined ? now + asked.ttlMs : Number.POSITIVE_INFINITY,
        hasOwnId: id !== undefined,
        visibleAt: now + (asked.delayMs ?? 0),
        attempts: 0,
        version: 1,
        isDead: false,
        claim: null,
        ended: [],
      });
    }
  }

  async #settle(step: Extract<Operation, { kind: "ack" | "nack" | "extend" }>, model: QueueModel): Promise<void> {
    const { queue } = this;
    const held = this.#seen.at(-1 - (step.which % Math.max(1, this.#seen.length)));
    if (held === undefined) return;
    const now = queue.now();
    const expected = model.held(held.claim, now);
    const isHeld = expected !== undefined;
    if (step.kind === "ack") {
      const [result] = await ack(queue, held);
      expect(result === "ok").toBe(isHeld); // P4, P5
      if (isHeld) model.finish(expected, now);
    } else if (step.kind === "extend") {
      const [result] = await extend(queue, step.ms, held);
      expect(result?.ok).toBe(isHeld);
      if (isHeld && expected.claim !== null) expected.claim.until = now + step.ms;
    } else {
      expect((await nack(queue, held, step.how)) === "ok").toBe(isHeld);
      if (!isHeld) return;
      if ("release" in step.how || "snooze" in step.how) {
        expected.ended.push([expected.attempts, "release" in step.how ? "released" : "snoozed"]);
        expected.attempts -= 1;
        expected.claim = null;
        expected.visibleAt = now + ("delayMs" in step.how ? step.how.delayMs : 0);
      } else model.fail(expected, now + ("delayMs" in step.how ? step.how.delayMs : 0), "dead" in step.how);
    }
  }

  async #cancel(which: number, force: boolean): Promise<void> {
    const now = this.queue.now();
    this.model.offered(now);
    const candidates = [...this.model.tasks.values()].filter(({ ttlAt }) => ttlAt > now);
    const chosen = candidates.at(which % Math.max(1, candidates.length));
    if (chosen === undefined) return;
    const outcome = await this.queue.operate("cancelTask", { id: chosen.id, force });
    const isAllowed = chosen.claim === null || force;
    expect(outcome.kind).toBe(isAllowed ? "cancelled" : "version-conflict");
    if (isAllowed) this.model.finish(chosen, now);
  }

  async #redrive(limit: number): Promise<void> {
    const now = this.queue.now();
    this.model.offered(now);
    await this.queue.sweep();
    const dead = [...this.model.tasks.values()].filter(({ isDead }) => isDead);
    const deadIds = (await browseAll(this.queue, "dead")).map(({ id }) => id);
    expect(new Set(deadIds)).toEqual(new Set(dead.map(({ id }) => id)));
    await this.queue.operate("redrive", { limit });
    const left = new Set((await browseAll(this.queue, "dead")).map(({ id }) => id));
    expect(left.size).toBe(Math.max(0, dead.length - limit));
    for (const revived of dead.filter(({ id }) => !left.has(id))) {
      revived.isDead = false;
      revived.attempts = 0;
      revived.visibleAt = now;
      this.model.tasks.set(revived.id, { ...revived, ttlAt: Number.POSITIVE_INFINITY });
    }
  }

  #task(id: string): ModelTask {
    const found = this.model.tasks.get(id);
    if (found === undefined) throw new Error(`task ${id} came back after it was done`); // P5
    return found;
  }
}

test(
  "the queue does what the model does, whatever happens in whatever order",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 60, size: "max" }), async (steps) => {
        const run = new Run();
        await run.start();
        for (const step of steps) await run.apply(step);
        await run.finish();
      }),
      RUNS.parameters,
    );
  },
  RUNS.timeoutMs,
);
