// The tasks of a page as they are answered: as many as an answer has room for, each with its payload.

import { attemptsOf } from "../../core/attempt.ts";
import { answerBytes } from "../../core/answer-bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import type { BrowsedTask } from "../../core/task.ts";
import { heldBackAt } from "../keys/held-back.ts";
import type { QueueState } from "../state.ts";
import { readStored } from "./read-stored.ts";
import { asBrowsed } from "./task-view.ts";
import type { SeenTask } from "./walk-step.ts";

export class TaskPage {
  readonly #tasks: SeenTask[] = [];
  #storedBytes = 0;
  #answerBytes = 0;
  readonly #runs = new Set<number>();
  readonly #isWithAttempts: boolean;

  constructor({ pastAttempts: isWithAttempts = false }: { readonly pastAttempts?: boolean }) {
    this.#isWithAttempts = isWithAttempts;
  }

  get size(): number {
    return this.#tasks.length;
  }

  /** False: there is no room for it. The first always has room. */
  take(task: SeenTask): boolean {
    // Whatever is shown of a run is no more than all of it.
    const isCounted = task.inRun !== null && this.#runs.has(task.inRun.seq);
    const bytes = isCounted ? 0 : task.bytes;
    const attemptBytes = this.#isWithAttempts ? (task.attemptBytes ?? 0) : 0;
    const answered = this.#answerBytes + answerBytes({ ...task, bytes, attemptBytes });
    if (this.#tasks.length > 0 && answered > LIMITS.answerBytes) return false;
    if (task.inRun !== null) this.#runs.add(task.inRun.seq);
    this.#answerBytes = answered;
    this.#storedBytes += bytes + task.otherBytes + attemptBytes;
    this.#tasks.push(task);
    return true;
  }

  /** Reads the payloads. */
  shown(state: QueueState, now: number): BrowsedTask[] {
    state.scans.moved(this.#storedBytes);
    const stored = readStored(state, this.#tasks, this.#isWithAttempts);
    const heldBack = heldBackAt(state, now);
    return this.#tasks.map(({ seq }) => {
      const row = stored.get(seq);
      if (row === undefined) throw new Error(`task ${seq} was come to and has no row`);
      const task = asBrowsed(state.lives, row, state.claims.get(seq), heldBack, now);
      return this.#isWithAttempts ? { ...task, pastAttempts: attemptsOf(row.pastAttempts ?? null) } : task;
    });
  }
}
