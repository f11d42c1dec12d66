// A running consumer: takes tasks in, runs the handler over them, keeps their claims meanwhile, and tells the server what
// became of each. Its parts each do one of these; here they meet.

import type { Timers } from "./timers.ts";
import type { ClaimedTask } from "../client/task.ts";
import { Breaker } from "./breaker.ts";
import type { ConsumerParts, ConsumerSettings } from "./consume-options.ts";
import type { ConsumerEvents } from "./consumer-events.ts";
import type { Events } from "./events.ts";
import { failureFate, isTrouble } from "./failure-fate.ts";
import { HandlerLimits } from "./handler-limits.ts";
import type { HeldTask } from "./held-task.ts";
import { Intake } from "./intake.ts";
import { Keeper } from "./keeper.ts";
import { runUnit } from "./run-unit.ts";
import { Settler } from "./settler.ts";
import type { NackedTask, TaskSource } from "./task-source.ts";
import { Unit, type UnitHandler } from "./unit.ts";
import { WaitingTasks } from "./waiting-tasks.ts";

/** Of the time to stop, what is kept back for giving tasks back. */
const GIVE_BACK_SHARE = 1 / 5;

/** An ack takes the task out, and so does a handler that finishes it by a `modify` of its own. */
const isAcked = (code: string): boolean => code === "task-not-found";
/** A nack ends the claim, and a dead task may be gone with it. */
const isNacked = (_code: string, isRepeat: boolean): boolean => isRepeat;

export class Consumer<Payload = unknown> {
  /** Fulfilled when the consumer has stopped. Rejected when the server refuses it for good: a wrong token, a wrong option. */
  readonly finished: Promise<void>;
  readonly #settings: ConsumerSettings<Payload>;
  readonly #handler: UnitHandler<Payload>;
  readonly #clock: Timers;
  readonly #events: Events<Payload>;
  readonly #source: TaskSource<Payload>;
  readonly #breaker: Breaker;
  readonly #keeper: Keeper<Payload>;
  readonly #intake: Intake<Payload>;
  readonly #acks: Settler<ClaimedTask<Payload>>;
  readonly #nacks: Settler<NackedTask<Payload>>;
  readonly #waiting = new WaitingTasks<Payload>();
  readonly #running = new Set<Promise<void>>();
  /** Handlers that run; a unit goes on being settled after its handler. */
  #handlers = 0;
  #settling = 0;
  #held = 0;
  #gaveBack = 0;
  #batchTimer: AbortController | null = null;
  readonly #limits: HandlerLimits;
  readonly #hangUp = new AbortController();
  readonly #intaking: Promise<void>;
  #stopping: Promise<void> | null = null;

