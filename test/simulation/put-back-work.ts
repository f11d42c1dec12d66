// A run of the simulation of queues that are put back: tokens go from s to a and on to b, those that die in a to d and back, in a world with
// its faults, while queues are put back to what they had committed before. Checked by its ledger at every answer, and at the end: every
// token that was there after the last time is done once, and so is every one that came since.

import type { InputOf, OperationName, OutcomeOf } from "../../src/core/operation.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import { PutBackLedger, refOf } from "./put-back-ledger.ts";
import type { Random } from "./random.ts";
import { SeededRuns, type Classes, type RunResult } from "./run.ts";
import { tokenOf } from "./stored-tokens.ts";
import { NO_FAULTS, ORDERING, type SimulatedObject, type World } from "./world.ts";

const QUEUES = ["s", "a", "b", "d"] as const;
type Queue = (typeof QUEUES)[number];
const CLAIM_TIMEOUT_MS = 2_000;
const MOST_STEPS = 20_000;
/** After which somebody who has heard nothing asks again to put a queue back: longer than the directory waits. */
const PATIENCE_MS = 150_000;
const SETTINGS = { maxAttempts: 2, dedupeMs: 7 * 86_400_000, backoff: { minMs: 10, maxMs: 2_000 } };

/** What the directory answers. */
interface Begun {
  readonly kind: "rewinding";
  readonly times: number;
}

export class PutBackWorlds extends SeededRuns {
  constructor(classes: Classes) {
    super(classes, QUEUES, live);
  }
}

async function live(world: World, random: Random): Promise<RunResult> {
  const level = random.pick([0, 0.01, 0.03, 0.1]);
  const some = (): number => (random.chance(0.5) ? level : 0);
  world.faults = {
    cut: level,
    lostRequest: some(),
    lostAnswer: some(),
    lateCopy: random.pick([0, level, 0.3]),
    lostAlarm: random.pick([0, 0.2]),
    lateAlarm: random.pick([0, 0.2]),
    repeatedAlarm: random.pick([0, 0.2]),
  };
  const work = new PutBackWork(world, random);
  work.start();
  const isFailed = (): boolean => world.violations.length + work.ledger.violations.length > 0;
  const broken = random.pick([80, 200, 400, 800]);
  let steps = 0;
  const moments = new Set(Array.from({ length: 1 + random.below(3) }, () => 30 + random.below(broken - 40)));
  // The directory tells a queue after a minute, which may fail too.
  for (; (steps < broken || (work.isUnderWay && steps < 2 * broken + 1_000)) && !isFailed(); steps += 1) {
    if (moments.has(steps)) work.putBack();
    if (random.chance(level / 4)) world.kill(random.pick([...QUEUES, "@directory"]));
    if (random.chance(0.03)) world.hibernate(random.pick(QUEUES));
    await world.step();
  }
  world.faults = NO_FAULTS;
  work.heal();
  for (; (steps % 10 !== 0 || !work.isDone) && !isFailed() && steps < MOST_STEPS; steps += 1) await world.step();
  const violations = [...world.violations, ...work.ledger.violations];
  if (violations.length === 0 && steps >= MOST_STEPS) violations.push(`not come to an end: ${work.left()} (P2, P9)`);
  if (violations.length === 0) violations.push(...work.ledger.atEnd());
  return { violations, steps, log: world.log };
}

