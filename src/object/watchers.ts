// Sockets that watch the queue: each is sent the queue's state when that has changed, every two seconds at most. A look is
// taken at the end of a turn that the queue has anyway. Only a change within two seconds of the last look is given a timer, so that
// its watchers see how it ended; a queue in which nothing happens sleeps, however many watch it.

import { OPERATIONS } from "../api/operation-table.ts";
import type { OutcomeOf } from "../core/operation.ts";
import { LIMITS } from "../core/limits.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import { LATER, type Queue, type Turn } from "../queue/queue.ts";
import type { Connection } from "./connection.ts";
import { Pace } from "./pace.ts";

/** Between two looks, at least. ms. */
export const LOOK_EVERY_MS = 2_000;

/** Why one more may not be among those who watch; null: it may. */
export function watchRefusal(watching: ReadonlySet<Connection>, connection: Connection): Problem | null {
  if (watching.has(connection)) return null;
  if (watching.size >= LIMITS.watchers)
    return problem("overloaded", `The queue is watched by ${LIMITS.watchers} sockets`);
  const { owner } = connection.rights;
  if (owner === undefined) return null;
  const limit = LIMITS.watchersOfToken;
  let own = 0;
  for (const { rights } of watching) if (rights.owner === owner) own += 1;
  if (own < limit) return null;
  return problem("rate-limited", `The token's limit is ${limit} sockets that watch one queue at one time`, { limit });
}

export interface WatchHost {
  /** Rows that the object has written since it woke: nothing changes without one. */
  written(): number;
  /** Runs something after a number of ms. */
  later(ms: number, run: () => void): void;
}

export class Watchers {
  readonly #queue: Queue;
  readonly #host: WatchHost;
  readonly #watching = new Set<Connection>();
  /** Those who have asked since they were last sent the state: they are sent it at once, and nobody else is. */
  readonly #asking = new Set<Connection>();
  readonly #pace: Pace;
  /** The state that all were sent last, without the age, which only grows. */
  #lastSent = "";
  #isCounting = false;

  constructor(queue: Queue, host: WatchHost) {
    this.#queue = queue;
    this.#host = host;
    this.#pace = new Pace(
      LOOK_EVERY_MS,
      (ms, run) => host.later(ms, run),
      () => this.#lookAgain(),
    );
    queue.follow(
      "watchers",
      (turn) => this.#look(turn),
      () => null,
    );
  }

  refusal(connection: Connection): Problem | null {
    return watchRefusal(this.#watching, connection);
  }

  /** In a turn, at whose end it is sent the queue's state; or before the first. */
  add(connection: Connection): void {
    this.#watching.add(connection);
    this.#asking.add(connection);
  }

  delete(connection: Connection): void {
    this.#watching.delete(connection);
    this.#asking.delete(connection);
  }

  #look(turn: Turn): void {
    if (this.#watching.size === 0 || this.#isCounting) return;
    const isDue = this.#pace.isDue(turn.now);
    if (!isDue && this.#asking.size === 0) return;
    const outcome = turn.operate("getQueue", null);
    if (outcome === LATER) return this.#count();
    if (isDue) this.#pace.done(turn.now);
    const message = messageOf(outcome, turn, this.#host.written());
    const state = message.replace(/"oldestReadyAgeMs":\d+/, "");
    const isNews = isDue && state !== this.#lastSent;
    turn.afterCommit(() => {
      this.#asking.clear();
      if (isNews) this.#lastSent = state;
    });
    for (const connection of isNews ? this.#watching : this.#asking) connection.tell(message);
  }

  /** Another turn, in which it is looked. */
  #lookAgain(): void {
    if (this.#watching.size > 0) this.#queue.add("watch", () => {});
  }

  /** A queue that has just woken counts its tasks first, a part in a turn; it is looked at the end of the last of them. */
  #count(): void {
    this.#isCounting = true;
    const ended = (): void => void (this.#isCounting = false);
    this.#queue.add("watch", (turn) => (turn.operate("getQueue", null) === LATER ? LATER : ended()), ended);
  }
}

/** With when the next delayed task becomes ready: nothing has to happen for that, so nobody would be sent it. */
function messageOf(outcome: OutcomeOf<"getQueue">, turn: Turn, written: number): string {
  if (outcome.kind !== "queue") return `{"op":"queue","queue":null,"nextAt":null,"written":${written}}`;
  const lanes = Object.entries(outcome.queue.stats.lanes).filter(([, { delayed }]) => delayed > 0);
  const nextAt = turn.nextVisibleAt(lanes.map(([lane]) => lane));
  return `{"op":"queue","queue":${OPERATIONS.getQueue.render(outcome, null)},"nextAt":${nextAt},"written":${written}}`;
}
