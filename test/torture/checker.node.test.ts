// Histories made by hand: the checker finds each kind of violation in them, and none where there is none.

import { expect, test } from "vitest";
import { check } from "./checker/check.ts";
import type { Event, Happening, KeySettings, QueueSettings } from "./history.ts";

/** The server's time at the history's instant 0. */
const WALL = 1_700_000_000_000;
const TIMEOUT_MS = 1_000;
const SETTINGS: Readonly<Record<string, QueueSettings>> = {
  orders: { claimTimeoutMs: TIMEOUT_MS, maxAttempts: 2, deadLetterQueue: "dead" },
  dead: { claimTimeoutMs: TIMEOUT_MS, maxAttempts: 1_000, deadLetterQueue: null },
  hosts: keyed({ concurrency: 2 }),
  paced: keyed({ rate: { limit: 10, periodMs: 1_000, burst: 3 } }),
  steps: keyed({ order: "fifo", concurrency: 1 }),
  ledger: keyed({ order: "strict" }),
};

function keyed(keys: Partial<KeySettings>): QueueSettings {
  const none = { order: "none", concurrency: null, rate: null } as const;
  return { claimTimeoutMs: TIMEOUT_MS, maxAttempts: 3, deadLetterQueue: null, keys: { ...none, ...keys } };
}

type Fields = Readonly<Record<string, unknown>>;

/** A history under way. Each call is sent at `at` and answered 10 ms later. */
class Script {
  readonly events: Event[] = [{ at: 0, kind: "began", wall: WALL, settings: SETTINGS }];
  readonly #queue: string;
  #calls = 0;

  constructor(queue = "orders") {
    this.#queue = queue;
  }

  happens(at: number, happening: Happening): this {
    this.events.push({ at, ...happening });
    return this;
  }

  /** @param answer what it was answered; a text is a problem's code, null: nothing */
  asks(at: number, op: string, body: Fields, answer: Fields | string | null, queue = this.#queue): string {
    const n = `c${(this.#calls += 1)}`;
    this.happens(at, { kind: "call", n, queue, op, body });
    if (typeof answer === "string") this.happens(at + 10, { kind: "problem", n, code: answer });
    else if (answer !== null) this.happens(at + 10, { kind: "answer", n, ok: answer });
    return n;
  }

  enqueues(at: number, token: string, more: Fields = {}, said: Fields = {}): this {
    const { visibleAt = WALL + at + 5 } = said;
    const task = { id: more["id"] ?? `id-${token}`, version: 1, visibleAt, duplicate: false, ...said };
    this.asks(at, "enqueue", { tasks: [{ payload: { t: token }, ...more }] }, { tasks: [task] });
    return this;
  }

  claims(at: number, token: string, claim: string, said: Fields = {}, queue = this.#queue): this {
    this.asks(at, "claim", {}, { tasks: [claimed(at, token, claim, said)] }, queue);
    return this;
  }

  /** One call that is answered with several tasks of a key, each under a claim of its own if it is not the only one. */
  gives(at: number, tokens: readonly string[], claim: string, said: Fields = {}): this {
    const name = (token: string): string => (tokens.length === 1 ? claim : `${claim}-${token}`);
    const tasks = tokens.map((token) => claimed(at, token, name(token), { key: "k", ...said }));
    this.asks(at, "claim", {}, { tasks });
    return this;
  }

  settles(at: number, op: "ack" | "nack" | "extend", claim: string, ok: boolean | null, item: Fields = {}): string {
    const body = { claims: [{ claim, ...item }], ...(op === "extend" ? item : {}) };
    const { claimedUntil } = item;
    const result = ok === true ? { claim, ok, ...(claimedUntil === undefined ? {} : { claimedUntil }) } : { claim, ok };
    return this.asks(at, op, body, ok === null ? null : { results: [result] });
  }

  acks(at: number, claim: string, ok: boolean | null = true): this {
    this.settles(at, "ack", claim, ok);
    return this;
  }

  nacks(at: number, claim: string, item: Fields = {}): this {
    this.settles(at, "nack", claim, true, item);
    return this;
  }

  leaves(at: number, tasks: readonly Fields[], said: Fields = {}, queue = "orders"): this {
    const count = (state: string): number => tasks.filter((task) => task["state"] === state).length;
    const counts = Object.fromEntries(["ready", "delayed", "claimed", "dead"].map((state) => [state, count(state)]));
    return this.happens(at, { kind: "left", queue, tasks, stats: { ...counts, outbox: 0, ...said } });
  }