class PutBackWork {
  readonly ledger: PutBackLedger;
  readonly #world: World;
  readonly #random: Random;
  /** It and no other is put back, once or more often. */
  readonly #queue: Queue;
  readonly #isToldFirst: boolean;
  readonly #isClockSet: boolean;
  readonly #asksAgain: boolean;
  #isHealing = false;
  #toProduce = 0;
  /** A queue is being put back, or told so. */
  isUnderWay = false;
  #to = 0;
  /** It has been told once, by whoever. */
  #hasBegunAnew = false;
  /** Its database has been restored, this time. */
  #isRestored = false;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
    this.#queue = random.pick(QUEUES);
    this.ledger = new PutBackLedger(world, QUEUES);
    world.storageOf(this.#queue).recordsBy = () => world.timeOf(this.#queue);
    this.#isToldFirst = random.chance(0.7);
    this.#isClockSet = this.#isToldFirst && random.chance(0.5);
    // The directory's alarm is as late as the clock is set back.
    this.#asksAgain = this.#isClockSet || random.chance(0.5);
    // The platform rings again and again, however late; one that never rings needs somebody who asks again.
    if (!this.#asksAgain) world.faults = { ...world.faults, lostAlarm: 0 };
    world.onPutBack = (_queue, restore) => this.#restore(restore);
    world.onAsked = () => this.#told();
  }

  get isDone(): boolean {
    return this.#toProduce === 0 && !this.isUnderWay && this.ledger.there().size === 0;
  }

  left(): string {
    return [...this.ledger.there()].map(([token, count]) => `${count} of token ${token}`).join(", ");
  }

  start(): void {
    for (const queue of QUEUES) {
      const deadLetterQueue = queue === "a" ? { deadLetterQueue: "d" } : {};
      this.#persist(queue, "configure", { settings: { ...SETTINGS, ...deadLetterQueue } });
      if (queue !== "d") for (let worker = 0; worker < 2; worker += 1) this.#work(queue);
    }
    const tokens = 2 + this.#random.below(6);
    this.#toProduce = tokens;
    for (let token = 1; token <= tokens; token += 1)
      this.#world.later(this.#random.below(6_000), () => this.#produce(token));
    this.#lookAfter();
    this.#meddle();
  }

  heal(): void {
    this.#isHealing = true;
    for (const queue of QUEUES) this.#persist(queue, "configure", { settings: { maxBacklog: null } });
  }

  #produce(token: number): void {
    const task = { payload: JSON.stringify({ token }), id: `token-${token}` };
    const produced = (outcome: OutcomeOf<"enqueue">): void => {
      if (outcome.kind === "enqueued" && outcome.tasks[0]?.duplicate === false) this.ledger.produced(token);
    };
    this.#persist("s", "enqueue", { tasks: [task] }, () => (this.#toProduce -= 1), produced);
  }

