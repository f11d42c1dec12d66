// Which task was last slowed since it was claimed and given back too often. Kept in memory alone: one that goes on is here again
// after a second.

/** A task that has not been slowed for so long is forgotten, and the log says no more than one line in this time. ms */
const KEPT_MS = 60_000;

export class TaskBreaker {
  #last: { readonly id: string; readonly at: number } | null = null;
  #saidAt = Number.NEGATIVE_INFINITY;
  #news: string | null = null;

  slows(id: string, now: number): void {
    this.#last = { id, at: now };
    if (now - this.#saidAt < KEPT_MS) return;
    this.#saidAt = now;
    this.#news = id;
  }

  /** null: none within the last minute. */
  slowed(now: number): string | null {
    return this.#last !== null && now - this.#last.at < KEPT_MS ? this.#last.id : null;
  }

  /** What the log is to say; null: nothing. */
  takeNews(): string | null {
    const news = this.#news;
    this.#news = null;
    return news;
  }
}
