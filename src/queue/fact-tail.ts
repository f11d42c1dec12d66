// Facts one by one, for those who look on, from the turn that says them until it is committed. While nobody looks on, it hears
// nothing and costs nothing; while somebody does, each fact costs a look at its task's row, and no more are kept than one turn may send.

import { LIMITS } from "../core/limits.ts";
import { laneOf, taskKeyOf } from "../core/stored-lane.ts";
import type { TaskFact, TaskFactKind } from "../core/task-fact.ts";
import type { TaskHead } from "../store/task-row.ts";
import type { FactKind, FactReader, Place } from "./facts.ts";
import type { QueueState } from "./state.ts";
import { idOf } from "./tasks/task-view.ts";

/** @param lane null: of the whole queue */
export type Wanted = (kind: TaskFactKind, lane: string | null) => boolean;

export interface TailedFacts {
  readonly facts: readonly TaskFact[];
  /** Those beyond LIMITS.factsOfTurn, which are only counted: how many of a kind and lane. */
  readonly beyond: readonly { readonly kind: TaskFactKind; readonly lane: string; readonly times: number }[];
}

export class FactTail implements FactReader {
  readonly #now: () => number;
  #wanted: Wanted | null = null;
  #state: QueueState | null = null;
  #facts: TaskFact[] = [];
  readonly #beyond = new Map<string, { kind: TaskFactKind; lane: string; times: number }>();

  /** @param now when the turn under way began */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The facts that are kept from now on; null: nobody wants any. */
  want(wanted: Wanted | null): void {
    this.#wanted = wanted;
    if (this.#state !== null) this.opened(this.#state);
  }

  /** The queue's memory, or another that has taken its place. */
  opened(state: QueueState): void {
    this.#state?.facts.leave(this);
    this.#state = state;
    if (this.#wanted !== null) state.facts.join(this);
  }

  hear(kind: FactKind, before: Place | null, after: Place | null, tookMs: number | null, tasks: number): void {
    const place = after ?? before;
    const lane = laneOf(place?.lane ?? "");
    if (kind === "forgotten" || place === null || this.#wanted?.(kind, lane) !== true) return;
    for (let index = 0; index < tasks; index += 1) {
      if (this.#facts.length >= LIMITS.factsOfTurn) return this.#count(kind, lane, tasks - index);
      this.#facts.push(this.#factOf(kind, place, place.seq + index, tookMs));
    }
  }

  cleared(idsToo: boolean): void {
    const kind = idsToo ? "deleted" : "purged";
    if (this.#wanted?.(kind, null) === true) this.#facts.push({ at: this.#now(), kind });
  }

  /** The facts of the turn that has been committed. */
  take(): TailedFacts {
    const taken = { facts: this.#facts, beyond: [...this.#beyond.values()] };
    this.rolledBack();
    return taken;
  }

  rolledBack(): void {
    this.#facts = [];
    this.#beyond.clear();
  }

  #count(kind: TaskFactKind, lane: string, times: number): void {
    const name = `${kind} ${lane}`;
    const counted = this.#beyond.get(name);
    if (counted === undefined) this.#beyond.set(name, { kind, lane, times });
    else counted.times += times;
  }

  #factOf(kind: TaskFactKind, place: Place, seq: number, tookMs: number | null): TaskFact {
    const state = this.#state;
    if (state === null) throw new Error("a fact was recorded of a queue that is not open");
    // Of a task in a run, or one that is gathered, there is no row: its id follows from its key, and it has not failed yet.
    const [head] = state.tasks.headsAt([seq]);
    const key = taskKeyOf(place.lane);
    const attempt = place.died?.attempts ?? attemptOf(kind, head);
    const error = place.died === undefined ? errorOf(kind, head) : place.died.error;
    return {
      at: this.#now(),
      kind,
      id: idOf(state.lives, { seq, taskId: head?.taskId ?? null }),
      lane: laneOf(place.lane),
      ...(key === null ? {} : { key }),
      ...(attempt === null ? {} : { attempt }),
      ...(tookMs === null ? {} : { tookMs }),
      ...(error === null ? {} : { error }),
    };
  }
}

function attemptOf(kind: TaskFactKind, head: TaskHead | undefined): number | null {
  switch (kind) {
    case "failed":
    case "expired":
    case "died":
      return head?.attempts ?? 1;
    case "claimed":
    case "acked":
    case "snoozed":
    case "released":
      // Its row does not count it.
      return (head?.attempts ?? 0) + 1;
    case "enqueued":
    case "received":
    case "cancelled":
    case "moved":
    case "removed":
    case "redriven":
    case "changed":
    case "purged":
    case "deleted":
      return null;
    default:
      return kind satisfies never;
  }
}

function errorOf(kind: TaskFactKind, head: TaskHead | undefined): string | null {
  return kind === "failed" || kind === "expired" || kind === "died" ? (head?.error ?? null) : null;
}
