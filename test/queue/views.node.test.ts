// Random operations of all kinds; after each, everything that a queue says of itself is what its tasks say one by one: counts, pages,
// searches, keys, and why a task is not offered. No rule here says what an operation does.

import { fc } from "../random/fc.ts";
import { afterAll, expect, test } from "vitest";
import { KEY_LIMITS, type KeyReport } from "../../src/core/key-report.ts";
import type { InputOf, LaneChoice, OperationName, TaskPlace } from "../../src/core/operation.ts";
import type { SearchTerm } from "../../src/core/search.ts";
import type { BrowsedTask, ClaimedTask, TaskState } from "../../src/core/task.ts";
import { browseAll, expectKind, ref, stats, task } from "../contract/builders.ts";
import { modifyInput } from "../contract/modify-builders.ts";
import { exported, imported } from "../contract/transfer-builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";
import { modelRuns } from "./model-runs.ts";

const RUNS = modelRuns(40, 500);
const LANES = ["main", "x", "y"] as const;
const KEYS = ["a", "b", "c"] as const;
const STATES = ["ready", "delayed", "claimed", "dead"] as const;
const seenKinds = new Map<string, number>();

afterAll(() => {
  const kinds = Array.from(seenKinds, ([kind, count]) => `${kind} ${count}`);
  console.log(`views: ${RUNS.parameters.numRuns} runs; ${kinds.join(", ")}`);
});

