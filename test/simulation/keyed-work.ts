// A run of the simulation of keys: producers and consumers at one queue whose tasks have keys, in a world with its faults, while
// somebody changes what is set. Checked by the ledger of keys at every answer, and at the end: all is done, and nothing of a key is left.

import { parseClaimToken, type ClaimRef } from "../../src/core/claim-token.ts";
import type { InputOf, NackItem, NewTask, OperationName, OutcomeOf } from "../../src/core/operation.ts";
import type { SettingsPatch } from "../../src/core/settings.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import { KeyLedger } from "./key-ledger.ts";
import { Ledger, MAX_ATTEMPTS, type Committed } from "./ledger.ts";
import { SeededRuns, type Classes, type RunResult } from "./run.ts";
import type { Random } from "./random.ts";
import { Subscriber } from "./subscriber.ts";
import { NO_FAULTS, type World } from "./world.ts";

const QUEUE = "k";
/** Takes its dead letters in some worlds. */
const DEAD_LETTERS = "l";
const KEYS = ["a", "b", "c", "d", "e"] as const;
const LANES = ["main", "x"] as const;
const CLAIM_TIMEOUT_MS = 1_000;
const MOST_STEPS = 20_000;

export class KeyedWorlds extends SeededRuns {
  constructor(classes: Classes) {
    super(classes, [QUEUE, DEAD_LETTERS], live);
  }
}

async function live(world: World, random: Random): Promise<RunResult> {
  const work = new KeyedWork(world, random);
  const level = work.isCrowded ? 0 : random.pick([0, 0, 0.01, 0.03, 0.1]);
  world.faults = {
    cut: level,
    lostRequest: level,
    lostAnswer: random.pick([0, level]),
    lateCopy: work.isCrowded ? 0 : random.pick([0, 0.1]),
    lostAlarm: random.pick([0, 0.3]),
    lateAlarm: random.pick([0, 0.3]),
    repeatedAlarm: random.pick([0, 0.2]),
  };
  const isClockSet = !work.isCrowded && random.chance(0.4);
  work.start();
  const isFailed = (): boolean => world.violations.length + work.violations.length > 0;
  const broken = work.isCrowded ? 1_200 : random.pick([150, 400]);
  let steps = 0;
  for (; steps < broken && !isFailed(); steps += 1) {
    if (random.chance(level / 4)) world.kill(QUEUE);
    if (isClockSet && random.chance(0.01))
      world.setClock(random.pick([-1, 1]) * random.below(random.pick([50, 5_000, 60_000])));
    if (random.chance(level)) world.hibernate(random.pick([QUEUE, DEAD_LETTERS]));
    await world.step();
  }
  world.faults = NO_FAULTS;
  work.heal();
  for (; (steps % 10 !== 0 || !work.isDone) && !isFailed() && steps < MOST_STEPS; steps += 1) await world.step();
  const violations = [...world.violations, ...work.violations];
  if (violations.length === 0 && steps >= MOST_STEPS) violations.push(`not come to an end: ${work.left()} (P2, K5)`);
  return { violations, steps, log: world.log };
}

