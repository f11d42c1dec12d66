// Applies what arrives together in one turn, so that it shares one durable commit. Each job has its own answer, and none is
// answered before all of the turn has succeeded. See docs/decisions/0003-group-commit.md.

import { LIMITS } from "../core/limits.ts";
import type { TurnBudget } from "./turn-budget.ts";

/** A job that has more to do than one turn allows: what it did so far is kept, and it goes on in the next turn. */
export const LATER = Symbol("later");

/** @typeParam Inside what it can do inside its turn */
export interface Job<Inside> {
  /** For the log, when the job fails. */
  readonly name: string;
  /** What it holds in memory until it is done. */
  readonly bytes: number;
  /** May run more than once: if something in its turn throws, the job is run again by itself. */
  apply(inside: Inside): typeof LATER | void;
  /** It threw. */
  fail(error: unknown): void;
}

/** What a turn needs from its queue. */
export interface TurnHost<Inside> {
  /** What each job is given. */
  inside(): Inside;
  /** All that `body` writes or, if it throws, none of it. */
  transaction(body: () => void): void;
  /** Runs after the jobs of a turn, in their commit. */
  afterJobs(): void;
  /** Nothing of a turn happened: whoever keeps what belongs to it drops that. */
  rolledBack(): void;
  /** A turn has been committed, and its effects have run. */
  committed(): void;
  /** A job throws, also by itself: only that job has failed. @returns whether others of its name would fail for the same reason */
  failed(job: string, error: unknown): boolean;
  /** `afterJobs` throws by itself, whatever the jobs. */
  cannotServe(error: unknown): void;
  readonly budget: Pick<TurnBudget, "begin" | "isDone" | "held">;
  /** Runs `turn` after what has arrived meanwhile: each call arrives in an event of its own. */
  soon(turn: () => void): void;
}

export class Turns<Inside> {
  #jobs: Job<Inside>[] = [];
  /** Those of a turn that failed, which run one by one, before all others. */
  #apart: Job<Inside>[] = [];
  #isScheduled = false;
  #effects: (() => void)[] = [];
  readonly #host: TurnHost<Inside>;

  constructor(host: TurnHost<Inside>) {
    this.#host = host;
  }

  /** Nothing waits for its turn. */
  get isIdle(): boolean {
    return this.#waiting === 0;
  }