const aKey = fc.constantFrom(...KEYS);
const aLane = fc.constantFrom(...LANES);
const anyOf = fc.nat(40);
const delayMs = fc.integer({ min: 0, max: 120 });
const rate = fc.record({
  limit: fc.constantFrom(1, 2, 4),
  periodMs: fc.constantFrom(50, 100, 1_000),
  burst: fc.constantFrom(1, 2, 5),
});
const options = fc.record(
  {
    key: aKey,
    lane: aLane,
    delayMs,
    id: fc.constantFrom("i1", "i2", "i3", "i4"),
    priority: fc.integer({ min: -1, max: 1 }),
    cost: fc.constantFrom(1, 2, 4),
    ttlMs: fc.integer({ min: 1, max: 300 }),
    maxAttempts: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
);
const newTask = fc.oneof(
  { weight: 2, arbitrary: aKey.map((name) => ({ key: name })) },
  { weight: 4, arbitrary: options },
  { weight: 2, arbitrary: fc.constant({}) },
);
const someSettings = fc.record(
  {
    keys: fc.record(
      {
        order: fc.constantFrom("none", "fifo", "strict"),
        concurrency: fc.constantFrom(null, 1, 2),
        rate: fc.option(rate),
        fairness: fc.constantFrom("robin", "share", "none"),
      },
      { requiredKeys: [] },
    ),
    rate: fc.option(rate),
    paused: fc.constantFrom(false, false, false, false, false, true),
    maxInFlight: fc.constantFrom(1, 3, 1_000, 1_000),
    retentionMs: fc.constantFrom(null, null, 200, 1_000),
    dedupeMs: fc.constantFrom(0, 100),
    maxAttempts: fc.constantFrom(1, 2, 5, null),
  },
  { requiredKeys: [] },
);
const change = fc.record(
  {
    key: fc.option(aKey),
    priority: fc.integer({ min: -1, max: 1 }),
    lane: aLane,
    delayMs,
    payload: fc.constant('"new"'),
  },
  { requiredKeys: [] },
);
const terms = fc.array(
  fc.record({
    term: fc.oneof(
      aLane.map((value) => ["lane", value]),
      aKey.map((value) => ["key", value]),
      fc.constantFrom<TaskState>(...STATES).map((value) => ["state", value]),
      fc.constantFrom(">0", "<=1", "2").map((value) => ["attempts", value]),
      fc.constantFrom(">0", "<=0", "-1").map((value) => ["priority", value]),
      fc.constantFrom("i1", "i*").map((value) => ["id", value]),
    ),
    isExcluded: fc.boolean(),
  }),
  { maxLength: 2 },
);

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("enqueue"), tasks: fc.array(newTask, { minLength: 1, maxLength: 6 }) }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("claim"),
      max: fc.integer({ min: 1, max: 6 }),
      claimTimeoutMs: fc.integer({ min: 0, max: 200 }),
      waitMs: fc.constantFrom(0, 0, 50),
      lanes: fc.constantFrom<LaneChoice>(
        { inOrder: ["main"] },
        { inOrder: ["x", "main"] },
        { any: ["main", "x", "y"] },
        { any: ["y"] },
      ),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("settle"), acks: fc.array(anyOf, { maxLength: 3 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("nack"),
      which: anyOf,
      how: fc.oneof(
        fc.constant({}),
        fc.record({ delayMs }),
        fc.record({ delayMs, snooze: fc.constant(true) }),
        fc.record({ delayMs, limitKey: fc.constant(true) }),
        fc.constant({ release: true }),
        fc.constant({ dead: true }),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("extend"), which: anyOf, ms: fc.integer({ min: 0, max: 300 }) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("advance"), ms: fc.integer({ min: 0, max: 80 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("change"), which: anyOf, change, redrive: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel"), which: anyOf, force: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("release"), which: anyOf }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("modify"),
      insert: fc.array(newTask, { maxLength: 2 }),
      changed: fc.array(fc.record({ which: anyOf, change, keep: fc.constantFrom("no", "yes", "longer") }), {
        maxLength: 2,
      }),
      deleted: fc.array(anyOf, { maxLength: 1 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("apply"),
      terms,
      action: fc.constantFrom("retry", "snooze", "cancel", "release", "redrive"),
      delayMs,
      limit: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("redrive"), limit: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("configure"), settings: someSettings }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("setKey"),
      key: aKey,
      patch: fc.record(
        {
          concurrency: fc.constantFrom(1, 3, null),
          rate: fc.option(rate),
          paused: fc.boolean(),
          weight: fc.constantFrom(2, null),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("resetKey"), key: aKey }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("unblockKey"), key: aKey }) },
  { weight: 2, arbitrary: fc.constant({ kind: "sweep" as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: "restart" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "transfer" as const }) },
);
const rare = fc.constantFrom({ kind: "purge" as const }, { kind: "delete" as const }, { kind: "reincarnate" as const });
const anyStep = fc.oneof({ weight: 60, arbitrary: step }, { weight: 1, arbitrary: rare });

type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

class Run {
  queue = new MemoryQueue();
  readonly #seen: ClaimedTask[] = [];

  async apply(one: Step): Promise<void> {
    const outcome = await this.#do(one);
    const name = `${one.kind}:${outcome}`;
    seenKinds.set(name, (seenKinds.get(name) ?? 0) + 1);
  }

  async #op<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<string> {
    const outcome = await this.queue.operate(name, input);
    return outcome.kind;
  }

  async #do(one: Step): Promise<string> {
    const { queue } = this;
    switch (one.kind) {
      case "enqueue":
        return this.#op("enqueue", { tasks: one.tasks.map((asked, index) => task(index, asked)) });
      case "claim": {
        const { kind: _kind, waitMs, ...input } = one;
        const answer = queue.operate("claim", waitMs === 0 ? input : { ...input, waitMs, ticket: "t" });
        const keep = answer.then((outcome) => {
          if (outcome.kind === "claimed") this.#seen.push(...outcome.tasks);
          return outcome.kind === "claimed" && outcome.tasks.length > 0 ? "some" : outcome.kind;
        });
        if (waitMs === 0) return keep;
        return "waits";
      }
      case "settle":
        return this.#op("settle", { acks: one.acks.flatMap((index) => this.#refs(index)), nacks: [] });
      case "nack":
        return this.#op("nack", { claims: this.#refs(one.which).map((claim) => ({ ...one.how, claim })) });
      case "extend":
        return this.#op("extend", { claims: this.#refs(one.which), claimTimeoutMs: one.ms });
      case "advance":
        queue.advance(one.ms);
        return "";
      case "change": {
        const chosen = await this.#at(one.which);
        if (chosen === undefined) return "none";
        return this.#op("changeTask", {
          id: chosen.id,
          version: chosen.version,
          change: one.change,
          redrive: one.redrive,
        });
      }
      case "cancel": {
        const chosen = await this.#at(one.which);
        return chosen === undefined ? "none" : this.#op("cancelTask", { id: chosen.id, force: one.force });
      }
      case "release": {
        const chosen = await this.#at(one.which);
        return chosen === undefined ? "none" : this.#op("releaseTask", { id: chosen.id });
      }
      case "modify": {
        const all = await browseAll(queue).catch(() => []);
        const refOf = (index: number) => {
          const chosen = all.at(index % Math.max(1, all.length));
          if (chosen === undefined) return [];
          const held = this.#seen.find(({ id, version }) => id === chosen.id && version === chosen.version);
          if (held !== undefined && chosen.state === "claimed") return [{ claim: ref(held.claim) }];
          return [{ id: chosen.id, version: chosen.version }];
        };
        const input = modifyInput({
          insert: one.insert.map((asked, index) => ({ task: task(index, asked), onConflict: "skip" as const })),
          change: one.changed.flatMap(({ which: index, change: to, keep }) =>
            refOf(index).map((found) => ({
              task: found,
              change: "claim" in found && keep !== "no" ? { ...to, key: undefined, delayMs: undefined } : to,
              ...("claim" in found && keep !== "no"
                ? { keepClaim: keep === "yes" ? {} : { claimTimeoutMs: 100 } }
                : {}),
            })),
          ),
          delete: one.deleted.flatMap((index) => refOf(index).map((found) => ({ task: found }))),
        } as never);
        return this.#op("modify", input);
      }
      case "apply": {
        const { kind: _kind, terms: asked, ...rest } = one;
        return this.#op("apply", { ...rest, terms: asked.map(asTerm), after: 0, force: true, dryRun: false });
      }
      case "redrive":
        return this.#op("redrive", { limit: one.limit });
      case "configure":
        return this.#op("configure", { settings: one.settings });
      case "setKey":
        return this.#op("setKey", { key: one.key, patch: one.patch });
      case "resetKey":
        return this.#op("resetKey", { key: one.key });
      case "unblockKey":
        return this.#op("unblockKey", { key: one.key });
      case "sweep":
        await queue.sweep();
        return "";
      case "restart": {
        // Those who wait are served first.
        await this.#op("getQueue", null);
        const before = await this.#views();
        await queue.restart();
        expect(await this.#views()).toEqual(before);
        return "";
      }
      case "transfer": {
        if ((await queue.operate("getQueue", null)).kind !== "queue") return "none";
        const records = await exported(queue);
        const other = new MemoryQueue(queue.name);
        other.skipNonces(1_000_000);
        other.advance(queue.now() - other.now());
        const outcome = await imported(other, records, { replace: true });
        this.queue = other;
        return outcome.kind;
      }
      case "purge":
        return this.#op("purge", null);
      case "delete":
        return this.#op("deleteQueue", null);
      case "reincarnate":
        return this.#op("reincarnate", null);
      default:
        return one satisfies never;
    }
  }

  #refs(index: number) {
    const held = this.#seen.at(-1 - (index % Math.max(1, this.#seen.length)));
    return held === undefined ? [] : [ref(held.claim)];
  }

  async #at(index: number): Promise<BrowsedTask | undefined> {
    const all = await browseAll(this.queue).catch(() => []);
    return all.at(index % Math.max(1, all.length));
  }

  async #views(): Promise<unknown> {
    const found = await this.queue.operate("getQueue", null);
    if (found.kind !== "queue") return null;
    const { ready, delayed, claimed, dead, lanes } = found.queue.stats;
    const { keys } = expectKind(await this.queue.operate("listKeys", { limit: 100, after: "" }), "keys");
    return { tasks: await browseAll(this.queue), counts: { ready, delayed, claimed, dead, lanes }, keys };
  }

  async check(asked: readonly SearchTerm[], limit: number): Promise<void> {
    const { queue } = this;
    // Those who wait are served first.
    if ((await this.#op("getQueue", null)) !== "queue") return;
    const all = await browseAll(queue);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    await this.#checkCounts(all);
    await this.#checkPages(all, limit);
    const found = await wholeScan(new SearchScan(queue, asked, limit));
    expect({ asked, found: byId(found) }).toEqual({ asked, found: byId(all.filter((one) => isFound(one, asked))) });
    await this.#checkKeys(all, limit);
    for (const one of all) {
      const { pastAttempts: _past, ...seen } = expectKind(await queue.operate("getTask", { id: one.id }), "task").task;
      expect(seen).toEqual(one);
    }
  }

  async #checkCounts(all: readonly BrowsedTask[]): Promise<void> {
    const { lanes, oldestReadyAgeMs, ...said } = await stats(this.queue);
    expect(said).toMatchObject(countsOf(all));
    const names = new Set(["main", ...all.map(({ lane }) => lane)]);
    const ofLanes = Array.from(names, (name) => [name, countsOf(all.filter(({ lane }) => lane === name))]);
    expect(lanes).toEqual(Object.fromEntries(ofLanes));
    if (!all.some(({ state }) => state === "ready")) expect(oldestReadyAgeMs).toBe(null);
  }

  async #checkPages(all: readonly BrowsedTask[], limit: number): Promise<void> {
    for (const state of [undefined, ...STATES]) {
      for (const lane of [undefined, ...LANES]) {
        const found = byId(await wholeScan(new BrowseScan(this.queue, state, lane, limit)));
        const wanted = byId(all.filter((one) => isBrowsed(one, state, lane)));
        expect({ state, lane, found }).toEqual({ state, lane, found: wanted });
      }
    }
  }

  async #checkKeys(all: readonly BrowsedTask[], limit: number): Promise<void> {
    const { queue } = this;
    const keys = await wholeScan(new KeyScan(queue, limit));
    const names = keys.map(({ key }) => key);
    expect(names).toEqual([...new Set(names)].toSorted());
    const live = all.filter(({ key, state }) => key !== undefined && state !== "dead");
    for (const { key } of live) expect(names).toContain(key);
    for (const name of KEYS) {
      const { report } = expectKind(await queue.operate("getKey", { key: name }), "key");
      const listed = keys.find(({ key }) => key === name);
      expect(listed ?? report).toEqual(report);
      const its = live.filter(({ key }) => key === name);
      const { dead: _dead, ...counted } = countsOf(its);
      expect(report).toMatchObject({ key: name, ...counted });
      const dead = all.filter(({ key, state }) => state === "dead" && key === name).map(({ id }) => id);
      expect(dead).toEqual(expect.arrayContaining([...report.blockedBy]));
      this.#checkLimits(
        report,
        its.filter(({ state }) => state === "ready"),
      );
      for (const by of ["any", ...KEY_LIMITS] as const) {
        const page = expectKind(await queue.operate("listKeys", { limit: 100, after: "", limited: by }), "keys");
        const isListed = listed !== undefined && report.limited !== null && (by === "any" || report.limited.by === by);
        expect([name, by, page.keys.some(({ key }) => key === name)]).toEqual([name, by, isListed]);
      }
    }
  }

  /** What holds a key back holds each of its tasks back, but for a retry, which is of its lane and priority. */
  #checkLimits({ limited }: KeyReport, ready: readonly BrowsedTask[]): void {
    for (const one of ready) {
      if (limited !== null && limited.by !== "order") expect(one).toHaveProperty("limited");
      // One that costs more may be held back where one of cost 1 is not.
      if (limited === null && one.limited?.of === "key") expect(one.limited.by).toBe("rate");
    }
  }

  /** A claim gives something exactly if a task says that nothing holds it back. */
  async checkOffered(): Promise<void> {
    const { queue } = this;
    if ((await queue.operate("getQueue", null)).kind !== "queue") return;
    for (const name of LANES) {
      const ready = await browseAll(queue, "ready").then((some) => some.filter((one) => one.lane === name));
      const { retentionMs } = expectKind(await queue.operate("getQueue", null), "queue").queue.settings;
      const now = queue.now();
      const isOver = (one: BrowsedTask) =>
        (one.expiresAt !== null && one.expiresAt <= now) ||
        (retentionMs !== null && one.visibleAt + retentionMs <= now);
      const free = ready.filter((one) => one.limited === undefined && !isOver(one));
      const outcome = await queue.operate("claim", { max: 1, claimTimeoutMs: 1_000, lanes: { inOrder: [name] } });
      const given = outcome.kind === "claimed" ? outcome.tasks : [];
      if (outcome.kind === "claimed") this.#seen.push(...outcome.tasks);
      for (const one of given) {
        const before = ready.find(({ id }) => id === one.id);
        expect(before).toMatchObject({ id: one.id, state: "ready" });
        expect(before).not.toHaveProperty("limited");
      }
      // A dear task that waits for the queue's rate lets nothing go before it.
      const isPaced = ready.some((one) => one.limited?.by === "rate" && one.limited.of === "queue");
      if (given.length === 0 && !isPaced) expect(free.map(({ id }) => id)).toEqual([]);
    }
  }
}