  /** Of the rules of keys, whatever becomes of the tasks in the end. */
  brokenOfKeys(): readonly string[] {
    return this.broken().filter((promise) => promise.startsWith("K"));
  }

  /** The promises that the checker says were broken. */
  broken(): readonly string[] {
    const events = this.events.toSorted((one, other) => one.at - other.at);
    return [...new Set(check(events).violations.map(({ promise }) => promise))];
  }
}

function claimed(at: number, token: string, claim: string, said: Fields = {}): Fields {
  return {
    id: `id-${token}`,
    claim,
    version: 2,
    attempts: 1,
    lane: "main",
    priority: 0,
    visibleAt: WALL,
    expiresAt: null,
    origin: null,
    payload: { t: token },
    claimedUntil: WALL + at + 5 + TIMEOUT_MS,
    ...said,
  };
}

function left(token: string, state: string, attempts = 2): Fields {
  return { id: `id-${token}`, state, attempts, payload: { t: token }, origin: null };
}

/** Tasks of one key, written one after the other. */
function inLine(queue: string, tokens: readonly string[] = ["a", "b"]): Script {
  const script = new Script(queue);
  for (const [index, token] of tokens.entries()) script.enqueues(10 + 11 * index, token, { key: "k" });
  return script;
}

const written = (): Script => new Script().enqueues(10, "a");
const held = (): Script => written().claims(100, "a", "one");

test("a task that is written, claimed, failed, claimed again and acked breaks nothing", () => {
  const script = held().nacks(200, "one", { delayMs: 100 });
  expect(script.claims(400, "a", "two", { version: 4, attempts: 2 }).acks(500, "two").leaves(900, []).broken()).toEqual(
    [],
  );
});

test("a task that nobody finished and that is nowhere is lost (P2)", () => {
  expect(written().leaves(900, []).broken()).toEqual(["P2"]);
});

test("a task whose ack was never answered may be finished", () => {
  expect(held().acks(200, "one", null).leaves(900, []).broken()).toEqual([]);
});

test("a task whose ack was refused is lost if it is nowhere (P2)", () => {
  expect(held().acks(200, "one", false).leaves(900, []).broken()).toEqual(["P2"]);
});

test("a task that is ready to the end was not offered (P2)", () => {
  expect(
    written()
      .leaves(900, [left("a", "ready")])
      .broken(),
  ).toEqual(["P2"]);
});

test("an acked task that is given to somebody was not acked durably (P1)", () => {
  const script = held().acks(200, "one").claims(300, "a", "two", { version: 4, attempts: 2 });
  expect(script.leaves(900, []).broken()).toContain("P1");
});

test("two claims at once are found (P3)", () => {
  const script = held().claims(300, "a", "two", { version: 4, attempts: 2 }).acks(400, "two");
  expect(script.leaves(900, []).broken()).toEqual(["P3"]);
});

test("a claim after the deadline of the first is none too many, at the very millisecond", () => {
  const at = 100 + TIMEOUT_MS;
  expect(
    held()
      .claims(at, "a", "two", { version: 4, attempts: 2 })
      .acks(at + 100, "two")
      .broken(),
  ).toEqual([]);
  expect(
    held()
      .claims(at - 1, "a", "two", { version: 4, attempts: 2 })
      .acks(at + 100, "two")
      .broken(),
  ).toEqual(["P3"]);
});

test("an extended claim is held until its new deadline (P3)", () => {
  const script = held();
  script.settles(200, "extend", "one", true, { claimTimeoutMs: 2_000, claimedUntil: WALL + 205 + 2_000 });
  expect(script.claims(1_500, "a", "two", { version: 4, attempts: 2 }).acks(1_600, "two").broken()).toEqual(["P3"]);
});

test("a claim that a closing socket gave back may be followed by another", () => {
  const script = written().happens(20, {
    kind: "call",
    n: "s/1",
    queue: "orders",
    op: "credit",
    body: { n: 1, release: true },
    socket: "s",
  });
  script.happens(110, { kind: "push", socket: "s", queue: "orders", tasks: [claimed(100, "a", "one")] });
  const early = { version: 4, attempts: 1 };
  const before = script.events.length;
  expect(script.claims(300, "a", "two", early).acks(400, "two").broken()).toContain("P3");
  script.events.splice(before);
  expect(
    script.happens(200, { kind: "cut", socket: "s" }).claims(300, "a", "two", early).acks(400, "two").broken(),
  ).toEqual([]);
});

