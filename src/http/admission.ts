// How much this isolate takes on at once. Work that waits in line is slow work for everybody, and without end at twice the
// capacity: beyond a bound a request is refused within the time that it takes to read it, and the rest is served as ever.

import { workerBytes, type WorkerBytes } from "../core/held-bytes.ts";
import { LIMITS } from "../core/limits.ts";
import { problem } from "../protocol/problem.ts";
import { HttpError } from "./http-error.ts";
import { ReturnTimes } from "./return-times.ts";

/** Requests under way, of which one queue has a part, and bytes of bodies and of answers that are held for them. */
export class Admission {
  #requests = 0;
  readonly #held = workerBytes();
  readonly #ofQueue = new Map<string, number>();
  readonly #returns = new ReturnTimes();

  /**
   * Begins a request.
   *
   * @returns ends it; the first call counts
   * @throws {HttpError} `overloaded` at the bound of the queue, or of all together, which other queues still have room in
   */
  enter(queueName: string): () => void {
    const here = this.#ofQueue.get(queueName) ?? 0;
    if (this.#requests >= LIMITS.requestsUnderWay) throw this.#overloaded(`${this.#requests} requests are under way`);
    if (here >= LIMITS.queueRequestsUnderWay) throw this.#overloaded(`${here} requests are under way for this queue`);
    this.#requests += 1;
    this.#ofQueue.set(queueName, here + 1);
    let isUnderWay = true;
    return () => {
      if (isUnderWay) this.#leave(queueName);
      isUnderWay = false;
    };
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
    const seconds = this.#returns.next(Date.now());
    return new HttpError(problem("overloaded", `The server has too much to do: ${what}`), {
      "retry-after": String(seconds),
    });
  }
}

/** Of this isolate. */
export const ADMISSION = new Admission();