/** One page after another, of whatever there are pages. */
interface Scan<Item> {
  readonly isOver: boolean;
  page(): Promise<readonly Item[]>;
}

class BrowseScan implements Scan<BrowsedTask> {
  #after: TaskPlace | null = 0;
  readonly #page: (after: TaskPlace) => Promise<{ tasks: BrowsedTask[]; after: TaskPlace | null }>;

  constructor(queue: MemoryQueue, state: TaskState | undefined, lane: string | undefined, limit: number) {
    const which = { ...(state === undefined ? {} : { state }), ...(lane === undefined ? {} : { lane }) };
    this.#page = async (after) => expectKind(await queue.operate("browse", { ...which, limit, after }), "page");
  }

  get isOver(): boolean {
    return this.#after === null;
  }

  async page(): Promise<BrowsedTask[]> {
    const { tasks, after } = await this.#page(this.#after ?? 0);
    this.#after = after;
    return tasks;
  }
}

class SearchScan implements Scan<BrowsedTask> {
  #after: TaskPlace | null = 0;
  readonly #page: (after: TaskPlace) => Promise<{ tasks: readonly BrowsedTask[]; after: TaskPlace | null }>;

  constructor(queue: MemoryQueue, asked: readonly SearchTerm[], limit: number) {
    this.#page = async (after) => expectKind(await queue.operate("search", { terms: asked, limit, after }), "found");
  }

