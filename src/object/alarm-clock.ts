// The object's one alarm. Every setAlarm is a row written, so it is set only to ring sooner than it would.

/** An alarm that is this late is taken for lost, and set again. ms. */
const LOST_AFTER_MS = 60_000;

export class AlarmClock {
  #armedAt: number | null = null;
  readonly #storage: Pick<DurableObjectStorage, "getAlarm" | "setAlarm">;

  constructor(storage: Pick<DurableObjectStorage, "getAlarm" | "setAlarm">) {
    this.#storage = storage;
  }

  /** Learns on wake when the alarm is set to ring. */
  async load(): Promise<void> {
    this.#armedAt = await this.#storage.getAlarm();
  }

  /**
   * Rings at `at` or sooner. Part of the turn's transaction. An instant in the past may be lost by the platform: now + 1.
   *
   * @returns whether it was set, which writes a row
   */
  arm(at: number | null, now: number): boolean {
    const isLost = this.#armedAt !== null && this.#armedAt + LOST_AFTER_MS <= now;
    if (at === null) return false;
    const ringAt = Math.max(at, now + 1);
    if (this.#armedAt !== null && this.#armedAt <= ringAt && !isLost) return false;
    this.#armedAt = ringAt;
    // It fails with the whole turn, whose object is gone then, or because the account may spend no more: then the next turn tries again.
    this.#storage.setAlarm(ringAt).catch(() => {
      if (this.#armedAt === ringAt) this.#armedAt = null;
    });
    return true;
  }

  /** What was set in a turn that failed may not be: what is set is read again. */
  rolledBack(): void {
    this.#armedAt = null;
    void this.load();
  }

  /** The alarm has rung: none is set. */
  rang(): void {
    this.#armedAt = null;
  }
}
