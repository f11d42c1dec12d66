// Chores, which time makes due, as one list. Each chore says when it is next due and does a bounded part of it; the alarm is set for
// the earliest of them. The model is beanstalkd's prottick().

/** One kind of due work. */
export interface Chore {
  readonly name: string;
  /** When it is next due; null: never, as things stand. At or before `now`: there is more to do already. */
  nextAt(now: number): number | null;
  /** In a turn: makes progress, or has a later `nextAt`. Does at most about a turn's work. */
  run(now: number): void;
}

/** A chore that throws is left alone for this long, so that it does not keep the object awake for nothing. ms. */
const SUSPENDED_MS = 60_000;

export class Chores {
  readonly #chores: Chore[];
  readonly #suspendedUntil = new Map<Chore, number>();

  constructor(chores: readonly Chore[]) {
    this.#chores = [...chores];
  }

  add(chore: Chore): void {
    this.#chores.push(chore);
  }

  /** When the first of them is next due; null: nothing will ever be due, as things stand. */
  nextAt(now: number): number | null {
    let next: number | null = null;
    for (const chore of this.#chores) {
      const at = chore.nextAt(now);
      if (at === null) continue;
      const allowed = Math.max(at, this.#suspendedUntil.get(chore) ?? at);
      next = next === null ? allowed : Math.min(next, allowed);
    }
    return next;
  }

  due(now: number): Chore[] {
    return this.#chores.filter((chore) => {
      const at = chore.nextAt(now);
      return at !== null && at <= now && (this.#suspendedUntil.get(chore) ?? now) <= now;
    });
  }

  /** It threw: its next try is not before a while. */
  failed(chore: Chore, now: number): void {
    this.#suspendedUntil.set(chore, now + SUSPENDED_MS);
  }
}

/** null: none of them ever comes. */
export function earliest(...instants: readonly (number | null)[]): number | null {
  const coming = instants.filter((at) => at !== null);
  return coming.length === 0 ? null : Math.min(...coming);
}
