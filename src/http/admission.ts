// How much this isolate takes on at once. Work that waits in line is slow work for everybody, and without end at twice the
// capacity: beyond a bound a request is refused within the time that it takes to read it, and the rest is served as ever. A burst
// may fill the bound; who keeps on filling it has a smaller one, until what waits before it is worked off.

import { workerBytes, type WorkerBytes } from "../core/held-bytes.ts";
import { LIMITS } from "../core/limits.ts";
import { isNeverHeldBack } from "../core/operation-kind.ts";
import { problem } from "../protocol/problem.ts";
import { HttpError } from "./http-error.ts";
import { Lag, type LagTimer } from "./lag.ts";
import { ReturnTimes } from "./return-times.ts";

/** The isolate's lag is measured from so many requests under way on: with fewer, nobody is refused for it. */
const MANY = 64;
/** To refuse a quarter as many as are taken on takes a tenth of the server's time. */
const REFUSALS_FOR_ONE = 1 / 4;

/** Requests under way, of which one queue has a part, and bytes of bodies and of answers that are held for them. */
export class Admission {
  #requests = 0;
  readonly #held = workerBytes();
  readonly #ofQueue = new Map<string, number>();
  readonly #returns = new ReturnTimes();
  readonly #lag: Lag;
  /**
   * Refusals that were saved up by requests that were taken on. Who asks again at once is not kept away by being refused, and with
   * more refusals than work the work would not get done.
   */
  #mayRefuse: number = LIMITS.requestsUnderWay;

  constructor(timer: LagTimer) {
    this.#lag = new Lag(timer);
  }

  /** Looks how late the isolate is, if there is need to know. @returns to be waited for by the request that has come; null: nothing */
  look(): Promise<void> | null {
    return this.#requests < MANY ? null : this.#lag.look();
  }

  /** More has come for a while than can be done. */
  isLate(): boolean {
    return this.#lag.overloadMs() > 0;
  }

  /**
   * Begins a request.
   *
   * @param operation its name, if it has one: what ends work is refused last, since a task whose ack is refused is done twice
   * @returns ends it; the first call counts
   * @throws {HttpError} `overloaded` at the bound of the queue, or of all together, which other queues still have room in
   */
  enter(queueName: string, operation: string | undefined): () => void {
    const here = this.#ofQueue.get(queueName) ?? 0;
    if (this.#requests >= LIMITS.requestsUnderWay) throw this.#full(`${this.#requests} requests are under way`);
    if (here >= LIMITS.queueRequestsUnderWay) throw this.#full(`${here} requests are under way for this queue`);
    if (this.#isTooMuch(here) && !isNeverHeldBack(operation)) throw this.#early();
    this.#requests += 1;
    this.#mayRefuse = Math.min(this.#mayRefuse + REFUSALS_FOR_ONE, LIMITS.requestsUnderWay);
    this.#ofQueue.set(queueName, here + 1);
    let isUnderWay = true;
    return () => {
      if (isUnderWay) this.#leave(queueName);
      isUnderWay = false;
    };
  }

  /** @param here requests under way for the queue */
  #isTooMuch(here: number): boolean {
    const isMuch = this.#requests >= LIMITS.requestsWhenLate || here >= LIMITS.queueRequestsWhenLate;
    return isMuch && this.#mayRefuse >= 1 && this.isLate();
  }

  #full(what: string): HttpError {
    this.#lag.full();
    return this.#overloaded(what);
  }

  #early(): HttpError {
    this.#mayRefuse -= 1;
    return this.#overloaded(`requests wait for ${Math.round(this.#lag.overloadMs())} ms`);
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
    if (!this.#held[what].hasRoomFor(bytes))
      throw this.#overloaded(`${this.#held[what].bytes} bytes of ${what} are held`);
    this.#held[what].hold(bytes);
  }

  release(what: keyof WorkerBytes, bytes: number): void {
    this.#held[what].release(bytes);
  }

  #overloaded(what: string): HttpError {
    const seconds = this.#returns.next(Date.now(), this.#lag.overloadMs());
    return new HttpError(problem("overloaded", `The server has too much to do: ${what}`), {
      "retry-after": String(seconds),
    });
  }
}

/** Of this isolate. */
export const ADMISSION = new Admission({
  now: () => performance.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});