test("an ack by a lost claim that succeeds is found (P4)", () => {
  const at = 200 + TIMEOUT_MS;
  const script = held()
    .claims(at, "a", "two", { version: 4, attempts: 2 })
    .acks(at + 100, "one");
  expect(script.leaves(at + 900, []).broken()).toEqual(["P4"]);
});

test("an ack after the deadline that succeeds is found (P4)", () => {
  expect(
    held()
      .acks(200 + TIMEOUT_MS, "one")
      .broken(),
  ).toEqual(["P4"]);
});

test("a change at a stale version that succeeds is found (P4)", () => {
  const script = held();
  script.asks(200, "changeTask", { id: "id-a", version: 1, priority: 1 }, { id: "id-a" });
  expect(script.acks(300, "one").broken()).toContain("P4");
});

test("two acks of one task that succeed are found (P5)", () => {
  expect(held().acks(200, "one").acks(300, "one").leaves(900, []).broken()).toEqual(["P5"]);
});

test("half of a modify whose answer was lost is found (P6)", () => {
  const script = held();
  const insert = ["b", "c"].map((token) => ({ payload: { t: token } }));
  script.asks(200, "modify", { delete: [{ claim: "one" }], insert }, null);
  const seen = script.claims(300, "b", "other", { visibleAt: WALL + 200 }).acks(350, "other");
  expect(seen.leaves(900, []).broken()).toEqual(["P6"]);
});

test("a task of a refused modify that is seen is found (P6)", () => {
  const script = held();
  script.asks(200, "modify", { insert: [{ payload: { t: "b" } }] }, "dependency-failed");
  expect(script.acks(210, "one").claims(300, "b", "other").acks(350, "other").broken()).toEqual(["P6"]);
});

test("a task that nobody wrote is found (P6)", () => {
  expect(new Script().claims(300, "b", "other").acks(350, "other").broken()).toEqual(["P6"]);
});

test("a delivery before the task is visible is found (P7)", () => {
  const early = { visibleAt: WALL + 106 };
  const script = new Script().enqueues(10, "a", { delayMs: 96 }, early);
  expect(script.claims(100, "a", "one", early).acks(150, "one").broken()).toEqual(["P7"]);
});

test("a delivery within the delay of a nack is found (P7)", () => {
  const script = held().nacks(200, "one", { delayMs: 500 });
  expect(script.claims(400, "a", "two", { version: 4, attempts: 2 }).acks(450, "two").broken()).toEqual(["P7"]);
});

test("a delivery of an expired task is found (P7)", () => {
  expect(
    written()
      .claims(100, "a", "one", { expiresAt: WALL + 90 })
      .acks(150, "one")
      .broken(),
  ).toEqual(["P7"]);
});

test("a claim that is shorter than was asked for is found (P7)", () => {
  const short = { claimedUntil: WALL + 50 + TIMEOUT_MS };
  expect(written().claims(100, "a", "one", short).acks(150, "one").broken()).toEqual(["P7"]);
});

test("an attempt that was not counted is found (P8)", () => {
  const script = held().nacks(200, "one");
  expect(script.claims(300, "a", "two", { version: 4, attempts: 1 }).acks(350, "two").broken()).toEqual(["P8"]);
});

test("a release is no attempt", () => {
  const script = held().nacks(200, "one", { release: true });
  expect(script.claims(300, "a", "two", { version: 4, attempts: 1 }).acks(350, "two").broken()).toEqual([]);
});

test("an attempt that was counted twice is found (P8), unless a claim may have gone unheard", () => {
  const twice = { version: 5, attempts: 2 };
  const script = written().claims(300, "a", "two", twice).acks(350, "two");
  expect(script.broken()).toEqual(["P8"]);
  script.asks(50, "claim", {}, null);
  expect(script.broken()).toEqual([]);
});

