// Applies the operations that arrive together in one turn, so that they share one durable commit. Each has its own answer,
// and none is told before all of the turn has succeeded; then the platform holds what leaves an object until its writes are
// on disk. See docs/decisions/0003-group-commit.md.

interface Job {
  readonly apply: () => void;
  readonly fail: (error: unknown) => void;
}

export interface Turn {
  /** All that `body` writes or, if it throws, none of it. */
  readonly transaction: (body: () => void) => void;
  /** Runs after the operations of a turn, in their commit. */
  readonly afterEach: () => void;
  /** An operation threw: nothing of the turn was written, and the memory beside it can no longer be trusted. */
  readonly onBug: (error: unknown) => void;
  /** Runs `turn` after what has arrived meanwhile: a timer, since each call arrives in an event of its own. */
  readonly soon: (turn: () => void) => void;
}

export class GroupCommit {
  #jobs: Job[] = [];
  #tellings: (() => void)[] = [];
  readonly #turn: Turn;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** Runs `apply` in the next turn, with all that has been asked by then. Rejects only if something in that turn threw. */
  submit<Answer>(apply: () => Answer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.add(() => {
        const answer = apply();
        this.whenApplied(() => resolve(answer));
      }, reject);
    });
  }

  /** Like `submit`, for who tells the answer by other means than a promise. */
  add(apply: () => void, fail: (error: unknown) => void = ignore): void {
    this.#jobs.push({ apply, fail });
    if (this.#jobs.length === 1) this.#turn.soon(() => this.#flush());
  }

  /** In a turn: tells its outcome to the outside, once all of the turn has succeeded. */
  whenApplied(tell: () => void): void {
    this.#tellings.push(tell);
  }

  #flush(): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    this.#tellings = [];
    try {
      this.#turn.transaction(() => {
        for (const job of jobs) job.apply();
        this.#turn.afterEach();
      });
    } catch (error) {
      for (const job of jobs) job.fail(error);
      this.#turn.onBug(error);
      return;
    }
    for (const tell of this.#tellings) tell();
  }
}

function ignore(): void {}
