// Whether a connection is still there: one that is silent is asked, and given up if nothing comes.

/** How often a silent connection is asked whether it is there, which the platform answers without waking the queue. */
const PING_EVERY_MS = 15_000;
/**
 * What a connection is given to answer that is in doubt, because a ping or a request had no answer in its time: so many steps of this. A
 * program that was busy for longer has an answer waiting, which it reads after the first.
 */
const DOUBT_STEPS = 4;
const DOUBT_STEP_MS = 500;

export class SocketPulse {
  readonly #ask: () => void;
  readonly #end: (isDeaf: boolean) => void;
  readonly #asking: ReturnType<typeof setInterval>;
  /** Set while it is in doubt. */
  #doubting: ReturnType<typeof setTimeout> | null = null;
  #isQuiet = false;
  #isDeaf = true;

  /**
   * @param ask sends what the other side answers at once
   * @param end nobody is there; `isDeaf`: nothing ever came
   */
  constructor(ask: () => void, end: (isDeaf: boolean) => void) {
    this.#ask = ask;
    this.#end = end;
    this.#asking = setInterval(() => {
      if (this.#isQuiet) this.doubt();
      else this.#askAgain();
    }, PING_EVERY_MS);
  }

  /** Something has come. */
  heard(): void {
    this.#isQuiet = false;
    this.#isDeaf = false;
  }

  /** Whether the queue is slow or nobody is there: a queue that is busy does not keep the platform from answering. */
  doubt(): void {
    if (this.#doubting !== null) return;
    this.#askAgain();
    this.#wait(DOUBT_STEPS);
  }

  stop(): void {
    clearInterval(this.#asking);
    if (this.#doubting !== null) clearTimeout(this.#doubting);
  }

  #askAgain(): void {
    this.#isQuiet = true;
    this.#ask();
  }

  #wait(steps: number): void {
    this.#doubting = setTimeout(() => {
      this.#doubting = null;
      if (!this.#isQuiet) return;
      if (steps === 1) this.#end(this.#isDeaf);
      else this.#wait(steps - 1);
    }, DOUBT_STEP_MS);
  }
}
