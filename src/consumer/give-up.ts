// The moment at which a consumer that stops waits for handlers no longer. Hundreds listen at one time and leave again, which
// the listeners of an AbortSignal, a list that is searched, are not made for.

export class GiveUp {
  #isOver = false;
  readonly #listeners = new Set<() => void>();

  /** Calls `listener` when that is, or at once when it was. @returns what takes it out again */
  on(listener: () => void): () => void {
    if (this.#isOver) listener();
    else this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  now(): void {
    this.#isOver = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