  get isOver(): boolean {
    return this.#after === null;
  }

  async page(): Promise<readonly BrowsedTask[]> {
    const { tasks, after } = await this.#page(this.#after ?? 0);
    this.#after = after;
    return tasks;
  }
}

class KeyScan implements Scan<KeyReport> {
  #after: string | null = "";
  readonly #page: (after: string) => Promise<{ keys: readonly KeyReport[]; after: string | null }>;

  constructor(queue: MemoryQueue, limit: number) {
    this.#page = async (after) => expectKind(await queue.operate("listKeys", { limit, after }), "keys");
  }

  get isOver(): boolean {
    return this.#after === null;
  }

  async page(): Promise<readonly KeyReport[]> {
    const { keys, after } = await this.#page(this.#after ?? "");
    this.#after = after;
    return keys;
  }
}

async function wholeScan<Item>(scan: Scan<Item>): Promise<Item[]> {
  const items: Item[] = [];
  while (!scan.isOver) items.push(...(await scan.page()));
  return items;
}

const stateIn = ({ state, version, lane, priority, visibleAt }: BrowsedTask): string =>
  JSON.stringify([state, version, lane, priority, visibleAt]);

function times(list: readonly string[], name: string): number {
  return list.filter((other) => other === name).length;
}

/** A page of each scan after another, and a step between them: whatever stayed as it was is shown once. */
async function scanned(
  run: Run,
  steps: readonly Step[],
  asked: readonly SearchTerm[],
  state: TaskState | undefined,
  limit: number,
) {
  const { queue } = run;
  const lane = asked.find(({ field, isExcluded }) => field === "lane" && !isExcluded)?.value;
  const scans = {
    browsed: new BrowseScan(queue, state, lane, limit),
    found: new SearchScan(queue, asked, limit),
    listed: new KeyScan(queue, limit),
  };
  const shown = { browsed: [] as string[], found: [] as string[], listed: [] as string[] };
  let stayed: BrowsedTask[] | null = null;
  let keys: Set<string> | null = null;
  for (let index = 0; Object.values(scans).some(({ isOver }) => !isOver); index += 1) {
    // Those who wait are served first.
    await queue.operate("getQueue", null);
    const now = await browseAll(queue);
    const states = new Map(now.map((one) => [one.id, stateIn(one)]));
    stayed = (stayed ?? now).filter((one) => states.get(one.id) === stateIn(one));
    const held = new Set(now.flatMap((one) => (one.state === "dead" ? [] : (one.key ?? []))));
    keys = (keys ?? held).intersection(held);
    if (!scans.browsed.isOver) shown.browsed.push(...(await scans.browsed.page()).map(({ id }) => id));
    if (!scans.found.isOver) shown.found.push(...(await scans.found.page()).map(({ id }) => id));
    if (!scans.listed.isOver) shown.listed.push(...(await scans.listed.page()).map(({ key }) => key));
    const one = steps[index];
    if (one !== undefined) await run.apply(one);
  }
  for (const one of stayed ?? []) {
    const wanted = [isBrowsed(one, state, lane) ? 1 : 0, isFound(one, asked) ? 1 : 0];
    expect([one.id, times(shown.browsed, one.id), times(shown.found, one.id)]).toEqual([one.id, ...wanted]);
  }
  for (const name of keys ?? []) expect([name, times(shown.listed, name)]).toEqual([name, 1]);
}