test("a delivery after the last allowed attempt is found (P8), unless it was redriven", () => {
  const script = held().nacks(200, "one").claims(300, "a", "two", { version: 4, attempts: 2 }).nacks(400, "two");
  const start = script.events.length;
  expect(script.claims(500, "a", "three", { version: 6, attempts: 3 }).acks(550, "three").broken()).toEqual(["P8"]);
  script.events.splice(start);
  script.asks(450, "redrive", {}, { tasks: 1 });
  expect(script.claims(500, "a", "three", { version: 6, attempts: 1 }).acks(550, "three").broken()).toEqual([]);
});

test("a task that died before its last attempt is found (P8), unless it was buried", () => {
  const early = left("a", "dead", 1);
  expect(held().nacks(200, "one").leaves(900, [early]).broken()).toEqual(["P8"]);
  expect(held().nacks(200, "one", { dead: true }).leaves(900, [early]).broken()).toEqual([]);
});

test("one version that is claimed twice is found (P8)", () => {
  const script = held().nacks(200, "one").claims(300, "a", "two", { attempts: 2 }).acks(350, "two");
  expect(script.broken()).toContain("P8");
});

test("a task that is left in two queues is found (P9)", () => {
  const script = held()
    .nacks(200, "one", { dead: true })
    .leaves(900, [left("a", "dead")]);
  expect(script.leaves(900, [{ ...left("a", "dead"), attempts: 1_000 }], {}, "dead").broken()).toEqual(["P9"]);
});

test("a task that is finished in two queues is found (P5)", () => {
  const script = held().nacks(200, "one", { dead: true });
  script.claims(300, "a", "two", { version: 4, attempts: 2 }).acks(350, "two");
  const origin = { queue: "orders", id: "id-a", attempts: 2 };
  script.claims(300, "a", "three", { origin }, "dead");
  script.asks(350, "ack", { claims: ["three"] }, { results: [{ claim: "three", ok: true }] }, "dead");
  expect(script.broken()).toEqual(["P5"]);
});

test("an id that is written twice is found (P10)", () => {
  const script = new Script().enqueues(10, "a", { id: "mine" }).enqueues(50, "b", { id: "mine" });
  expect(script.broken()).toContain("P10");
});

test("a duplicate of nothing is found (P10)", () => {
  expect(new Script().enqueues(10, "a", { id: "mine" }, { duplicate: true }).broken()).toEqual(["P10"]);
});

test("a duplicate's payload that is delivered is found (P10)", () => {
  const script = new Script().enqueues(10, "a", { id: "mine" });
  script.enqueues(50, "b", { id: "mine" }, { duplicate: true });
  expect(script.claims(100, "b", "one", { id: "mine" }).acks(150, "one").broken()).toContain("P10");
});

test("a task that overtakes an earlier one of its lane and priority is found (P11)", () => {
  const script = new Script().enqueues(10, "a").enqueues(50, "b", {}, { visibleAt: WALL + 55 });
  script.claims(200, "b", "one", { visibleAt: WALL + 55 }).acks(220, "one");
  expect(
    script
      .claims(300, "a", "two", { visibleAt: WALL + 15 })
      .acks(320, "two")
      .broken(),
  ).toEqual(["P11"]);
});

test("a task of another lane or priority may overtake", () => {
  const script = new Script().enqueues(10, "a").enqueues(50, "b");
  script.claims(200, "b", "one", { priority: 1 }).acks(220, "one");
  expect(script.claims(300, "a", "two").acks(320, "two").broken()).toEqual([]);
});

test("counts that are not what a queue holds are found", () => {
  expect(held().acks(200, "one").leaves(900, [], { claimed: 1 }).broken()).toEqual(["counts"]);
});

test("a message that never arrives is found (P9)", () => {
  expect(held().acks(200, "one").leaves(900, [], { outbox: 1 }).broken()).toEqual(["P9"]);
});

test("a server whose clock was set forward may end claims early by ours, and one that was set back holds them", () => {
  const later = 2_000;
  const script = held().happens(150, { kind: "clock", offsetMs: later });
  const until = WALL + 300 + 5 + later + TIMEOUT_MS;
  expect(
    script.claims(300, "a", "two", { version: 4, attempts: 2, claimedUntil: until }).acks(350, "two").broken(),
  ).toEqual([]);
});

