// Checks turns by counting what was given out (K4): compares what a key was given with what another key of the same lane and
// priority was given, over every stretch in which that other key could have been served all the while. Divided by weight, the two
// differ by one round at most. A turn is one task, or the time that a task was claimed; how long tasks in flight will take is a
// guess, so each of them may add the longest task to that difference.

import type { KeyedTask } from "./keyed-model.ts";

/** A task that was given out. */
interface Given {
  readonly nth: number;
  readonly place: string;
  readonly name: string;
  readonly at: number;
  readonly task: KeyedTask;
  readonly claim: KeyedTask["claim"];
  /** How long it was claimed. null: it still is. */
  tookMs: number | null;
  /** The next that was given out after it had ended. */
  endedBefore: number;
}

/** What a turn is measured in. */
type TurnUnit = "task" | "ms";

/** Below any task, above what is rounded. */
const ROUNDED = 1e-6;

export class KeyTurns {
  readonly #given: Given[] = [];
  /** By place, then by key: the first that was given out since when the key could have been served all the while. */
  readonly #waits = new Map<string, Map<string, number>>();
  #count = 0;
  /** No task has been claimed for longer; a queue that knows of none may think of a millisecond. */
  #longestMs = 1;

  /** Turns begin anew. Tasks in flight are kept, since the queue corrects its guess of them when they end. */
  clear(): void {
    this.#waits.clear();
    this.#given.splice(0, this.#given.length, ...this.#given.filter(({ tookMs }) => tookMs === null));
  }

  /** Keys are compared from here on, since a weight was another before. Turns go on: what was claimed for long still counts. */
  compareAnew(): void {
    this.#waits.clear();
  }

  /** Notes the claims that have ended. */
  look(now: number): void {
    for (const given of this.#given) {
      if (given.tookMs !== null || given.task.claim === given.claim) continue;
      given.tookMs = Math.max(0, Math.min(now, given.claim?.until ?? now) - given.at);
      given.endedBefore = this.#count;
      this.#longestMs = Math.max(this.#longestMs, given.tookMs);
    }
  }

  /** Ends the wait of every key that could not be served now. @param offered the next task of each place and key that may be given out */
  keepOnly(offered: readonly KeyedTask[]): void {
    const named = new Set(offered.map((task) => `${placeOf(task)} ${nameOf(task.key)}`));
    for (const [place, waits] of this.#waits) {
      for (const name of waits.keys()) if (!named.has(`${place} ${name}`)) waits.delete(name);
    }
  }

  /**
   * A task is given out.
   *
   * @param beside the next of each key of its lane and priority that may be given out, itself among them
   * @returns by how much its key is ahead of another, if that is more than it may be; null: it is not
   */
  served(
    task: KeyedTask,
    beside: readonly KeyedTask[],
    weightOf: (key: string) => number,
    unit: TurnUnit,
  ): string | null {
    const place = placeOf(task);
    const before = this.#waits.get(place);
    const waits = new Map<string, number>();
    this.#waits.set(place, waits);
    const name = nameOf(task.key);
    let found: string | null = null;
    for (const { key } of beside) {
      const other = nameOf(key);
      const since = before?.get(other) ?? this.#count;
      waits.set(other, since);
      if (other === name) continue;
      const weights = [task.key, key].map((each) => (each === null ? 1 : weightOf(each)));
      found ??= this.#tooMuch(place, [name, other], weights as [number, number], since, unit);
    }
    return found;
  }

  /** It has been given out. */
  gave(task: KeyedTask, now: number): void {
    const { claim, key } = task;
    const running = { tookMs: null, endedBefore: Number.POSITIVE_INFINITY };
    this.#given.push({ nth: this.#count, place: placeOf(task), name: nameOf(key), at: now, task, claim, ...running });
    this.#count += 1;
  }

  /** Looks back over the other key's wait: is there a moment since which it was given too little? */
  #tooMuch(
    place: string,
    [name, other]: readonly [string, string],
    [weight, weightOfOther]: readonly [number, number],
    since: number,
    unit: TurnUnit,
  ): string | null {
    const ofBoth = this.#given.filter(
      (given) => given.place === place && (given.name === name || given.name === other),
    );
    const most = unit === "task" ? 1 : this.#longestMs;
    let more = 0;
    for (const { nth, name: served, tookMs } of ofBoth.toReversed()) {
      if (nth < since) return null;
      if (served === name) more += (unit === "task" ? 1 : (tookMs ?? 0)) / weight;
      else more -= (unit === "task" ? 1 : (tookMs ?? most)) / weightOfOther;
      if (more <= most) continue;
      // One round; and where turns are guessed, what tasks in flight may take less, or more, than was guessed.
      const lastOfOther = ofBoth.findLast((one) => one.name === other && one.nth < nth)?.nth ?? nth - 1;
      const guessed =
        unit === "task"
          ? 0
          : inFlight(ofBoth, name, nth - 1) / weight + inFlight(ofBoth, other, lastOfOther) / weightOfOther;
      const allowed = most * (1 + guessed);
      if (more > allowed + ROUNDED) return `${more} ${unit} more than "${other}" since the ${nth}th, of ${allowed}`;
    }
    return null;
  }
}

/** How many of a key were claimed right after the nth was given out. */
function inFlight(given: readonly Given[], name: string, nth: number): number {
  return given.filter((one) => one.name === name && one.nth <= nth && one.endedBefore > nth).length;
}

function placeOf({ lane, priority }: KeyedTask): string {
  return `${priority} ${lane}`;
}

/** Tasks without a key take turns as if they shared one. */
function nameOf(key: string | null): string {
  return key === null ? "" : `of ${key}`;
}