  #work(queue: "s" | "a" | "b", idle = 0): void {
    const input: InputOf<"claim"> = { max: 2, lanes: { inOrder: ["main"] }, claimTimeoutMs: CLAIM_TIMEOUT_MS };
    const begin = (outcome: OutcomeOf<"claim"> | null): void => {
      const tasks = outcome?.kind === "claimed" ? outcome.tasks : [];
      for (const task of tasks) this.#world.later(this.#random.below(1_000), () => this.#finish(queue, task));
      const next = tasks.length > 0 ? 0 : Math.min(idle + 1, 6);
      this.#world.later(this.#random.below(200 * 2 ** next) + 10, () => this.#work(queue, next));
    };
    this.#ask(queue, "claim", input, begin, (outcome) => {
      if (outcome.kind === "claimed") this.ledger.claimed(queue, outcome.tasks);
    });
  }

  #finish(queue: "s" | "a" | "b", task: ClaimedTask): void {
    const claim = refOf(task.claim);
    const fate = this.#isHealing ? 1 : this.#random.next();
    // Left to run out.
    if (fate < 0.1) return;
    if (fate < 0.3) {
      const dead = queue === "a" && fate < 0.2;
      this.#ask(
        queue,
        "nack",
        { claims: [{ claim, ...(dead ? { dead } : { delayMs: 100 }) }] },
        undefined,
        (outcome) => {
          if (outcome.kind === "nacked" && outcome.results[0]?.ok === true) this.ledger.ended(queue, claim);
        },
      );
    } else if (queue === "b") {
      this.#ask(queue, "ack", { claims: [claim] }, undefined, (outcome) => {
        if (outcome.kind === "acked" && outcome.results[0]?.ok === true) this.ledger.acked(queue, claim);
      });
    } else {
      const insert = [
        {
          task: { payload: JSON.stringify({ token: tokenOf(task.payload) }) },
          queue: queue === "s" ? "a" : "b",
          onConflict: "skip" as const,
        },
      ];
      this.#ask(
        queue,
        "modify",
        { insert, change: [], delete: [{ task: { claim } }], depend: [] },
        undefined,
        (outcome) => {
          if (outcome.kind === "modified") this.ledger.ended(queue, claim);
        },
      );
    }
  }

  /** Somebody offers dead tasks again, and sends again what was put aside. */
  #lookAfter(): void {
    const queue = this.#random.pick(QUEUES);
    if (this.#random.chance(0.5)) this.#ask(queue, "redrive", { limit: 10 });
    else this.#ask(queue, "retryOutbox", { limit: 100 });
    this.#world.later(this.#random.below(3_000) + 100, () => this.#lookAfter());
  }

  /** Somebody makes queues full. */
  #meddle(): void {
    if (this.#isHealing) return;
    const settings = { maxBacklog: this.#random.pick([1, null]) };
    this.#ask(this.#random.pick(["a", "b"]), "configure", { settings });
    this.#world.later(this.#random.below(6_000) + 100, () => this.#meddle());
  }

  /**
   * By the platform's record, to a random commit; then it is told. In most worlds before anybody else reaches it, as when files were put
   * back, and the clock of the machine may be set back too. In the others those who come before are taken for the queue's own.
   */
  putBack(): void {
    // Not to before it was made.
    const instants = this.#world.storageOf(this.#queue).instantsWith("queue");
    if (this.#isHealing || this.isUnderWay || instants.length === 0) return;
    this.isUnderWay = true;
    this.#to = this.#random.pick(instants);
    this.#isRestored = false;
    this.#command();
  }

  /**
   * As a Worker does it: the directory hears of it first, and the queue is told last. A Worker may end before each step, or not be
   * answered; then the directory tells the queue. In some worlds somebody who got no answer asks again, as the docs advise.
   */
  #command(): void {
    const lasts = this.#random.chance(this.#isClockSet ? 0.9 : 0.4) ? Infinity : this.#random.below(3);
    if (this.#asksAgain) this.#world.later(PATIENCE_MS, () => this.isUnderWay && this.#command());
    const isCutOff = (step: number): boolean => lasts === step;
    // What nobody heard of did not begin.
    if (isCutOff(0)) return this.#gaveUp();
    const begins = async (object: SimulatedObject): Promise<Begun> => ({
      kind: "rewinding",
      times: object.rewinding?.(this.#queue) ?? 0,
    });
    const began = (begun: Begun): void => {
      if (isCutOff(1)) return this.#gaveUp();
      if (this.#isRestored) return this.#tell(begun.times);
      const rewind = (object: SimulatedObject): Promise<{ readonly kind: string }> =>
        object.rewind?.(this.#to) ?? Promise.reject(new Error("it cannot be put back"));
      const refused = ({ kind }: { readonly kind: string }): void => {
        this.ledger.violations.push(`a rewind was refused: ${kind}`);
      };
      // As when it is put back: the call is broken off.
      this.#order(this.#queue, rewind, refused, () => {
        if (!this.#isRestored) this.#gaveUp();
        else if (!isCutOff(2)) this.#tell(begun.times);
      });
    };
    this.#order("@directory", begins, began, () => this.#gaveUp());
  }

  /** Nothing was done as far as this Worker knows. */
  #gaveUp(): void {
    this.isUnderWay = this.#asksAgain;
  }

  #restore(restore: () => void): void {
    this.#isRestored = true;
    this.ledger.putBack(this.#queue, this.#to, restore);
    // One that is put back again, to before the first time, sends under numbers that its receivers have passed until it is told.
    if (!this.#isToldFirst && !this.#hasBegunAnew) return;
    this.#world.close(this.#queue, true);
    // Of several times, the numbers of the first are above those of the others if the clock was set back in between.
    if (this.#isClockSet) this.#world.setClock(-this.#random.below(3_600_000));
  }

  #tell(times: number): void {
    this.#order(
      this.#queue,
      (object) => object.operate("reincarnate", { times }),
      () => {},
      () => {},
      () => this.#told(),
    );
  }

  /** By whoever: from here on others reach it. */
  #told(): void {
    this.#hasBegunAnew = true;
    // The directory may tell a queue that was not put back after all.
    if (!this.#isRestored) return;
    this.isUnderWay = false;
    this.ledger.told(this.#queue);
    this.#world.close(this.#queue, false);
  }

  /** What no copy of comes late. */
  #order<Answer extends { readonly kind: string }>(
    name: string,
    call: (object: SimulatedObject) => Promise<Answer>,
    answered: (answer: Answer) => void,
    failed: () => void = () => {},
    committed: () => void = () => {},
  ): void {
    const on = { committed, answered: (answer: { readonly kind: string }) => answered(answer as Answer), failed };
    this.#world.request(name, ORDERING, call, on, false);
  }

  /** Asks until it is answered. */
  #persist<Name extends OperationName>(
    queue: Queue,
    operation: Name,
    input: InputOf<Name>,
    then: () => void = () => {},
    committed: (outcome: OutcomeOf<Name>) => void = () => {},
  ): void {
    const again = (): void => this.#persist(queue, operation, input, then, committed);
    const heard = (outcome: OutcomeOf<Name> | null): void =>
      outcome === null ? this.#world.later(this.#random.below(1_000), again) : then();
    this.#ask(queue, operation, input, heard, committed);
  }

  #ask<Name extends OperationName>(
    queue: Queue,
    operation: Name,
    input: InputOf<Name>,
    heard: (outcome: OutcomeOf<Name> | null) => void = () => {},
    committed: (outcome: OutcomeOf<Name>) => void = () => {},
  ): void {
    this.#world.request(queue, operation, (object) => object.operate(operation, structuredClone(input)), {
      committed: (outcome) => committed(outcome as OutcomeOf<Name>),
      answered: (outcome) => heard(structuredClone(outcome) as OutcomeOf<Name>),
      failed: () => heard(null),
    });
  }
}
