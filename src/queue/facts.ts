// Facts about tasks, recorded once, where they are written: counts and all other readers learn of it from here.

import type { TaskHead } from "../store/task-row.ts";

/** Where a task's row is, and what it counts as. */
export interface Place extends Pick<TaskHead, "seq" | "lane" | "priority" | "state" | "visibleAt"> {
  /** It waits until then in its place. Absent: it does not, or it is one that leaves. */
  readonly retryAt?: number | null;
  /** Of one that leaves since its last attempt has failed: its row does not say so. */
  readonly died?: { readonly attempts: number; readonly error: string | null };
}

/**
 * - `enqueued`, `received`: a task is new here; it came from a producer, or from another queue
 * - `claimed`: an attempt begins; its row and its place are as they were
 * - `acked`, `cancelled`, `moved`, `removed`: it is gone; removed by its TTL or the retention. Its id may be remembered.
 * - `failed`, `expired`, `snoozed`, `released`: its claim ended, and it is offered again
 * - `died`, `redriven`: it is dead, or was and is offered again
 * - `changed`: its content or place is another; `forgotten`: its remembered id is gone
 */
export type FactKind =
  | "enqueued"
  | "received"
  | "claimed"
  | "acked"
  | "cancelled"
  | "moved"
  | "removed"
  | "failed"
  | "expired"
  | "snoozed"
  | "released"
  | "died"
  | "redriven"
  | "changed"
  | "forgotten";

export interface FactReader {
  /**
   * In the turn that writes it.
   *
   * @param before null: the task was not here
   * @param after null: its row is gone
   * @param tookMs how long a task that is claimed was ready, or one that is acked was claimed; null: neither, or not known
   * @param tasks how many there are, under the keys from `after` on: new plain tasks, which are alike. Of all others one
   */
  hear(kind: FactKind, before: Place | null, after: Place | null, tookMs: number | null, tasks: number): void;
  /** Every task is gone; remembered ids stay, or go too. */
  cleared(idsToo: boolean): void;
}

export class Facts {
  #readers: readonly FactReader[];

  constructor(...readers: readonly FactReader[]) {
    this.#readers = readers;
  }

  /** It receives all facts from now on, after the readers that were there before. */
  join(reader: FactReader): void {
    if (!this.#readers.includes(reader)) this.#readers = [...this.#readers, reader];
  }

  leave(reader: FactReader): void {
    this.#readers = this.#readers.filter((other) => other !== reader);
  }

  say(kind: FactKind, before: Place | null, after: Place | null, tookMs: number | null = null, tasks = 1): void {
    for (const reader of this.#readers) reader.hear(kind, before, after, tookMs, tasks);
  }

  cleared(idsToo: boolean): void {
    for (const reader of this.#readers) reader.cleared(idsToo);
  }
}
