// How much this isolate takes on at once. Work that waits in line is slow work for everybody, and without end at twice the
// capacity: beyond a bound a request is refused within the time that it takes to read it, and the rest is served as ever. A burst
// may fill the bound. Whoever goes beyond it meets a smaller one, at which as much is done and nothing waits for long.

import { workerBytes, type WorkerBytes } from "../core/held-bytes.ts";
import { LIMITS } from "../core/limits.ts";
import { isNeverHeldBack } from "../core/held-back.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import { HttpError } from "./http-error.ts";
import { ReturnTimes } from "../core/return-times.ts";

/** What a refused request is answered with. Not thrown by who refuses: a stack costs as much as the rest of it. */
export interface Overloaded {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/** Ends a request's being under way; the first call counts. */
export type Leave = () => void;

/** Requests under way, of which one queue has a part, and bytes of bodies and of answers that are held for them. */
export class Admission {
  #requests = 0;
  readonly #held = workerBytes();
  readonly #ofQueue = new Map<string, number>();
  readonly #returns = new ReturnTimes();
  /** Milliseconds that only go on. */
  readonly #now: () => number;
  /** When it was last full. */
  #fullAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Begins a request, or refuses it: at the bound of its queue, or of all together, which other queues still have room in.
   *
   * @param operation its name, if it has one: what ends work is refused last, since a task whose ack is refused is done twice
   */
  enter(queueName: string, operation: string | undefined): Leave | Overloaded {
    const here = this.#ofQueue.get(queueName) ?? 0;
    if (this.#refuses(here, operation)) return this.#refusal(here);
    this.#requests += 1;
    this.#returns.takesOn();
    this.#ofQueue.set(queueName, here + 1);
    let isUnderWay = true;
    return () => {
      if (isUnderWay) this.#leave(queueName);
      isUnderWay = false;
    };
  }

  /** @param here requests under way for the queue */
  #refuses(here: number, operation: string | undefined): boolean {
    if (this.#requests >= LIMITS.requestsUnderWay || here >= LIMITS.queueRequestsUnderWay) return true;
    if (!this.#isTooMuchWork(here) || isNeverHeldBack(operation)) return false;
    // Who asks again at once is not kept away by being refused, and with more refusals than work the work would not get done.
    return !this.#returns.isFar(this.#now());
  }

  #refusal(here: number): Overloaded {
    // Not by each refusal: callers who ask again and again are let in as before once there are no more of them than before.
    if (this.#isFull(here)) this.#fullAt = this.#now();
    return this.#overloaded(`${this.#requests} requests are under way, ${here} of them for this queue`);
  }

  #isTooMuchWork(here: number): boolean {
    if (this.#isFull(here)) return true;
    return here >= LIMITS.queueRequestsWhenOverloaded && this.#now() - this.#fullAt < LIMITS.returnsWithinMs;
  }

  #isFull(here: number): boolean {
    return this.#requests >= LIMITS.requestsOfWork || here >= LIMITS.queueRequestsOfWork;
  }

  #leave(queueName: string): void {
    const here = (this.#ofQueue.get(queueName) ?? 1) - 1;
    this.#requests -= 1;
    if (here === 0) this.#ofQueue.delete(queueName);
    else this.#ofQueue.set(queueName, here);
  }

  /**
   * Holds so many bytes more; the caller gives them back with `release`. Bodies and answers have a part each, so that clients that
   * do not read keep nobody from being heard.
   *
   * @throws {HttpError} `overloaded`
   */
  hold(what: keyof WorkerBytes, bytes: number): void {
    if (!this.#held[what].hasRoomFor(bytes)) {
      throw overloadError(this.#overloaded(`${this.#held[what].bytes} bytes of ${what} are held`));
    }
    this.#held[what].hold(bytes);
  }

  release(what: keyof WorkerBytes, bytes: number): void {
    this.#held[what].release(bytes);
  }

  #overloaded(what: string): Overloaded {
    const seconds = this.#returns.next(this.#now());
    return {
      problem: problem("overloaded", `The server has too much to do: ${what}`),
      headers: { "retry-after": String(seconds) },
    };
  }
}

export function overloadError({ problem: document, headers }: Overloaded): HttpError {
  return new HttpError(document, headers);
}

/** Of this isolate. */
export const ADMISSION = new Admission(() => performance.now());