  constructor(
    handler: UnitHandler<Payload>,
    settings: ConsumerSettings<Payload>,
    { source, clock, events }: ConsumerParts<Payload>,
  ) {
    this.#source = source;
    this.#events = events;
    this.#handler = handler;
    this.#settings = settings;
    this.#clock = clock;
    this.#breaker = new Breaker(settings.breaker);
    this.#limits = new HandlerLimits(clock, settings.handlerTimeoutMs);
    this.#keeper = new Keeper(source, settings, clock, (tasks) => this.#events.emit("extended", { tasks }));
    const { signal } = this.#hangUp;
    this.#acks = new Settler((tasks, control) => source.ack(tasks, control), isAcked, clock, signal);
    this.#nacks = new Settler((items, control) => source.nack(items, control), isNacked, clock, signal);
    this.#intake = new Intake(
      source,
      {
        room: () => this.#room(),
        taken: (tasks) => this.#taken(tasks as readonly ClaimedTask<Payload>[]),
        disconnected: (error, retryInMs) => this.#events.emit("disconnected", { error, retryInMs }),
        refused: (error, retryInMs) => this.#events.emit("refused", { error, retryInMs }),
        reconnected: (downMs) => this.#events.emit("reconnected", { downMs }),
      },
      clock,
    );
    // After the caller of the constructor has had a turn to listen.
    this.#intaking = Promise.resolve().then(() => this.#intake.run());
    this.finished = this.#run();
  }

  /** Handlers that run at this moment. */
  get running(): number {
    return this.#handlers;
  }

  /** Calls `listener` at each such event, until the function that it answers with is called. */
  on<Name extends keyof ConsumerEvents<Payload>>(
    name: Name,
    listener: (event: ConsumerEvents<Payload>[Name]) => unknown,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Takes no more tasks, gives back those not begun, lets handlers finish within `stopTimeoutMs`, then aborts their signals
   * and gives their tasks back. What is given back counts no attempt. Never rejects; calling it again changes nothing. A handler that waits
   * for it waits for itself.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #run(): Promise<void> {
    const keeping = this.#keeper.run();
    try {
      await this.#intaking;
    } finally {
      await this.stop();
      await keeping;
    }
  }

  async #stop(): Promise<void> {
    const since = this.#clock.now();
    this.#intake.stop();
    this.#giveBackWaiting();
    // Nothing comes in any more; `finished` says why it ended.
    await this.#intaking.catch(() => {});
    this.#events.emit("stopping", { running: this.#handlers });
    const { stopTimeoutMs } = this.#settings;
    const giveBackMs = stopTimeoutMs * GIVE_BACK_SHARE;
    await this.#settledWithin(Math.max(0, since + stopTimeoutMs - giveBackMs - this.#clock.now()));
    this.#limits.giveUp();
    await this.#settledWithin(giveBackMs);
    this.#hangUp.abort();
    await Promise.all(this.#running);
    this.#keeper.end();
    this.#source.close();
    this.#events.emit("stopped", { gaveBack: this.#gaveBack });
  }

  async #settledWithin(ms: number): Promise<void> {
    const over = new AbortController();
    const limit = this.#clock.sleep(ms, over.signal).catch(() => {});
    await Promise.race([Promise.all(this.#running), limit]);
    over.abort();
  }

  #room(): { tasks: number; againAt: number | null } {
    const { concurrency, prefetch, batchItems } = this.#settings;
    const before = this.#breaker.state;
    const units = this.#breaker.allows(concurrency, this.#handlers + this.#settling, this.#clock.now());
    if (this.#breaker.state !== before) this.#tellCircuit();
    const most = this.#breaker.state === "closed" ? concurrency * batchItems + prefetch : units * batchItems;
    const againAt = this.#breaker.state === "open" ? this.#breaker.probeAt : null;
    return { tasks: most - this.#held, againAt };
  }

  #taken(tasks: readonly ClaimedTask<Payload>[]): void {
    if (tasks.length === 0) return;
    const since = this.#clock.now();
    for (const task of tasks) {
      const held = this.#keeper.keep(task);
      this.#held += 1;
      this.#waiting.push(held, since);
      held.onLost(() => this.#lost(held));
    }
    this.#events.emit("claimed", { tasks });
    if (this.#stopping !== null || this.#breaker.state === "open") this.#giveBackWaiting();
    else this.#startUnits();
  }

  #lost(held: HeldTask<Payload>): void {
    this.#events.emit("lost", { task: held.task, during: "handler" });
    // One that runs is let go when its handler has settled.
    if (this.#waiting.delete(held)) this.#letGo(held);
  }

  #startUnits(): void {
    const { concurrency, batchItems, batchWaitMs } = this.#settings;
    while (this.#handlers < concurrency) {
      const { since } = this.#waiting;
      if (since === null) return;
      const readyAt = since + batchWaitMs;
      if (this.#waiting.size < batchItems && this.#clock.now() < readyAt) {
        this.#startLater(readyAt);
        return;
      }
      const unit = new Unit(this.#waiting.take(batchItems), this.#clock.now());
      const work = this.#work(unit).finally(() => this.#running.delete(work));
      this.#running.add(work);
    }
  }

  #startLater(at: number): void {
    this.#batchTimer?.abort();
    this.#batchTimer = new AbortController();
    const { signal } = this.#batchTimer;
    this.#clock.sleep(at - this.#clock.now(), signal).then(
      () => this.#startUnits(),
      () => {},
    );
  }

  async #work(unit: Unit<Payload>): Promise<void> {
    this.#handlers += 1;
    this.#events.emit("started", { tasks: unit.tasks });
    const outcome = await runUnit(unit, this.#handler, this.#limits);
    const failure = outcome.kind === "returned" || outcome.kind === "stopped" ? null : { error: outcome.error };
    this.#handlers -= 1;
    this.#settling += 1;
    const settled = unit.held.map((held) => {
      const verdict = unit.verdict(held.task, failure);
      return outcome.kind === "stopped" ? this.#giveBack(held) : this.#settle(unit, held, verdict);
    });
    if (outcome.kind !== "stopped") this.#judge(unit.tasks.map((task) => unit.verdict(task, failure)));
    this.#startUnits();
    // One task a unit is the rule.
    await (settled.length === 1 ? settled[0] : Promise.all(settled));
    this.#settling -= 1;
    this.#intake.ring();
  }

  async #settle(
    unit: Unit<Payload>,
    held: HeldTask<Payload>,
    verdict: { readonly error: unknown } | null,
  ): Promise<void> {
    const { task } = held;
    if (held.isLost) {
      this.#letGo(held);
      return;
    }
    this.#keeper.release(held);
    const durationMs = Math.round(this.#clock.now() - unit.startedAt);
    if (verdict === null) {
      const isDone = (await this.#acks.settle(held, task)) === "done";
      if (isDone) this.#events.emit("acked", { task, durationMs });
      else this.#events.emit("lost", { task, during: "ack" });
    } else {
      const { error } = verdict;
      const bug = (thrown: unknown): void => this.#events.bug("the backoff function", thrown);
      const fate = failureFate(error, () => this.#settings.backoff(error, task), bug);
      const isDone = (await this.#nacks.settle(held, { task, ...fate })) === "done";
      const { delayMs, dead = false, snooze = false, limitKey = false } = fate;
      if (!isDone) this.#events.emit("lost", { task, during: "nack" });
      else if (snooze || limitKey) this.#events.emit("snoozed", { task, delayMs: delayMs ?? 0, limitKey, durationMs });
      else this.#events.emit("failed", { task, error, delayMs, dead, durationMs });
    }
    this.#letGo(held);
  }

  #giveBackWaiting(): void {
    this.#batchTimer?.abort();
    for (const held of this.#waiting.take(Infinity)) {
      const work = this.#giveBack(held).finally(() => this.#running.delete(work));
      this.#running.add(work);
    }
  }

  async #giveBack(held: HeldTask<Payload>): Promise<void> {
    if (!held.isLost) {
      this.#keeper.release(held);
      const isDone = (await this.#nacks.settle(held, { task: held.task, release: true })) === "done";
      if (isDone) this.#gaveBack += 1;
      if (isDone) this.#events.emit("released", { task: held.task });
    }
    this.#letGo(held);
  }

  #letGo({ task }: HeldTask<Payload>): void {
    this.#held -= 1;
    this.#source.letGo(task);
    this.#intake.ring();
  }

  /** A unit tells the breaker once: that it worked, if any of it did, or that it did not. */
  #judge(verdicts: readonly ({ readonly error: unknown } | null)[]): void {
    const before = this.#breaker.state;
    const hasTrouble = verdicts.some((verdict) => verdict !== null && isTrouble(verdict.error));
    const isAllTrouble = verdicts.every((verdict) => verdict !== null && isTrouble(verdict.error));
    if (isAllTrouble) this.#breaker.failed(this.#clock.now(), this.#clock.random());
    else if (!hasTrouble || verdicts.includes(null)) this.#breaker.succeeded();
    if (this.#breaker.state === before) return;
    this.#tellCircuit();
    if (this.#breaker.state !== "open") return;
    this.#intake.recall();
    this.#giveBackWaiting();
  }

  #tellCircuit(): void {
    this.#events.emit("circuit", { state: this.#breaker.state, pauseMs: this.#breaker.pauseMs });
  }
}
