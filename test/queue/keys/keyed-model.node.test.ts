// Random operations on a queue with keys against the model: no key is given more than it may have, none in another order, and
// none waits that may go (K1 to K3).

import { fc } from "../../random/fc.ts";
import { afterAll, expect, test } from "vitest";
import type { SettingsPatch } from "../../../src/core/settings.ts";
import type { ClaimedTask } from "../../../src/core/task.ts";
import { ack, claim, configure, enqueue, extend, nack, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";
import { KeyedModel, type KeyedTask } from "../../simulation/keyed-model.ts";
import { modelRuns } from "../model-runs.ts";

const RUNS = modelRuns(100, 50);
const MAX_ATTEMPTS = 3;
let operations = 0;
let given = 0;

afterAll(() => {
  console.log(`keyed model: ${RUNS.parameters.numRuns} runs, ${operations} operations, ${given} tasks given out`);
});

const key = fc.constantFrom("a", "b", "c");
const lane = fc.constantFrom("main", "x");
const which = fc.nat(30);
const delayMs = fc.integer({ min: 0, max: 120 });
const rate = fc.record({
  // Intervals that are exact in binary, so that queue and model round nothing.
  limit: fc.constantFrom(1, 2, 4),
  periodMs: fc.constantFrom(50, 100, 1_000),
  burst: fc.constantFrom(1, 2, 5),
});
const options = fc.record(
  {
    key,
    lane,
    delayMs,
    priority: fc.integer({ min: 0, max: 1 }),
    cost: fc.constantFrom(1, 2, 4),
    maxAttempts: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
);
const newTask = fc.oneof(
  { weight: 3, arbitrary: key.map((name) => ({ key: name })) },
  { weight: 3, arbitrary: options },
  { weight: 1, arbitrary: fc.constant({}) },
);
const keySettings = fc.record({
  order: fc.constantFrom("none", "none", "fifo", "strict"),
  concurrency: fc.constantFrom(null, 1, 2),
  rate: fc.option(rate),
  fairness: fc.constantFrom("robin", "robin", "share", "none"),
});
const settings = fc.record({ keys: keySettings, rate: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, rate) });

const operation = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("enqueue"), tasks: fc.array(newTask, { minLength: 1, maxLength: 8 }) }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("claim"),
      max: fc.integer({ min: 1, max: 6 }),
      claimTimeoutMs: fc.integer({ min: 0, max: 200 }),
      lanes: fc.constantFrom(["main"], ["x"], ["main", "x"], ["x", "main"]),
    }),
  },
  { weight: 7, arbitrary: fc.record({ kind: fc.constant("ack"), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("nack"),
      which,
      how: fc.oneof(
        fc.record({ delayMs }),
        fc.record({ delayMs, snooze: fc.constant(true) }),
        fc.record({ delayMs, limitKey: fc.constant(true) }),
        fc.constant({ release: true }),
        fc.constant({ dead: true }),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("extend"), which, ms: fc.integer({ min: 0, max: 300 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("advance"), ms: fc.integer({ min: 0, max: 80 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("change"),
      which,
      to: fc.record(
        { key: fc.option(key), priority: fc.integer({ min: 0, max: 1 }), lane, delayMs },
        { requiredKeys: [] },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel"), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("configure"), settings }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("set"),
      key,
      patch: fc.record({ concurrency: fc.constantFrom(1, 3), rate, paused: fc.boolean() }, { requiredKeys: [] }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reset"), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("unblock"), key }) },
  { weight: 1, arbitrary: fc.constant({ kind: "redrive" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "sweep" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "restart" as const }) },
);
const purge = fc.constant({ kind: "purge" as const });
const step = fc.oneof({ weight: 60, arbitrary: operation }, { weight: 1, arbitrary: purge });

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
type Named<Kind extends Step["kind"]> = Extract<Step, { kind: Kind }>;

/** The real queue and the model, taken through the same steps. */
class Run {
  readonly queue = new MemoryQueue();
  readonly model = new KeyedModel();
  readonly #seen: ClaimedTask[] = [];
  #arrivals = 0;

  async start(first: SettingsPatch): Promise<void> {
    await configure(this.queue, { maxAttempts: MAX_ATTEMPTS, retentionMs: null });
    await this.#configure(first);
  }

  async apply(one: Step): Promise<void> {
    operations += 1;
    const { queue, model } = this;
    const now = queue.now();
    switch (one.kind) {
      case "enqueue":
        return this.#enqueue(one);
      case "claim":
        return this.claim(one);
      case "advance":
        queue.advance(one.ms);
        return undefined;
      case "sweep":
        return queue.sweep();
      case "restart":
        return queue.restart();
      case "configure":
        return this.#configure(one.settings);
      case "set":
        return this.#set(one);
      case "reset": {
        expect(await queue.operate("resetKey", { key: one.key })).toMatchObject({ kind: "key" });
        model.set(one.key, { concurrency: undefined, rate: undefined, paused: undefined }, now);
        return undefined;
      }
      case "unblock":
        await queue.operate("unblockKey", { key: one.key });
        model.key(one.key).blockedBy.clear();
        model.key(one.key).restsUntil = 0;
        return undefined;
      case "purge":
        await queue.operate("purge", null);
        model.purge();
        return undefined;
      case "redrive":
        model.endExpired(now);
        await queue.operate("redrive", { limit: 100 });
        for (const dead of [...model.tasks.values()].filter(({ isDead }) => isDead)) this.#redriven(dead);
        return undefined;
      case "change":
        return this.#change(one);
      case "cancel":
        return this.#cancel(one);
      case "ack":
      case "nack":
      case "extend":
        return this.#settle(one);
      default:
        return one satisfies never;
    }
  }

  /** Claims; what comes may be given out one after the other, and nothing is left that may be. */
  async claim({ max, claimTimeoutMs, lanes }: Omit<Named<"claim">, "kind">): Promise<void> {
    const { queue, model } = this;
    const now = queue.now();
    model.endExpired(now);
    const busy = model.claimedKeys();
    const taken = await claim(queue, { max, claimTimeoutMs, lanes: { inOrder: lanes } });
    for (const held of taken) {
      const best = this.#best(lanes, busy, now);
      const found = best.find(({ id }) => id === held.id);
      expect(found, `${held.id} of ${JSON.stringify(best)}`).toBeDefined();
      if (found === undefined) return;
      expect(model.isPaced(found.cost, now)).toBe(false);
      model.give(found, held.claim, now, now + claimTimeoutMs);
      expect(held.attempts).toBe(found.attempts);
      this.#seen.push(held);
      given += 1;
    }
    if (taken.length === max) return;
    const left = this.#best(lanes, busy, now);
    const isPaced = model.isPaced(1, now) || left.some(({ cost }) => model.isPaced(cost, now));
    expect(isPaced ? [] : left).toEqual([]);
  }

  /** Everything is done in the end, whatever was set. */
  async finish(): Promise<void> {
    const { queue, model } = this;
    await queue.restart();
    await this.#configure({ keys: { order: "none", concurrency: null, rate: null }, rate: null });
    for (const name of ["a", "b", "c"] as const) await this.apply({ kind: "reset", key: name });
    queue.advance(100_000_000);
    for (let round = 0; round < 50; round += 1) {
      await this.claim({ max: 6, claimTimeoutMs: 1_000, lanes: ["main", "x"] });
      for (const held of this.#seen.splice(0)) {
        const expected = model.held(held.claim, queue.now());
        if (expected === undefined) continue;
        expect(await ack(queue, held)).toEqual(["ok"]);
        model.remove(expected);
      }
    }
    expect([...model.tasks.values()].filter(({ isDead }) => !isDead)).toEqual([]);
  }

  /** Of the first lane that has something, the highest priority. */
  #best(lanes: readonly string[], busy: ReadonlySet<string | null>, now: number): KeyedTask[] {
    const offered = this.model.offered(lanes, busy, now);
    const first = lanes.find((name) => offered.some((one) => one.lane === name));
    const inLane = offered.filter((one) => one.lane === first);
    const highest = Math.max(...inLane.map(({ priority }) => priority));
    return inLane.filter(({ priority }) => priority === highest);
  }

  async #configure(patch: SettingsPatch): Promise<void> {
    // Claims that have run out are ended by what was set when they did.
    this.model.endExpired(this.queue.now());
    await this.queue.sweep();
    const outcome = await this.queue.operate("configure", { settings: patch });
    if (outcome.kind !== "queue") return;
    this.model.configured(outcome.queue.settings.keys, outcome.queue.settings.rate, this.queue.now());
  }

  async #set({ key: name, patch }: Named<"set">): Promise<void> {
    const outcome = await this.queue.operate("setKey", { key: name, patch });
    if (outcome.kind === "key") this.model.set(name, patch, this.queue.now());
  }

  async #enqueue({ tasks }: Named<"enqueue">): Promise<void> {
    const now = this.queue.now();
    const answers = await enqueue(this.queue, ...tasks.map((one, index) => task(index, one)));
    for (const [index, { id }] of answers.entries()) {
      const asked: Parameters<typeof task>[1] = tasks[index] ?? {};
      this.#arrivals += 1;
      const maxAttempts = asked.maxAttempts ?? MAX_ATTEMPTS;
      this.model.enqueued({ id, arrival: this.#arrivals, maxAttempts }, asked, now);
    }
  }

  async #settle(one: Named<"ack" | "nack" | "extend">): Promise<void> {
    const { queue, model } = this;
    const held = this.#seen.at(-1 - (one.which % Math.max(1, this.#seen.length)));
    if (held === undefined) return;
    const now = queue.now();
    const expected = model.held(held.claim, now);
    const isHeld = expected !== undefined;
    if (one.kind === "ack") {
      expect((await ack(queue, held))[0] === "ok").toBe(isHeld);
      if (isHeld) model.remove(expected);
    } else if (one.kind === "extend") {
      const [result] = await extend(queue, one.ms, held);
      expect(result?.ok).toBe(isHeld);
      if (isHeld && expected.claim !== null) expected.claim.until = now + one.ms;
    } else {
      expect((await nack(queue, held, one.how)) === "ok").toBe(isHeld);
      if (!isHeld) return;
      const at = now + ("delayMs" in one.how ? one.how.delayMs : 0);
      if ("limitKey" in one.how && expected.key !== null) {
        const state = model.key(expected.key);
        state.restsUntil = Math.max(state.restsUntil, at);
      }
      const isAttempt = !("snooze" in one.how || "release" in one.how || "limitKey" in one.how);
      model.end(expected, at, isAttempt, "dead" in one.how);
    }
  }

  async #change({ which: index, to }: Named<"change">): Promise<void> {
    const { queue, model } = this;
    const now = queue.now();
    model.endExpired(now);
    // Ends the claims that have run out, which moves versions on.
    await queue.sweep();
    const chosen = this.#at(index, ({ claim: held, isDead }) => held === null && !isDead);
    if (chosen === undefined) return;
    const seen = await queue.operate("getTask", { id: chosen.id });
    if (seen.kind !== "task") throw new Error(`expected task ${chosen.id}, found ${seen.kind}`);
    const { delayMs: delay, ...rest } = to;
    const change = { ...rest, ...(delay === undefined ? {} : { delayMs: delay }) };
    if (Object.keys(change).length === 0) return;
    const outcome = await queue.operate("changeTask", { id: chosen.id, version: seen.task.version, change });
    if (outcome.kind !== "task") throw new Error(`expected a change of ${chosen.id}, found ${JSON.stringify(outcome)}`);
    chosen.key = to.key === undefined ? chosen.key : to.key;
    chosen.lane = to.lane ?? chosen.lane;
    chosen.priority = to.priority ?? chosen.priority;
    if (delay !== undefined) [chosen.visibleAt, chosen.retryAt] = [now + delay, 0];
    // Only tasks of a key wait in their place.
    else if (chosen.key === null) [chosen.visibleAt, chosen.retryAt] = [Math.max(chosen.visibleAt, chosen.retryAt), 0];
  }

  async #cancel({ which: index }: Named<"cancel">): Promise<void> {
    const { queue, model } = this;
    model.endExpired(queue.now());
    const chosen = this.#at(index, () => true);
    if (chosen === undefined) return;
    expect(await queue.operate("cancelTask", { id: chosen.id, force: true })).toMatchObject({ kind: "cancelled" });
    model.remove(chosen);
  }

  /** Of a strict key before its tasks that came after it. */
  #redriven(dead: KeyedTask): void {
    const isStrict = dead.key !== null && this.model.settings.order === "strict";
    Object.assign(dead, { isDead: false, attempts: 0, retryAt: 0 });
    dead.visibleAt = isStrict ? dead.arrivedAt : this.queue.now();
    if (dead.key !== null) this.model.key(dead.key).blockedBy.delete(dead.id);
  }

  #at(index: number, isOne: (one: KeyedTask) => boolean): KeyedTask | undefined {
    const some = [...this.model.tasks.values()].filter(isOne);
    return some.at(index % Math.max(1, some.length));
  }
}

test(
  "keys are given what they may have, in their order, and at once",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        settings,
        fc.array(step, { minLength: 20, maxLength: 120, size: "max" }),
        async (first, steps) => {
          const run = new Run();
          await run.start(first);
          for (const one of steps) await run.apply(one);
          await run.finish();
        },
      ),
      RUNS.parameters,
    );
  },
  RUNS.timeoutMs,
);
