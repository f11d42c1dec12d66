// How many tasks are claimed in each lane and priority, and of each key: kept where claims begin and end, so that nobody counts
// them by looking at all. A claim knows its place, which is looked up by name once.

import { NameMap } from "../../core/name-map.ts";
import { taskKeyOf } from "../../core/stored-lane.ts";
import type { KnownKey, Place } from "../ready/level.ts";

export class ClaimPlaces {
  /** By priority, then by lane: there are few priorities, and a lane of each key. */
  readonly #places = new Map<number, Map<string, Place>>();
  readonly #keys = new NameMap<KnownKey>();

  /** The place of that name. It is kept while its level is known or tasks of it are claimed. */
  of(lane: string, priority: number): Place {
    const known = this.#places.get(priority)?.get(lane);
    if (known !== undefined) return known;
    const name = taskKeyOf(lane);
    const key = name === null ? null : { name, places: 0, claimed: 0, taken: 0, parked: [] };
    const place: Place = { lane, priority, key, claimed: 0, level: null, isKept: false };
    this.#keep(place);
    return place;
  }

  /** A task of it is claimed. */
  add(place: Place): void {
    if (!place.isKept) this.#keep(place);
    place.claimed += 1;
    if (place.key !== null) place.key.claimed += 1;
  }

  /** A claim of it has ended. */
  remove(place: Place): void {
    place.claimed -= 1;
    if (place.key !== null) place.key.claimed -= 1;
    this.forget(place);
  }

  /** It goes, unless a claim or a level needs it. */
  forget(place: Place): void {
    if (place.claimed > 0 || place.level !== null || !place.isKept) return;
    place.isKept = false;
    const lanes = this.#places.get(place.priority);
    lanes?.delete(place.lane);
    if (lanes?.size === 0) this.#places.delete(place.priority);
    const { key } = place;
    if (key === null) return;
    key.places -= 1;
    if (key.places === 0) this.#keys.delete(key.name);
  }

  /** Nothing is claimed. */
  clear(): void {
    for (const key of this.#keys.values()) key.claimed = 0;
    for (const lanes of this.#places.values()) {
      for (const place of lanes.values()) {
        place.claimed = 0;
        this.forget(place);
      }
    }
  }

  key(name: string): KnownKey | undefined {
    return this.#keys.get(name);
  }

  keys(): Iterable<KnownKey> {
    return this.#keys.values();
  }

  /** Claimed tasks of a key, in whichever lanes, those past their deadline included until their claims have been ended. */
  inKey(name: string): number {
    return this.#keys.get(name)?.claimed ?? 0;
  }

  /** A claim may come to the end of a level, which is then forgotten, before what it took of it is claimed. */
  #keep(place: Place): void {
    let lanes = this.#places.get(place.priority);
    if (lanes === undefined) this.#places.set(place.priority, (lanes = new Map<string, Place>()));
    lanes.set(place.lane, place);
    place.isKept = true;
    if (place.key === null) return;
    const known = this.#keys.get(place.key.name);
    if (known === undefined) this.#keys.set(place.key.name, place.key);
    else place.key = known;
    place.key.places += 1;
  }
}