function countsOf(some: readonly BrowsedTask[]): Record<TaskState, number> {
  const count = (name: TaskState): number => some.filter(({ state }) => state === name).length;
  return { ready: count("ready"), delayed: count("delayed"), claimed: count("claimed"), dead: count("dead") };
}

function isBrowsed(one: BrowsedTask, state: TaskState | undefined, lane: string | undefined): boolean {
  return (state ?? one.state) === one.state && (lane ?? one.lane) === one.lane;
}

function isFound(one: BrowsedTask, asked: readonly SearchTerm[]): boolean {
  return asked.every(({ field, value, isExcluded }) => (MATCHES[field]?.(one, value) ?? false) !== isExcluded);
}

const byId = (tasks: readonly BrowsedTask[]) => tasks.toSorted((a, b) => (a.id < b.id ? -1 : 1));

function asTerm({ term: [field = "", value = ""], isExcluded }: { term: string[]; isExcluded: boolean }): SearchTerm {
  return { field: field as SearchTerm["field"], part: "", value, isExcluded };
}

function compares(number: number, value: string): boolean {
  const [, sign = "", digits = ""] = /^([<>]=?)?(.*)$/.exec(value) ?? [];
  const other = Number(digits);
  if (sign === ">") return number > other;
  return sign === "<=" ? number <= other : number === other;
}

