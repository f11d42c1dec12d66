// Answers that take long to make, one after the other, with a pause between: the event loop of a server goes on with calls that it has
// before it looks for others, so that fifty at once would be made in one go. Each call is of one object, and so may wait for another.

export class OneByOne {
  #last: Promise<unknown> = Promise.resolve();
  readonly #pause: () => Promise<void>;

  /** @param pause lets others be served */
  constructor(pause: () => Promise<void>) {
    this.#pause = pause;
  }

  /** Makes it once those that were asked for before are made. */
  make<Answer>(answer: () => Answer): Promise<Answer> {
    const made = this.#last.then(answer);
    this.#last = made.then(this.#pause, this.#pause);
    return made;
  }
}
