// Random modifies against a model that is two maps and the rules of docs/modify.md: the same answer each time, and the same
// tasks and documents after it, over claims, expiry and restarts (P4, P6).

import { fc } from "../random/fc.ts";
import { afterAll, expect, test } from "vitest";
import type { ModifyFailure, ModifyInput, TaskRef } from "../../src/core/modify.ts";
import { browseAll, claim, configure, enqueue, expectKind, ref, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";
import { modelRuns } from "./model-runs.ts";

const RUNS = modelRuns(100, 20);
const KEYS = ["k1", "k2", "k3"] as const;
const IDS = ["x", "y"] as const;
let modifies = 0;
let refused = 0;

afterAll(() => {
  console.log(`modify model: ${RUNS.parameters.numRuns} runs, ${modifies} modifies, ${refused} of them refused`);
});

interface ModelTask {
  readonly id: string;
  payload: string;
  lane: string;
  version: number;
  token: string | null;
  until: number;
  isGone: boolean;
}

const seldom = fc.constantFrom(false, false, false, false, false, false, true);
const place = fc.record({ which: fc.nat(30), isStale: seldom, byClaim: fc.constantFrom(true, true, true, false) });
const part = fc.oneof(
  fc.record({ kind: fc.constant("insert"), id: fc.option(fc.constantFrom(...IDS)), skips: fc.boolean() }),
  fc.record({ kind: fc.constant("change"), place, lane: fc.constantFrom("main", "b"), keeps: fc.boolean() }),
  fc.record({ kind: fc.constantFrom("delete", "depend"), place }),
  fc.record({
    kind: fc.constantFrom("insertDocument", "changeDocument", "deleteDocument", "dependDocument"),
    key: fc.constantFrom(...KEYS),
    isStale: seldom,
  }),
);
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("enqueue"), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("claim"), max: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("advance"), ms: fc.integer({ min: 1, max: 80 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart") }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("modify"), parts: fc.array(part, { minLength: 1, maxLength: 3 }) }),
  },
);
type Part = typeof part extends fc.Arbitrary<infer Value> ? Value : never;
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** The real queue and the model beside it. */
class Pair {
  readonly queue = new MemoryQueue();
  readonly tasks: ModelTask[] = [];
  readonly documents = new Map<string, { version: number; value: string }>();
  #values = 0;

  async run(next: Step): Promise<void> {
    if ("count" in next) {
      const values = Array.from({ length: next.count }, () => this.#value());
      const written = await enqueue(this.queue, ...values.map((value) => task(Number(value))));
      for (const [index, { id, version }] of written.entries()) this.#add(id, version, values[index] ?? "", "main");
    } else if ("max" in next) {
      for (const held of await claim(this.queue, {
        max: next.max,
        claimTimeoutMs: 100,
        lanes: { any: ["main", "b"] },
      })) {
        const found = this.tasks.find(({ id, isGone }) => id === held.id && !isGone);
        expect(found).toMatchObject({ version: held.version - 1, token: null, payload: held.payload, lane: held.lane });
        Object.assign(found ?? {}, { version: held.version, token: held.claim, until: held.claimedUntil });
      }
    } else if ("ms" in next) this.queue.advance(next.ms);
    else if ("parts" in next) await this.#modify(next.parts);
    else await this.queue.restart();
    this.#endExpired();
  }

  async check(): Promise<void> {
    const seen = await browseAll(this.queue);
    const shown = seen.map(({ id, version, payload, lane, state }) => ({ id, version, payload, lane, state }));
    const expected = this.tasks
      .filter(({ isGone }) => !isGone)
      .map(({ id, version, payload, lane, token }) => ({
        id,
        // A claim that ran out is ended, in its row, by the next operation that writes.
        version:
          shown.find((task_) => task_.id === id)?.state === "ready" && token === null ? expect.any(Number) : version,
        payload,
        lane,
        state: token === null ? "ready" : "claimed",
      }));
    expect(shown.toSorted(byId)).toEqual(expected.toSorted(byId));
    const page = await this.queue.operate("listDocuments", { prefix: "", limit: 100, after: "" });
    const documents = page.kind === "documents" ? page.documents : [];
    expect(new Map(documents.map(({ key, version, value }) => [key, { version, value }]))).toEqual(this.documents);
  }

  async #modify(parts: readonly Part[]): Promise<void> {
    this.#endExpired();
    const input = { insert: [], change: [], delete: [], depend: [] } as {
      -readonly [List in keyof Omit<ModifyInput, "claimant" | "call" | "trace">]: ModifyInput[List][number][];
    };
    const failures: ModifyFailure[] = [];
    const names: string[] = [];
    const effects: ((answer: { inserted: readonly unknown[]; changed: readonly unknown[] }) => void)[] = [];
    for (const item of parts) this.#plan(item, input, failures, names, effects);
    const outcome = await this.queue.operate("modify", structuredClone(input));
    modifies += 1;
    if (outcome.kind !== "modified") refused += 1;
    if (new Set(names).size < names.length) {
      expect(outcome).toMatchObject({ kind: "invalid" });
    } else if (failures.length > 0) {
      const order = ["insert", "change", "delete", "depend"];
      const sorted = failures.toSorted(
        (a, b) => order.indexOf(a.operation) - order.indexOf(b.operation) || a.index - b.index,
      );
      expect(expectKind(outcome, "dependency-failed").failures).toEqual(sorted);
    } else {
      const answer = expectKind(outcome, "modified");
      for (const effect of effects) effect(answer);
    }
  }

  /** Adds one part to the request, and to what the model expects of it. */
  #plan(
    item: Part,
    input: { insert: unknown[]; change: unknown[]; delete: unknown[]; depend: unknown[] },
    failures: ModifyFailure[],
    names: string[],
    effects: ((answer: { inserted: readonly unknown[]; changed: readonly unknown[] }) => void)[],
  ): void {
    if ("key" in item) return this.#planDocument(item, input, failures, names, effects);
    if ("skips" in item) {
      const index = input.insert.length;
      const value = this.#value();
      const own = item.id === null ? {} : { id: item.id };
      input.insert.push({ task: { payload: value, ...own }, onConflict: item.skips ? "skip" : "fail" });
      const taken = this.tasks.find(({ id, isGone }) => id === item.id && !isGone);
      if (item.id !== null) names.push(`task ${item.id}`);
      if (taken !== undefined && !item.skips) {
        failures.push({ operation: "insert", index, id: taken.id, reason: "colliding", version: taken.version });
      }
      effects.push(({ inserted }) => {
        const answer = inserted[index] as { id: string; version: number; duplicate: boolean };
        expect(answer).toMatchObject({ version: taken?.version ?? 1, duplicate: taken !== undefined });
        if (taken === undefined) this.#add(answer.id, 1, value, "main");
      });
      return undefined;
    }
    const found = this.tasks[item.place.which % Math.max(this.tasks.length, 1)];
    const operation = item.kind;
    const index = input[operation].length;
    // A task whose claim was never made, or that does not exist, is named by id.
    const byClaim = item.place.byClaim && typeof found?.token === "string";
    const id = found?.id ?? "nobody";
    const version = (found?.version ?? 1) + (item.place.isStale ? 1 : 0);
    const named: TaskRef = byClaim && typeof found?.token === "string" ? { claim: ref(found.token) } : { id, version };
    const current = byClaim
      ? this.tasks.find((other) => other === found && !other.isGone)
      : this.tasks.find((other) => other.id === id && !other.isGone);
    // A token whose task is gone has no id to tell.
    const isUnknown = byClaim && current === undefined;
    names.push(isUnknown ? `claim ${found?.token}` : `task ${id}`);
    const failure = { operation, index, ...(isUnknown ? {} : { id }) };
    if (current === undefined) failures.push({ ...failure, reason: "missing" });
    else if (!byClaim && current.token !== null && operation !== "depend") {
      failures.push({ ...failure, reason: "claimed", version: current.version, claimedUntil: current.until });
    } else if (!byClaim && current.version !== version) {
      failures.push({ ...failure, reason: "stale", version: current.version });
    }
    if (operation !== "change") {
      input[operation].push({ task: named });
      if (operation === "delete") effects.push(() => current !== undefined && (current.isGone = true));
      return undefined;
    }
    const value = this.#value();
    const keeps = "keeps" in item && item.keeps && byClaim;
    const lane = "lane" in item ? item.lane : "main";
    input.change.push({ task: named, change: { payload: value, lane }, ...(keeps ? { keepClaim: {} } : {}) });
    effects.push(({ changed }) => {
      if (current === undefined) return;
      Object.assign(current, { payload: value, lane, version: current.version + 1 }, keeps ? {} : { token: null });
      const claimedUntil = keeps ? current.until : null;
      expect(changed[index]).toMatchObject({ id, version: current.version, claimedUntil });
    });
    return undefined;
  }

  #planDocument(
    { kind, key, isStale }: Extract<Part, { key: string }>,
    input: { insert: unknown[]; change: unknown[]; delete: unknown[]; depend: unknown[] },
    failures: ModifyFailure[],
    names: string[],
    effects: ((answer: { inserted: readonly unknown[]; changed: readonly unknown[] }) => void)[],
  ): void {
    const operation = kind.slice(0, 6) as ModifyFailure["operation"];
    const index = input[operation].length;
    const found = this.documents.get(key);
    const value = this.#value();
    names.push(`document ${key}`);
    if (operation === "insert") {
      input.insert.push({ document: { key, value } });
      if (found !== undefined) failures.push({ operation, index, key, reason: "colliding", version: found.version });
    } else {
      const absent = operation === "depend" ? 0 : 1;
      const version = (found?.version ?? absent) + (isStale ? 1 : 0);
      input[operation].push({ document: { key, version }, ...(operation === "change" ? { value } : {}) });
      if (found === undefined && version > 0) failures.push({ operation, index, key, reason: "missing" });
      else if (found !== undefined && isStale)
        failures.push({ operation, index, key, reason: "stale", version: found.version });
    }
    effects.push((answer) => {
      if (operation === "delete") this.documents.delete(key);
      if (operation === "delete" || operation === "depend") return;
      const list = operation === "insert" ? answer.inserted : answer.changed;
      const { document } = list[index] as { document: { key: string; version: number } };
      expect(document.version).toBeGreaterThan(found?.version ?? 0);
      this.documents.set(key, { version: document.version, value });
    });
  }

  #add(id: string, version: number, payload: string, lane: string): void {
    this.tasks.push({ id, version, payload, lane, token: null, until: 0, isGone: false });
  }

  #endExpired(): void {
    for (const held of this.tasks) {
      if (held.token === null || held.isGone || held.until > this.queue.now()) continue;
      Object.assign(held, { token: null, version: held.version + 1 });
    }
  }

  #value(): string {
    this.#values += 1;
    return String(this.#values);
  }
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}

test(
  "every modify answers as the model does, and leaves what the model has",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const pair = new Pair();
        await configure(pair.queue, { dedupeMs: 0, maxAttempts: null, backoff: { minMs: 0 } });
        for (const next of steps) {
          await pair.run(next);
          await pair.check();
        }
      }),
      RUNS.parameters,
    );
  },
  RUNS.timeoutMs,
);