class KeyedWork {
  readonly #world: World;
  readonly #random: Random;
  readonly #keys: KeyLedger;
  readonly #ledger = new Ledger();
  readonly #order: "none" | "fifo" | "strict";
  readonly #hasLetters: boolean;
  /** A consumer is on a socket. Then no claim waits: which of both was given its tasks first in one turn cannot be seen. */
  readonly #hasSocket: boolean;
  /** Every key has many tasks, some keys have long ones, and little goes wrong: turns show over a long stretch only. */
  readonly isCrowded: boolean;
  #isHealing = false;
  #sent = 0;
  #toEnqueue = 0;
  #tickets = 0;
  /** By task, as it was last heard of. */
  readonly #versions = new Map<string, number>();

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
    this.#order = random.pick(["none", "none", "fifo", "strict"]);
    this.#hasLetters = random.chance(0.4);
    this.isCrowded = random.chance(0.2);
    this.#hasSocket = !this.isCrowded && random.chance(0.2);
    this.#keys = new KeyLedger((id) => this.#stored(id), MAX_ATTEMPTS);
    world.onWake = (name) => {
      if (name !== QUEUE) return;
      this.#ledger.awoke(QUEUE, world.timeOf(QUEUE));
      this.#keys.awoke(world.timeOf(QUEUE));
    };
    world.onTaken = (receiver, _sender, messages, outcome) => {
      if (receiver === QUEUE) this.#keys.taken(messages, outcome, world.timeOf(QUEUE));
    };
  }

  get violations(): readonly string[] {
    return [...this.#keys.violations, ...this.#ledger.violations];
  }

  get isDone(): boolean {
    return this.#toEnqueue === 0 && this.left() === "";
  }

  /** What is still stored of tasks and keys, or thought to be. */
  left(): string {
    const storage = this.#world.storageOf(QUEUE);
    if (storage.rows(`SELECT 1 FROM sqlite_master WHERE name = 'keys'`).length === 0) return "no queue";
    const rows = [
      ...storage.rows(`SELECT task_id FROM tasks WHERE state <> 2`),
      ...storage.rows(`SELECT key, rests_until, blocked_by FROM keys`),
    ];
    return [...rows, ...this.#keys.model.tasks.values()].map((row) => JSON.stringify(row)).join(", ");
  }

  start(): void {
    const random = this.#random;
    const keys = { ...this.#someSettings(), order: this.#order };
    if (this.#order !== "none" && keys.concurrency !== null) keys.concurrency = 1;
    if (this.isCrowded) Object.assign(keys, { rate: null, fairness: random.pick(["robin", "share"]) });
    const settings = {
      keys,
      maxAttempts: MAX_ATTEMPTS,
      dedupeMs: 7 * 86_400_000,
      retentionMs: null,
      rate: random.chance(0.15) && !this.isCrowded ? this.#someRate() : null,
      deadLetterQueue: this.#hasLetters ? DEAD_LETTERS : null,
    };
    this.#persist("configure", { settings }, () => {
      const batches = this.isCrowded ? 40 : 4 + random.below(8);
      this.#toEnqueue = batches;
      for (let n = 0; n < batches; n += 1)
        this.#world.later(random.below(n < 3 || this.isCrowded ? 50 : 8_000), () => this.#produce());
      if (this.isCrowded) this.#weigh();
      const workers = 1 + random.below(this.isCrowded ? 2 : 4);
      for (let n = 0; n < workers; n += 1) this.#work();
      if (this.#hasSocket) this.#subscribe();
      this.#redrive();
      if (!this.isCrowded && random.chance(0.6)) this.#meddle();
    });
  }

  #weigh(): void {
    for (const key of KEYS.slice(0, 2))
      if (this.#random.chance(0.5)) this.#persist("setKey", { key, patch: { weight: this.#random.pick([2, 3, 5]) } });
  }

  /** From here on nothing is held back for ever. */
  heal(): void {
    this.#isHealing = true;
    for (const key of KEYS) this.#free(key);
  }

  #free(key: string): void {
    this.#persist("resetKey", { key });
    this.#persist("unblockKey", { key });
    // Late copies of what was set still arrive.
    this.#world.later(60_000, () => this.#free(key));
  }

  #produce(): void {
    const random = this.#random;
    // One key floods the others now and then.
    const flood = !this.isCrowded && random.chance(0.2) ? random.pick(KEYS) : null;
    const tasks = Array.from({ length: 1 + random.below(flood === null ? 8 : 20) }, (): NewTask => {
      this.#sent += 1;
      return {
        id: `t${this.#sent}`,
        payload: "1",
        ...(random.chance(this.isCrowded ? 0.8 : 0.95) && { key: flood ?? random.pick(KEYS) }),
        ...(!this.isCrowded && random.chance(0.2) && { lane: random.pick(LANES) }),
        ...(!this.isCrowded && random.chance(0.1) && { priority: 1 }),
        ...(random.chance(0.15) && { delayMs: random.below(1_500) }),
        ...(random.chance(0.1) && { cost: random.pick([2, 3]) }),
      };
    });
    this.#persist("enqueue", { tasks }, () => (this.#toEnqueue -= 1));
  }

  #work(idle = 0): void {
    const random = this.#random;
    const input: InputOf<"claim"> = {
      max: this.isCrowded ? 1 : 1 + random.below(4),
      lanes: random.pick([{ any: ["main", "x"] }, { inOrder: ["main", "x"] }, { inOrder: ["main"] }]),
      claimTimeoutMs: CLAIM_TIMEOUT_MS,
    };
    const heard = (outcome: OutcomeOf<"claim"> | null): void => {
      const tasks = outcome?.kind === "claimed" ? outcome.tasks : [];
      const longest = Math.max(0, ...tasks.map((task) => this.#begin(task)));
      const next = tasks.length > 0 ? 0 : Math.min(idle + 1, 5);
      // In a crowd there is one task after another, so that most of what is given out has ended.
      const pause = this.isCrowded ? longest : 0;
      this.#world.later(pause + random.below(50 * 2 ** next) + 5, () => this.#work(next));
    };
    if (this.#hasSocket || random.chance(0.6)) return this.#ask("claim", input, heard);
    this.#tickets += 1;
    this.#ask("claim", { ...input, waitMs: 1_000, ticket: `ticket-${this.#tickets}` }, heard);
  }

  #subscribe(): void {
    const wish = { lanes: ["main", "x"], claimTimeoutMs: CLAIM_TIMEOUT_MS };
    const listener = {
      committed: (_queue: string, answer: Committed) => this.#committed(answer),
      givenBack: (claims: readonly string[]) => {
        this.#ledger.givenBack(claims, QUEUE);
        this.#keys.givenBack(claims);
      },
    };
    const begin = (task: ClaimedTask): void => void this.#begin(task);
    new Subscriber(this.#world, listener, QUEUE, () => wish, begin).connect();
  }

  /** @returns how long it will take */
  #begin(task: ClaimedTask): number {
    const random = this.#random;
    const claim = parseClaimToken(task.claim);
    if (claim === null) throw new Error(`not a claim token: ${task.claim}`);
    this.#versions.set(task.id, task.version);
    // What nobody ends is claimed until its deadline: in a crowd that would hide whose turn it is.
    const fate = this.#isHealing ? 1 : this.isCrowded ? 0.06 + 2 * random.next() : random.next();
    const ms = this.#workMs(task, fate);
    this.#world.later(ms, () => {
      if (fate < 0.06) return;
      if (fate < 0.24) this.#nack(claim);
      else if (fate < 0.27) this.#change(task, claim);
      else if (fate < 0.3) this.#ask("extend", { claims: [claim], claimTimeoutMs: 2 * CLAIM_TIMEOUT_MS });
      else this.#ask("ack", { claims: [claim] });
    });
    return ms;
  }

  /** Some hold a task for longer than its claim lasts. In a crowd some keys have short tasks, and the others long ones. */
  #workMs({ key }: ClaimedTask, fate: number): number {
    const random = this.#random;
    if (this.isCrowded) return key === "a" || key === "c" ? 5 + random.below(20) : 600 + random.below(200);
    return random.below(fate < 0.1 ? 2 * CLAIM_TIMEOUT_MS : 200);
  }

  #nack(claim: ClaimRef): void {
    const random = this.#random;
    const delayMs = random.below(600);
    const how = random.pick<Omit<NackItem, "claim">>([
      { delayMs },
      { delayMs },
      { delayMs: 0 },
      { delayMs, snooze: true },
      { delayMs, limitKey: true },
      { release: true },
      { dead: true },
    ]);
    this.#ask("nack", { claims: [{ ...how, claim }] });
  }

  /** Gives it back to another key or lane. */
  #change({ id }: ClaimedTask, claim: ClaimRef): void {
    const random = this.#random;
    const change = random.pick([
      { key: random.pick(KEYS) },
      { lane: random.pick(LANES) },
      { priority: 1 },
      { key: null },
    ]);
    const input = { insert: [], change: [{ task: { claim }, change }], delete: [], depend: [] };
    this.#ask(
      "modify",
      input,
      () => {},
      (outcome) => outcome.kind === "modified" && this.#keys.changed(id),
    );
  }

  #redrive(): void {
    const queue = this.#hasLetters ? DEAD_LETTERS : QUEUE;
    this.#ask(
      "redrive",
      { limit: 1_000 },
      () => {},
      () => {},
      queue,
    );
    this.#world.later(this.#random.below(6_000) + 500, () => this.#redrive());
  }

  /** Somebody who changes what is set, with claims in flight. */
  #meddle(): void {
    const random = this.#random;
    if (this.#isHealing) return;
    const key = random.pick(KEYS);
    const choice = random.next();
    if (choice < 0.3) this.#ask("configure", { settings: this.#otherSettings() });
    else if (choice < 0.6) {
      const patch = random.pick<InputOf<"setKey">["patch"]>([
        { paused: true },
        { paused: null },
        { weight: 3 },
        { concurrency: random.pick([1, 2, null]) },
        { rate: random.pick([this.#someRate(), null]) },
      ]);
      // A concurrency with an order is refused if it contradicts it.
      this.#ask("setKey", { key, patch });
    } else if (choice < 0.75) this.#ask("resetKey", { key });
    else if (choice < 0.85) this.#ask("unblockKey", { key });
    else {
      const ids = [...this.#versions.keys()];
      if (ids.length > 0) this.#ask("cancelTask", { id: random.pick(ids), force: true });
    }
    this.#world.later(random.below(1_500) + 50, () => this.#meddle());
  }

  /** A strict order stays, since what it blocks by is what died while it was set. */
  #otherSettings(): SettingsPatch {
    const random = this.#random;
    const order = this.#order === "strict" ? this.#order : random.pick(["none", "fifo"] as const);
    const keys = { ...this.#someSettings(), order };
    if (order !== "none" && keys.concurrency !== null) keys.concurrency = 1;
    return { keys, rate: random.chance(0.2) ? this.#someRate() : null };
  }

  #someSettings() {
    const random = this.#random;
    return {
      concurrency: random.pick([null, null, 1, 2]),
      rate: random.chance(0.3) ? this.#someRate() : null,
      fairness: random.pick(["robin", "robin", "robin", "share", "none"] as const),
    };
  }

  /** Intervals that are exact in binary, so that queue and ledger round nothing. */
  #someRate() {
    const random = this.#random;
    return { limit: random.pick([1, 2, 4]), periodMs: random.pick([200, 500, 1_000]), burst: random.pick([1, 2, 5]) };
  }

  #committed(answer: Committed): void {
    const now = this.#world.timeOf(QUEUE);
    const keys = this.#keys;
    if (this.#world.isLogging) this.#world.log.push(JSON.stringify(answer));
    this.#ledger.committed(QUEUE, answer, now);
    this.#judge(answer, now);
    keys.settled(now);
  }

  #judge(answer: Committed, now: number): void {
    const keys = this.#keys;
    const { operation } = answer;
    if (operation === "enqueue") keys.enqueued(answer.input.tasks, answer.outcome, now);
    else if (operation === "claim") keys.claimed(answer.input, answer.outcome, now);
    else if (operation === "ack") {
      if (answer.outcome.kind !== "acked") return;
      for (const [index, { ok }] of answer.outcome.results.entries()) {
        const claim = answer.input.claims[index];
        if (ok && claim !== undefined) keys.ended(claim.token, "ack", now);
      }
    } else if (operation === "nack") {
      if (answer.outcome.kind !== "nacked") return;
      for (const [index, { ok }] of answer.outcome.results.entries()) {
        const item = answer.input.claims[index];
        if (ok && item !== undefined) keys.ended(item.claim.token, item, now);
      }
    } else if (operation === "extend") {
      if (answer.outcome.kind !== "extended") return;
      for (const [index, result] of answer.outcome.results.entries()) {
        const claim = answer.input.claims[index];
        if (result.ok && claim !== undefined) keys.extended(claim.token, result.claimedUntil, now);
      }
    } else if (operation === "configure") keys.configured(answer.outcome, now);
    else if (operation === "setKey") keys.set(answer.input.key, answer.input.patch, answer.outcome, now);
    else if (operation === "resetKey") keys.set(answer.input.key, null, answer.outcome, now);
    else if (operation === "unblockKey") keys.unblocked(answer.input.key, this.#blockedBy(answer.input.key), now);
    else if (operation === "cancelTask" && answer.outcome.kind === "cancelled") keys.cancelled(answer.input.id);
    else if (operation === "redrive" && answer.outcome.kind === "redriven") keys.redriven(now);
  }

  #stored(id: string): Record<string, unknown> | undefined {
    return this.#world.storageOf(QUEUE).rows(`SELECT * FROM tasks WHERE task_id = '${id}' AND state <> 2`)[0];
  }

  #blockedBy(key: string): readonly string[] {
    const [row] = this.#world
      .storageOf(QUEUE)
      .rows(`SELECT blocked_by FROM keys WHERE key = '${key}' AND purges = (SELECT purges FROM queue)`);
    return row === undefined ? [] : (JSON.parse(String(row["blocked_by"])) as string[]);
  }

  /** Asks until it is answered. */
  #persist<Name extends OperationName>(operation: Name, input: InputOf<Name>, then: () => void = () => {}): void {
    this.#ask(operation, input, (outcome) => {
      if (outcome !== null) then();
      else this.#world.later(this.#random.below(500), () => this.#persist(operation, input, then));
    });
  }

  #ask<Name extends OperationName>(
    operation: Name,
    input: InputOf<Name>,
    heard: (outcome: OutcomeOf<Name> | null) => void = () => {},
    committed: (outcome: OutcomeOf<Name>) => void = () => {},
    queue = QUEUE,
  ): void {
    const label = queue === QUEUE ? operation : `${operation} letters`;
    this.#world.request(queue, label, (object) => object.operate(operation, structuredClone(input)), {
      committed: (outcome) => {
        if (queue === QUEUE) this.#committed({ operation, input, outcome } as never);
        committed(outcome as OutcomeOf<Name>);
      },
      answered: (outcome) => heard(structuredClone(outcome) as OutcomeOf<Name>),
      failed: () => heard(null),
    });
  }
}
