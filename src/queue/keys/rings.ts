// The keys that hold tasks, lane by lane. They are found by probes of the ready index, some at a time, when their lane is
// first asked for; from then on they are known by what is written.

import { LIMITS } from "../../core/limits.ts";
import { laneOf, storedLane } from "../../core/stored-lane.ts";
import type { TaskStatements } from "../../store/task-statements.ts";
import type { ClaimPlaces } from "../claims/claim-places.ts";
import type { KnownKey, Level, LevelRing } from "../ready/level.ts";
import { KeyRing } from "./key-ring.ts";

/** What is known of the keys of one lane. */
interface KeyedLane {
  /** Keys up to this stored lane have been found; null: all have. */
  foundTo: string | null;
  /** Higher priorities first. */
  readonly rings: KeyRing[];
}

/** Keys found in one go: about as many statements as that. */
const FOUND_AT_ONCE = 256;

export class Rings {
  readonly #tasks: TaskStatements;
  readonly #changed: (ring: KeyRing) => void;
  readonly #knownOf: (stored: string) => readonly Level[];
  readonly #lanes = new Map<string, KeyedLane>();
  readonly #places: Pick<ClaimPlaces, "key" | "keys">;
  /** Keys that wait until they are woken: for a claim of theirs to end, or for what is set for them. */
  parkedKeys = 0;
  /** Levels of keys that are known. */
  known = 0;

  /** @param knownOf the levels of a stored lane that are known; nothing is read */
  constructor(
    tasks: TaskStatements,
    changed: (ring: KeyRing) => void,
    knownOf: (stored: string) => readonly Level[],
    places: Pick<ClaimPlaces, "key" | "keys">,
  ) {
    this.#places = places;
    this.#tasks = tasks;
    this.#changed = changed;
    this.#knownOf = knownOf;
  }

  /** Whether one more key may be known; beyond that its tasks wait until others have none. */
  get hasRoom(): boolean {
    return this.known < LIMITS.keysKept;
  }

  /** Higher priorities first. */
  of(lane: string): readonly KeyRing[] {
    return this.#lane(lane).rings;
  }

  /**
   * Finds some more keys of a lane.
   *
   * @param load reads the levels of a stored lane, which come here by `changed`
   * @returns whether there may be more
   */
  find(lane: string, load: (stored: string) => void): boolean {
    const keyed = this.#lane(lane);
    for (let n = 0; n < FOUND_AT_ONCE && keyed.foundTo !== null && this.hasRoom; n += 1) {
      const next = this.#tasks.nextKeyLane(lane, keyed.foundTo);
      keyed.foundTo = next;
      if (next !== null) load(next);
    }
    return keyed.foundTo !== null && this.hasRoom;
  }

  isFound(lane: string): boolean {
    return this.#lane(lane).foundTo === null;
  }

  /** A key that is not known has a task: the lane is to be looked through again. */
  missed(lane: string): void {
    this.#lane(lane).foundTo = storedLane(lane, "");
  }

  joined(): void {
    this.known += 1;
  }

  left(level: Level): void {
    this.known -= 1;
    this.#ring(level).leaves(level);
    level.ring = null;
    const { key } = level.place;
    if (!level.isParked || key === null) return;
    level.isParked = false;
    key.parked.splice(key.parked.indexOf(level), 1);
    if (key.parked.length === 0) this.parkedKeys -= 1;
  }

  /** A task of this level can be taken from `level.nextAt` on. One that is parked stays so. */
  changed(level: Level): void {
    if (!level.isParked) this.#ring(level).offer(level, level.nextAt);
  }

  /** Its next task is another one, visible from `at` on: it no longer waits for what held back the one that was. */
  sooner(level: Level, at: number): void {
    this.#ring(level).sooner(level, at);
  }

  /** Its key is limited: until an instant, or until it is woken. */
  park(ring: KeyRing, level: Level, until: number | null): void {
    if (until !== null) {
      ring.offer(level, until);
      return;
    }
    ring.remove(level);
    if (level.isParked) return;
    const { key } = level.place;
    if (key === null) throw new Error(`lane ${level.lane} is in a ring of keys and has none`);
    level.isParked = true;
    if (key.parked.length === 0) this.parkedKeys += 1;
    key.parked.push(level);
  }

  /** What limited a key may be over. */
  wake(key: KnownKey): void {
    const { parked } = key;
    if (parked.length === 0) return;
    key.parked = [];
    this.parkedKeys -= 1;
    for (const level of parked) {
      level.isParked = false;
      this.#ring(level).offer(level, level.nextAt);
    }
  }

  /** What is set for a key is another: it is looked at again, whatever it waits for. */
  lookAgain(name: string): void {
    const key = this.#places.key(name);
    if (key === undefined) return;
    this.wake(key);
    for (const lane of this.#lanes.keys()) {
      for (const level of this.#knownOf(storedLane(lane, name))) this.#ring(level).offer(level, level.nextAt);
    }
  }

  /** What is set for all keys is another: all are looked at again, and turns begin anew. */
  lookAgainAtAll(): void {
    for (const key of this.#places.keys()) this.wake(key);
    for (const { rings } of this.#lanes.values()) for (const ring of rings) ring.reset();
  }

  /** A claim has ended after so long; its turn was thought to take `thoughtMs`. */
  ended(lane: string, priority: number, tookMs: number, thoughtMs: number, weight: number): void {
    const ring = this.#lanes.get(laneOf(lane))?.rings.find((other) => other.priority === priority);
    ring?.ended(lane, tookMs, thoughtMs, weight);
    const level = this.#knownOf(lane).find((other) => other.priority === priority);
    if (level !== undefined) ring?.moves(level);
  }

  clear(): void {
    for (const { rings } of this.#lanes.values()) for (const ring of rings) ring.clear();
    this.#lanes.clear();
    for (const key of this.#places.keys()) {
      for (const level of key.parked) level.isParked = false;
      key.parked = [];
    }
    this.parkedKeys = 0;
    this.known = 0;
  }

  #lane(lane: string): KeyedLane {
    let keyed = this.#lanes.get(lane);
    if (keyed === undefined) {
      keyed = { foundTo: storedLane(lane, ""), rings: [] };
      this.#lanes.set(lane, keyed);
      this.#makeRoom(lane);
    }
    return keyed;
  }

  /** Lanes without keys are found to be so again when they are asked for. */
  #makeRoom(forLane: string): void {
    if (this.#lanes.size <= LIMITS.lanesKept) return;
    for (const [lane, { rings }] of this.#lanes) {
      if (lane === forLane || rings.some((ring) => ring.size > 0)) continue;
      this.#lanes.delete(lane);
      return;
    }
  }

  #ring(level: Level): LevelRing {
    if (level.ring !== null) return level.ring;
    const { lane: stored, priority } = level;
    const lane = laneOf(stored);
    const { rings } = this.#lane(lane);
    let ring = rings.find((other) => other.priority === priority);
    if (ring === undefined) {
      ring = new KeyRing(lane, priority, this.#changed);
      rings.push(ring);
      rings.sort((a, b) => b.priority - a.priority);
    }
    level.ring = ring;
    return ring;
  }
}
