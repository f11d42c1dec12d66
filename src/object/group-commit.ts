// Applies the operations that arrive together in one turn, so that they share one durable commit. Each has its own answer,
// and none is sent before the commit is on disk: the platform holds what leaves an object until its writes are.

interface Job {
  readonly apply: () => void;
  readonly fail: (error: unknown) => void;
}

export class GroupCommit {
  #jobs: Job[] = [];
  readonly #afterEach: () => void;
  readonly #onBug: (error: unknown) => void;

  /**
   * @param afterEach runs once at the end of a turn that applied anything, in the same commit
   * @param onBug an operation threw: its memory can no longer be trusted
   */
  constructor(afterEach: () => void, onBug: (error: unknown) => void) {
    this.#afterEach = afterEach;
    this.#onBug = onBug;
  }

  /** Runs `apply` in the next turn, with all that has been asked by then. */
  submit<Answer>(apply: () => Answer | Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ apply: () => resolve(apply()), fail: reject });
      if (this.#jobs.length === 1) setTimeout(() => this.#flush(), 0);
    });
  }

  #flush(): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    try {
      for (const job of jobs) job.apply();
      this.#afterEach();
    } catch (error) {
      for (const job of jobs) job.fail(error);
      this.#onBug(error);
    }
  }
}