test("a server that starts again with its clock set back may give what it had given, and ended, later by its time", () => {
  const script = new Script("steps")
    .enqueues(10, "a", { key: "k" })
    .gives(100, ["a"], "one")
    .gives(1_200, ["a"], "two", { version: 4, attempts: 2 })
    .nacks(1_250, "two")
    .happens(1_300, { kind: "clock", offsetMs: -700 })
    .gives(1_400, ["a"], "three", { version: 6, attempts: 3, claimedUntil: WALL + 1_405 - 700 + TIMEOUT_MS })
    .acks(1_450, "three");
  expect(script.broken()).toEqual([]);
});

/** The deadline of a claim at an instant, of a server whose clock was set forward by 2 s and back again at 100. */
function deadlineAt(at: number): number {
  return WALL + 100 + 2_000 + 0.9 * (at - 100) + TIMEOUT_MS;
}

test("a clock that is set forward while a server is ahead of it is taken for time that passes", () => {
  const script = written()
    .happens(50, { kind: "clock", offsetMs: -2_000 })
    .happens(100, { kind: "clock", offsetMs: 0 })
    // It stood at 50, went on to 95, and is at 1,895 now.
    .claims(100, "a", "one", { claimedUntil: WALL + 1_895 + TIMEOUT_MS })
    .acks(150, "one");
  expect(script.broken()).toEqual([]);
});

test("the time of a server whose clock was set back goes on, a tenth slower, and no faster", () => {
  const script = written().happens(50, { kind: "clock", offsetMs: 2_000 }).happens(100, { kind: "clock", offsetMs: 0 });
  const start = script.events.length;
  expect(
    script
      .claims(600, "a", "one", { claimedUntil: deadlineAt(600) })
      .acks(650, "one")
      .broken(),
  ).toEqual([]);
  script.events.splice(start);
  expect(
    script
      .claims(600, "a", "one", { claimedUntil: deadlineAt(700) })
      .acks(650, "one")
      .broken(),
  ).toContain("P7");
});

test("a task of a lower priority that overtakes one of a higher is found (P11)", () => {
  const script = new Script().enqueues(10, "a").enqueues(50, "b");
  script.claims(200, "b", "one", { priority: -1 }).acks(220, "one");
  expect(script.claims(300, "a", "two").acks(320, "two").broken()).toEqual(["P11"]);
});

test("a modify that depends on a task that never was, and is made, is found (P4)", () => {
  const script = held();
  script.asks(200, "modify", { delete: [{ claim: "one" }], depend: [{ id: "no-such-task", version: 1 }] }, {});
  expect(script.leaves(900, []).broken()).toEqual(["P4"]);
});

test("a call that the proxy sent twice may be refused because of its copy", () => {
  const script = held();
  const n = script.settles(200, "ack", "one", false);
  expect(script.leaves(900, []).broken()).toEqual(["P2"]);
  expect(script.happens(201, { kind: "repeated", n }).broken()).toEqual([]);
});

test("tasks of a key that come one after the other, with a retry between, break nothing", () => {
  const script = inLine("steps");
  script.gives(100, ["a"], "one").nacks(200, "one", { delayMs: 100 });
  script.gives(400, ["a"], "two", { version: 4, attempts: 2 }).acks(450, "two");
  expect(script.gives(500, ["b"], "three").acks(550, "three").brokenOfKeys()).toEqual([]);
});

test("a task of a key that overtakes an earlier one is found (K2)", () => {
  const script = inLine("steps").gives(100, ["b"], "one").acks(150, "one");
  expect(script.gives(200, ["a"], "two").acks(250, "two").brokenOfKeys()).toEqual(["K2"]);
});

test("a task of a key that overtakes one which waits for its retry is found (K2), until that is dead", () => {
  const script = inLine("steps").gives(100, ["a"], "one");
  const start = script.events.length;
  script.nacks(200, "one", { delayMs: 100 }).gives(250, ["b"], "two");
  expect(script.acks(280, "two").brokenOfKeys()).toEqual(["K2"]);
  script.events.splice(start);
  script.nacks(200, "one", { dead: true }).gives(250, ["b"], "two");
  expect(script.acks(280, "two").brokenOfKeys()).toEqual([]);
});