/** The terms that are searched for here. */
const MATCHES: { readonly [Field in SearchTerm["field"]]?: (one: BrowsedTask, value: string) => boolean } = {
  lane: ({ lane }, value) => lane === value,
  key: ({ key }, value) => key === value,
  state: ({ state }, value) => state === value,
  attempts: ({ attempts }, value) => compares(attempts, value),
  priority: ({ priority }, value) => compares(priority, value),
  id: ({ id }, value) => (value === "i*" ? id.startsWith("i") : id === value),
};

test(
  "what a queue says of itself is what its tasks say, whatever happened",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { minLength: 10, maxLength: 80, size: "max" }),
        fc.array(terms, { minLength: 3, maxLength: 3 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, searched, limit) => {
          const run = new Run();
          for (const [index, one] of steps.entries()) {
            await run.apply(one);
            if (index % 3 === 0) await run.check((searched[index % 3] ?? []).map(asTerm), limit);
          }
          for (const some of searched) await run.check(some.map(asTerm), limit);
          await run.checkOffered();
        },
      ),
      RUNS.parameters,
    );
  },
  RUNS.timeoutMs,
);

const calm = step.filter(({ kind }) => kind !== "transfer");

test(
  "pages that follow one another come to each task that stays as it is once, whatever happens to others",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(calm, { minLength: 10, maxLength: 40, size: "max" }),
        fc.array(calm, { minLength: 3, maxLength: 40, size: "max" }),
        terms,
        fc.option(fc.constantFrom<TaskState>(...STATES), { nil: undefined }),
        fc.integer({ min: 1, max: 3 }),
        async (before, between, asked, state, limit) => {
          const run = new Run();
          await run.apply({ kind: "enqueue", tasks: [{}, { key: "a" }, { delayMs: 20 }, { lane: "x", key: "b" }] });
          for (const one of before) await run.apply(one);
          await scanned(run, between, asked.map(asTerm), state, limit);
        },
      ),
      RUNS.parameters,
    );
  },
  RUNS.timeoutMs,
);
