// How many tasks are claimed in each lane, and in each priority of it: kept where claims begin and end, so that nobody counts
// them by looking at all.

import { taskKeyOf } from "../../core/stored-lane.ts";
import type { Claim } from "./claim.ts";

type Place = Pick<Claim, "lane" | "priority">;

export class ClaimLanes {
  readonly #lanes = new Map<string, Map<number, number>>();
  readonly #keys = new Map<string, number>();

  add(place: Place): void {
    this.#change(place, 1);
  }

  remove(place: Place): void {
    this.#change(place, -1);
  }

  clear(): void {
    this.#lanes.clear();
    this.#keys.clear();
  }

  /** Claimed tasks of a lane, those past their deadline included until their claims have been ended. */
  inLane(lane: string): number {
    let count = 0;
    for (const inLevel of this.#lanes.get(lane)?.values() ?? []) count += inLevel;
    return count;
  }

  inLevel({ lane, priority }: Place): number {
    return this.#lanes.get(lane)?.get(priority) ?? 0;
  }

  /** Claimed tasks of a key, in whichever lanes. */
  inKey(key: string): number {
    return this.#keys.get(key) ?? 0;
  }

  #change({ lane, priority }: Place, by: number): void {
    let levels = this.#lanes.get(lane);
    if (levels === undefined) this.#lanes.set(lane, (levels = new Map<number, number>()));
    const count = (levels.get(priority) ?? 0) + by;
    if (count > 0) levels.set(priority, count);
    else levels.delete(priority);
    if (levels.size === 0) this.#lanes.delete(lane);
    const key = taskKeyOf(lane);
    if (key === null) return;
    const inKey = this.inKey(key) + by;
    if (inKey > 0) this.#keys.set(key, inKey);
    else this.#keys.delete(key);
  }
}
