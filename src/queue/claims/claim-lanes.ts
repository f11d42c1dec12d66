// How many tasks are claimed in each lane, and in each priority of it: kept where claims begin and end, so that nobody counts
// them by looking at all.

import type { Claim } from "./claim.ts";

type Place = Pick<Claim, "lane" | "priority">;
type KeyedPlace = Pick<Claim, "lane" | "priority" | "key">;

export class ClaimLanes {
  /** By priority, then by lane: there are few priorities, and a lane of each key. */
  readonly #levels = new Map<number, Map<string, number>>();
  readonly #keys = new Map<string, number>();

  add(place: KeyedPlace): void {
    this.#change(place, 1);
  }

  remove(place: KeyedPlace): void {
    this.#change(place, -1);
  }

  clear(): void {
    this.#levels.clear();
    this.#keys.clear();
  }

  /** Claimed tasks of a lane and priority, those past their deadline included until their claims have been ended. */
  inLevel({ lane, priority }: Place): number {
    return this.#levels.get(priority)?.get(lane) ?? 0;
  }

  /** Claimed tasks of a key, in whichever lanes. */
  inKey(key: string): number {
    return this.#keys.get(key) ?? 0;
  }

  #change({ lane, priority, key }: KeyedPlace, by: number): void {
    let lanes = this.#levels.get(priority);
    if (lanes === undefined) this.#levels.set(priority, (lanes = new Map<string, number>()));
    const count = (lanes.get(lane) ?? 0) + by;
    if (count > 0) lanes.set(lane, count);
    else lanes.delete(lane);
    if (lanes.size === 0) this.#levels.delete(priority);
    if (key === null) return;
    const inKey = this.inKey(key) + by;
    if (inKey > 0) this.#keys.set(key, inKey);
    else this.#keys.delete(key);
  }
}
