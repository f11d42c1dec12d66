// What the server's time can have been at an instant of the history. While it runs it never goes backwards: after its clock was set back
// it goes on more slowly until the clock has caught up. It cannot tell a clock that is set forward meanwhile from time that passes,
// and goes on by as much. A frozen or delayed event makes it earlier, and so does a start after the clock was set back.

import type { Event } from "../history.ts";

/** Rounding, and the wall clock's own drift against the monotonic one. */
const SLACK_MS = 3;

/** How fast the server's time goes on while its clock has to catch up. */
const SLOW = 0.9;

export class ServerClock {
  readonly #toWall: number;
  readonly #steps: readonly { readonly at: number; readonly offsetMs: number }[];

  constructor(events: readonly Event[]) {
    const began = events.find((event) => event.kind === "began");
    if (began === undefined) throw new Error("the history has no beginning");
    this.#toWall = began.wall - began.at;
    this.#steps = [
      { at: -Infinity, offsetMs: 0 },
      ...events.filter((event) => event.kind === "clock").map(({ at, offsetMs }) => ({ at, offsetMs })),
    ];
  }

  /** The server's time was not later than this at `at`. */
  latest(at: number): number {
    let latest = -Infinity;
    let offsetMs = 0;
    for (const [index, step] of this.#steps.entries()) {
      if (step.at > at) break;
      const until = Math.min(at, this.#steps[index + 1]?.at ?? Infinity);
      const passed = until - step.at + Math.max(0, step.offsetMs - offsetMs);
      latest = Math.max(until + step.offsetMs, step.at === -Infinity ? latest : latest + SLOW * passed);
      ({ offsetMs } = step);
    }
    return latest + this.#toWall + SLACK_MS;
  }

  /** What begins at `at` or later sees at least this time. */
  earliest(at: number): number {
    const current = this.#steps.findLast((step) => step.at <= at);
    // Steps that come after may be backwards: a call that waits through one is served at the earlier time.
    const later = this.#steps.filter((step) => step.at > at).map((step) => step.at + step.offsetMs);
    return Math.min(at + (current?.offsetMs ?? 0), ...later) + this.#toWall - SLACK_MS;
  }

  /** Whether what has happened at the server's time `time` or later, and was heard of by `heardAt`, may lie on both sides of a step back. */
  isSetBackAmong(time: number, heardAt: number): boolean {
    const from = this.#first(time);
    return this.#steps.some(
      ({ at, offsetMs }, index) =>
        at >= from && at <= heardAt && offsetMs < (this.#steps[index - 1]?.offsetMs ?? offsetMs),
    );
  }

  /** The first instant at which the server's time can have been so late. */
  #first(time: number): number {
    const instants = this.#steps.map((step, index) => {
      const at = Math.max(step.at, time - step.offsetMs - this.#toWall - SLACK_MS);
      return at <= (this.#steps[index + 1]?.at ?? Infinity) ? at : Infinity;
    });
    return Math.min(...instants);
  }

  /** Which stretch between steps an instant belongs to. */
  era(at: number): number {
    return this.#steps.findLastIndex((step) => step.at <= at);
  }
}