test("a task of a strict key that overtakes a dead one is found (K2), unless that was cancelled", () => {
  const script = inLine("ledger").gives(100, ["a"], "one").nacks(200, "one", { dead: true });
  script.gives(300, ["b"], "two").acks(350, "two");
  expect(script.brokenOfKeys()).toEqual(["K2"]);
  script.asks(220, "cancelTask", { id: "id-a" }, null);
  expect(script.brokenOfKeys()).toEqual([]);
});

test("one call may take several tasks of an ordered key, in their order; another call none beside it (K2)", () => {
  const script = inLine("ledger");
  const start = script.events.length;
  expect(script.gives(100, ["a", "b"], "one").brokenOfKeys()).toEqual([]);
  script.events.splice(start);
  expect(script.gives(100, ["b", "a"], "one").brokenOfKeys()).toEqual(["K2"]);
  script.events.splice(start);
  expect(script.gives(100, ["a"], "one").gives(200, ["b"], "two").brokenOfKeys()).toEqual(["K2"]);
});

test("a task that is scheduled for later holds up nothing before its time, and what comes after it from then on (K2)", () => {
  const script = new Script("steps").enqueues(10, "a", { key: "k" }, { visibleAt: WALL + 300 });
  script.enqueues(20, "b", { key: "k" });
  const start = script.events.length;
  script
    .gives(100, ["b"], "one")
    .acks(150, "one")
    .gives(400, ["a"], "two", { visibleAt: WALL + 300 });
  expect(script.brokenOfKeys()).toEqual([]);
  script.events.splice(start);
  script.gives(350, ["a"], "two", { visibleAt: WALL + 300 });
  expect(script.brokenOfKeys()).toEqual(["K2"]);
});

test("a dead task of a strict key is redriven to where it arrived, before those that overtook it while it was delayed (K2)", () => {
  const script = new Script("ledger").enqueues(10, "a", { key: "k" }, { visibleAt: WALL + 90 });
  script.enqueues(20, "b", { key: "k" });
  const start = script.events.length;
  // Both at once, in their order; then the one dies, and the other waits for its retry.
  script.gives(100, ["b", "a"], "one", { visibleAt: WALL + 90 });
  script.nacks(150, "one-a", { dead: true }).nacks(160, "one-b", { delayMs: 50 });
  script.gives(300, ["a"], "two", { visibleAt: WALL + 250 });
  expect(script.brokenOfKeys()).toEqual([]);
  script.events.splice(start);
  script.gives(100, ["a"], "one", { visibleAt: WALL + 90 });
  expect(script.brokenOfKeys()).toEqual(["K2"]);
});

test("more claims of a key than its concurrency are found (K1), at the very millisecond", () => {
  const at = 100 + TIMEOUT_MS;
  const script = inLine("hosts", ["a", "b", "c"]).gives(100, ["a", "b"], "one");
  const start = script.events.length;
  expect(script.gives(at - 1, ["c"], "two").brokenOfKeys()).toEqual(["K1"]);
  script.events.splice(start);
  expect(script.gives(at, ["c"], "two").brokenOfKeys()).toEqual([]);
  script.events.splice(start);
  script.acks(150, "one-a", null);
  expect(script.gives(200, ["c"], "two").brokenOfKeys()).toEqual([]);
});

test("two claims at once of a key with an order and a concurrency of 1 are found (K1), also by one call", () => {
  expect(inLine("steps").gives(100, ["a", "b"], "one").brokenOfKeys()).toEqual(["K1"]);
});

test("more attempts than a key's rate allows are found (K1)", () => {
  const tokens = ["a", "b", "c", "d"];
  const given = (lastAt: number): readonly string[] => {
    const script = inLine("paced", tokens);
    for (const [index, token] of tokens.entries()) script.gives(index === 3 ? lastAt : 100 + index, [token], token);
    return script.brokenOfKeys();
  };
  // Three pass at once, and one more each 100 ms.
  expect(given(200)).toEqual([]);
  expect(given(199)).toEqual(["K1"]);
});

test("a task that is given while its key is paused is found (K1)", () => {
  const script = inLine("steps");
  script.asks(50, "setKey", { key: "k", paused: true }, { key: "k" });
  const start = script.events.length;
  expect(script.gives(100, ["a"], "one").brokenOfKeys()).toEqual(["K1"]);
  script.events.splice(start);
  script.asks(80, "setKey", { key: "k", paused: null }, null);
  expect(script.gives(100, ["a"], "one").brokenOfKeys()).toEqual([]);
});