  get #waiting(): number {
    return this.#jobs.length + this.#apart.length;
  }

  /** Whether jobs of this size may be added: what waits for its turn is held in memory. */
  hasRoomFor(bytes: number): boolean {
    return this.#waiting < LIMITS.waitingJobs && this.#host.budget.held.requests.hasRoomFor(bytes);
  }

  /**
   * Runs `apply` in the next turn, with all that has been asked by then, or in a later one if there is more than a turn's
   * work. Rejects only if `apply` throws, and there is no other answer.
   *
   * @param bytes what it holds in memory until then
   * @param instead what to answer with when `apply` throws; null: nothing
   */
  run<Answer>(
    name: string,
    apply: (inside: Inside) => Answer | typeof LATER,
    bytes = 0,
    instead: (error: unknown) => Answer | null = nothing,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const job = (inside: Inside): typeof LATER | void => {
        const answer = apply(inside);
        if (answer === LATER) return LATER;
        this.afterCommit(() => resolve(answer));
        return undefined;
      };
      const fail = (error: unknown): void => {
        const answer = instead(error);
        if (answer === null) reject(error);
        else resolve(answer);
      };
      this.add({ name, bytes, apply: job, fail });
    });
  }

  /**
   * Like `run`, for those who give the answer by other means than a promise.
   *
   * @param isFirst in the very next turn, before all that waits: for what is soon said, while much does
   */
  add(job: Job<Inside>, isFirst = false): void {
    if (isFirst) this.#jobs.unshift(job);
    else this.#jobs.push(job);
    this.#host.budget.held.requests.hold(job.bytes);
    this.#schedule();
  }

  /** Another turn follows, with a job that holds nothing, or for what is done at its end. */
  follow(name: string, apply: Job<Inside>["apply"] = ignore, fail: Job<Inside>["fail"] = ignore): void {
    this.add({ name, bytes: 0, apply, fail });
  }

  /** In a turn: an effect outside of the database, which runs once all of the turn has succeeded. */
  afterCommit(effect: () => void): void {
    this.#effects.push(effect);
  }

  #schedule(): void {
    if (this.#isScheduled || this.isIdle) return;
    this.#isScheduled = true;
    this.#host.soon(() => {
      this.#isScheduled = false;
      if (this.#apart.length > 0) this.#runApart();
      else this.#runTogether();
      this.#schedule();
    });
  }

  #runTogether(): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    const unfinished: Job<Inside>[] = [];
    const inside = this.#host.inside();
    let reached = 0;
    this.#effects = [];
    this.#host.budget.begin();
    try {
      this.#host.transaction(() => {
        for (const job of jobs) {
          if (reached >= LIMITS.turnJobs || this.#host.budget.isDone) break;
          reached += 1;
          if (job.apply(inside) === LATER) unfinished.push(job);
        }
        this.#host.afterJobs();
      });
      this.#settle(jobs.slice(0, reached), unfinished, jobs.slice(reached));
    } catch {
      this.#rollBack();
      this.#apart = jobs;
    }
  }

  /** A turn is done: its effects run, and what it left undone comes first in the next. */
  #settle(done: readonly Job<Inside>[], unfinished: readonly Job<Inside>[], rest: readonly Job<Inside>[]): void {
    this.#host.budget.held.requests.release(bytesOf(done) - bytesOf(unfinished));
    // The unfinished last, so that they hold up nobody.
    if (rest.length + unfinished.length > 0) this.#jobs.unshift(...rest, ...unfinished);
    const effects = this.#effects;
    this.#effects = [];
    for (const effect of effects) this.#attempt(effect);
    this.#attempt(() => this.#host.committed());
  }

  /**
   * Something in a turn threw, and nothing of it happened. Each of its jobs is run again in a turn of its own, so that only
   * the one that throws fails, and does so however often it comes. After that one others are served first: the host reads again
   * what it had in memory, which takes the longer the more claims there are.
   */
  #runApart(): void {
    this.#host.budget.begin();
    for (let ran = 0; ran < LIMITS.turnJobs && !this.#host.budget.isDone; ran += 1) {
      const job = this.#apart.shift();
      if (job === undefined || !this.#runAlone(job)) break;
    }
    if (this.#apart.length > 0) return;
    try {
      this.#host.transaction(() => this.#host.afterJobs());
      this.#settle([], [], []);
    } catch (error) {
      this.#rollBack();
      this.#host.cannotServe(error);
    }
  }

  /** @returns whether it has not failed */
  #runAlone(job: Job<Inside>): boolean {
    let isUnfinished = false;
    try {
      this.#host.transaction(() => {
        isUnfinished = job.apply(this.#host.inside()) === LATER;
      });
    } catch (error) {
      this.#rollBack();
      const isAlike = (other: Job<Inside>): boolean => other.name === job.name;
      const alike = this.#host.failed(job.name, error) ? this.#apart.filter(isAlike) : [];
      if (alike.length > 0) this.#apart = this.#apart.filter((other) => !isAlike(other));
      for (const failed of [job, ...alike]) {
        this.#host.budget.held.requests.release(failed.bytes);
        failed.fail(error);
      }
      return false;
    }
    this.#settle([job], isUnfinished ? [job] : [], []);
    return true;
  }

  /** One effect that throws keeps no other from happening: all of them are of a turn that is committed. */
  #attempt(effect: () => void): void {
    try {
      effect();
    } catch (error) {
      this.#host.failed("what follows a turn", error);
    }
  }

  #rollBack(): void {
    this.#effects = [];
    this.#host.rolledBack();
  }
}

function bytesOf(jobs: readonly { readonly bytes: number }[]): number {
  let sum = 0;
  for (const { bytes } of jobs) sum += bytes;
  return sum;
}

function ignore(): void {}

function nothing(): null {
  return null;
}
