// What a queue must do, said in the simplest way: a list of tasks and the promises as plain rules over it. The model test
// drives it beside the real queue.

export interface ModelTask {
  readonly id: string;
  readonly key: number;
  readonly priority: number;
  readonly maxAttempts: number;
  readonly ttlAt: number;
  readonly hasOwnId: boolean;
  visibleAt: number;
  attempts: number;
  version: number;
  isDead: boolean;
  claim: { readonly token: string; until: number } | null;
  /** How each attempt ended at which it was kept, and which that was. */
  readonly ended: [attempt: number, outcome: string][];
}

export class QueueModel {
  readonly tasks = new Map<string, ModelTask>();
  /** Own ids of finished tasks, until when they are remembered (P10). */
  readonly remembered = new Map<string, number>();
  readonly dedupeMs: number;

  constructor(dedupeMs: number) {
    this.dedupeMs = dedupeMs;
  }

  isDuplicate(id: string, now: number): boolean {
    return this.tasks.has(id) || (this.remembered.get(id) ?? 0) > now;
  }

  /** The tasks that a claim may take, best first: by priority, then by the instant each became visible (P11). */
  offered(now: number): ModelTask[] {
    this.#endExpired(now);
    return [...this.tasks.values()]
      .filter((task) => task.claim === null && !task.isDead && task.visibleAt <= now && task.ttlAt > now)
      .toSorted((a, b) => b.priority - a.priority || a.visibleAt - b.visibleAt);
  }

  held(token: string, now: number): ModelTask | undefined {
    return [...this.tasks.values()].find((task) => task.claim?.token === token && task.claim.until > now);
  }

  finish(task: ModelTask, now: number): void {
    this.tasks.delete(task.id);
    if (task.hasOwnId) this.remembered.set(task.id, now + this.dedupeMs);
  }

  /** An attempt ends without an ack (P8). */
  fail(task: ModelTask, visibleAt: number, isFatal = false, outcome = "failed"): void {
    task.ended.push([task.attempts, outcome]);
    task.claim = null;
    if (isFatal || task.attempts >= task.maxAttempts) task.isDead = true;
    else task.visibleAt = visibleAt;
  }

  #endExpired(now: number): void {
    for (const task of this.tasks.values()) {
      if (task.claim !== null && task.claim.until <= now) this.fail(task, task.claim.until, false, "expired");
    }
  }
}
