// Read cursors into the ready index, one per (lane, priority), so that no claim walks over what earlier claims took. A lane's
// are found by a few probes when it is first asked for, and forgotten when they are not needed.

import { DEFAULT_LANE, LIMITS } from "../../core/limits.ts";
import { keyOf } from "../../core/sequence.ts";
import { isStoredIn, laneOf, taskKeyOf } from "../../core/stored-lane.ts";
import { LIVE } from "../../store/task-row.ts";
import type { TaskStatements } from "../../store/task-statements.ts";
import type { ClaimPlaces } from "../claims/claim-places.ts";
import { HeldLanes } from "./held-lanes.ts";
import type { Level, Place, Source } from "./level.ts";
import { KeyHeads } from "../keys/key-heads.ts";
import { Rings } from "../keys/rings.ts";
import type { FactKind, FactReader, Place as TaskPlace } from "../facts.ts";

type Changeable = { -readonly [Name in keyof Level]: Level[Name] };

type PlaceName = Pick<Level, "lane" | "priority">;

/** Hears of each source that a task may be claimed from sooner, or later, than before. */
export interface LevelWatcher {
  changed(source: Source): void;
  /** Nothing is known of it any longer. */
  forgotten(source: Source): void;
  /** Its levels must stay known. */
  isWaitedFor(lane: string): boolean;
}

export class Levels implements FactReader {
  watcher: LevelWatcher | null = null;
  readonly rings: Rings;
  readonly heads: KeyHeads;
  readonly #tasks: TaskStatements;
  readonly #places: ClaimPlaces;
  readonly #writeGone: () => void;
  /** Known lanes, those that were loaded first in front; a lane that holds nothing is known to. */
  readonly #lanes = new Map<string, Changeable[]>();
  #kept = 0;
  #isStored = false;
  #walkedTo = "";
  readonly #held = new HeldLanes({ find: () => this.#findHeld(), holds: (lane) => this.#isStillHeld(lane) });

  /**
   * @param places how many tasks of a level are claimed
   * @param writeGone has the rows go of tasks that have ended
   */
  constructor(tasks: TaskStatements, places: ClaimPlaces, writeGone: () => void) {
    this.#tasks = tasks;
    this.#places = places;
    this.#writeGone = writeGone;
    this.heads = new KeyHeads(tasks);
    this.rings = new Rings(
      tasks,
      (ring) => this.watcher?.changed(ring),
      (stored) => this.#lanes.get(stored) ?? [],
      places,
    );
  }

  /** The database has its tables from now on. */
  stored(): void {
    this.#isStored = true;
  }

  /** The levels of a lane, higher priorities first. The default lane always has its plain level. */
  of(lane: string): readonly Level[] {
    return this.#load(lane);
  }

  /** All that tasks of a lane can be taken from. */
  sourcesOf(lane: string): readonly Source[] {
    return [...this.of(lane), ...this.rings.of(lane)];
  }

  /** Finds some more keys of a lane; whether there may be more. */
  findKeys(lane: string): boolean {
    return this.#isStored && this.rings.find(lane, (stored) => this.#load(stored));
  }

  /** The first levels that have entries in the index, found by one probe each; more than `most`: one more than that. */
  first(most: number): PlaceName[] {
    return this.#isStored
      ? this.#tasks
          .levels()
          .take(most + 1)
          .toArray()
      : [];
  }

  /** The next levels that have entries in the index, from where this was last asked; after the last come the first. */
  *walk(): Generator<PlaceName> {
    if (!this.#isStored) return;
    const from = this.#walkedTo;
    this.#walkedTo = "";
    let count = 0;
    for (const level of this.#tasks.levels(from)) {
      // A lane is walked whole.
      if (count >= LIMITS.levelsWalked && level.lane !== this.#walkedTo) return;
      this.#walkedTo = level.lane;
      count += 1;
      yield level;
    }
    this.#walkedTo = "";
  }

  /** Whether tasks may be written to these lanes: a queue holds tasks in a bounded number of lanes at a time. */
  hasRoomFor(places: readonly { readonly lane?: string }[]): boolean {
    if (places.length === 0) return true;
    const added = new Set<string>();
    for (const { lane: stored = DEFAULT_LANE } of places) {
      const lane = laneOf(stored);
      if (lane !== DEFAULT_LANE && !this.#holds(lane)) added.add(lane);
    }
    return this.#held.hasRoomFor(added);
  }

  /** An entry has been written to the index. */
  added(lane: string, priority: number, visibleAt: number, seq: number): void {
    const isKeyed = taskKeyOf(lane) !== null;
    const held = laneOf(lane);
    if (held !== DEFAULT_LANE) this.#held.joined(held);
    if (isKeyed && !this.#lanes.has(lane) && !this.rings.hasRoom) {
      this.rings.missed(held);
      return;
    }
    const levels = this.#load(lane);
    const level = this.#level(levels, lane, priority);
    const key = keyOf(seq);
    if (visibleAt < level.afterAt || (visibleAt === level.afterAt && key <= level.afterKey)) {
      level.afterAt = visibleAt;
      level.afterKey = key - 1;
      if (isKeyed) {
        this.heads.drop(level);
        // Its key may wait for what was first until now.
        this.rings.changed(level);
      }
    } else if (isKeyed && this.heads.added(level, visibleAt, seq)) this.rings.sooner(level, visibleAt);
    if (visibleAt < level.nextAt) this.nextAt(level, visibleAt);
  }

  /** Where reading stands in a level, if it is known: all before that is claimed or gone. Loads nothing. */
  standing({ lane, priority }: PlaceName): Pick<Level, "afterAt" | "afterKey"> {
    const level = this.#lanes.get(lane)?.find((each) => each.priority === priority);
    return level ?? { afterAt: 0, afterKey: 0 };
  }

  /** Reading has passed an entry, which is claimed or gone. */
  passed(level: Level, at: number, key: number): void {
    const known: Changeable = level;
    known.afterAt = at;
    known.afterKey = key;
  }

  /** What reading has found: no task after the cursor can be claimed before `at`. Infinity: there is none. */
  nextAt(level: Level, at: number): void {
    const known: Changeable = level;
    known.nextAt = at;
    if (at === Number.POSITIVE_INFINITY) this.freed(level.place);
    this.#changed(level);
  }

  /** A claim has ended: a level without tasks after its cursor and without claims holds nothing, and is forgotten. */
  freed(place: Place): void {
    const { lane, level } = place;
    // Always known, and no lane that counts among those held.
    if (lane === DEFAULT_LANE && place.priority === 0) return;
    if (level === null && !this.#lanes.has(lane)) this.#held.mayBeEmpty(laneOf(lane));
    if (level === null || isHeld(level)) return;
    this.#held.mayBeEmpty(laneOf(lane));
    const levels = this.#lanes.get(lane) ?? [];
    levels.splice(levels.indexOf(level), 1);
    this.#detach(level);
    if (level.key !== null) {
      this.heads.drop(level);
      this.rings.left(level);
      if (levels.length === 0) this.#lanes.delete(lane);
      return;
    }
    this.#kept -= 1;
  }

  hear(kind: FactKind, before: TaskPlace | null, after: TaskPlace | null): void {
    // A claim changes no row, and reading has passed what it took.
    if (before?.state !== LIVE || kind === "claimed") return;
    if (before.lane !== DEFAULT_LANE && before.lane !== after?.lane) this.#held.mayBeEmpty(laneOf(before.lane));
    // The row of one that was acked is there until it is written, and passed over.
    if (kind !== "acked") this.removed(before);
  }

  /** The row of a task is another, or gone. */
  removed({ lane, priority, visibleAt, seq }: Pick<TaskPlace, "seq" | "lane" | "priority" | "visibleAt">): void {
    if (this.rings.known === 0) return;
    const level = this.#lanes.get(lane)?.find((other) => other.priority === priority);
    if (level === undefined || level.key === null) return;
    // Its key may wait for a task that is gone.
    if (this.heads.changed(level, visibleAt, seq)) this.rings.changed(level);
  }

  /** Every task is gone. */
  cleared(): void {
    for (const levels of this.#lanes.values()) for (const level of levels) this.watcher?.forgotten(level);
    this.rings.clear();
    this.heads.clear();
    for (const levels of this.#lanes.values()) for (const level of levels) this.#detach(level);
    this.#lanes.clear();
    this.#kept = 0;
    this.#held.forget();
  }

  /** It is no longer known. */
  #detach({ place }: Level): void {
    place.level = null;
    this.#places.forget(place);
  }

  #holds(lane: string): boolean {
    return this.#load(lane).length > 0 || (this.#isStored && this.#tasks.nextKeyLane(lane, lane) !== null);
  }

  /** What is known in memory may be of tasks that nobody has claimed and that are gone. */
  #isStillHeld(lane: string): boolean {
    this.#writeGone();
    const next = this.#tasks.levelAfter(lane, Number.MIN_SAFE_INTEGER);
    return next !== undefined && isStoredIn(lane, next.lane);
  }

  #findHeld(): Set<string> {
    if (!this.#isStored) return new Set();
    this.#writeGone();
    return new Set(this.#tasks.lanes()).difference(new Set([DEFAULT_LANE]));
  }

  #load(lane: string): Changeable[] {
    const known = this.#lanes.get(lane);
    if (known !== undefined) return known;
    const levels: Changeable[] = [];
    this.#lanes.set(lane, levels);
    const stored = this.#isStored ? this.#tasks.levelsOf(lane) : [];
    for (const { priority } of stored) this.#level(levels, lane, priority).nextAt = 0;
    if (lane === DEFAULT_LANE) this.#level(levels, lane, 0);
    if (taskKeyOf(lane) === null) this.#makeRoom(lane);
    for (const level of levels) this.#changed(level);
    return levels;
  }

  #level(levels: Changeable[], lane: string, priority: number): Changeable {
    const known = levels.find((level) => level.priority === priority);
    if (known !== undefined) return known;
    const place = this.#places.of(lane, priority);
    const level: Changeable = {
      lane,
      priority,
      key: taskKeyOf(lane),
      place,
      afterAt: 0,
      afterKey: 0,
      nextAt: Number.POSITIVE_INFINITY,
      page: null,
      ring: null,
      inLine: null,
      later: null,
      turns: null,
      isParked: false,
      reader: null,
    };
    place.level = level;
    levels.push(level);
    levels.sort((a, b) => b.priority - a.priority);
    if (level.key === null) this.#kept += 1;
    else this.rings.joined();
    return level;
  }

  #changed(level: Level): void {
    if (level.key === null) this.watcher?.changed(level);
    else if (level.place.level === level) this.rings.changed(level);
  }

  /** Of more lanes than are kept, those go that were loaded first: they are found again when they are asked for. */
  #makeRoom(forLane: string): void {
    for (const [lane, levels] of this.#lanes) {
      const lanesKept = this.#lanes.size - this.rings.known;
      if (lanesKept <= LIMITS.lanesKept && this.#kept <= LIMITS.levelsKept) return;
      if (
        lane === forLane ||
        lane === DEFAULT_LANE ||
        taskKeyOf(lane) !== null ||
        this.watcher?.isWaitedFor(lane) === true
      )
        continue;
      for (const level of levels) this.#detach(level);
      this.#lanes.delete(lane);
      this.#kept -= levels.length;
    }
  }
}

function isHeld({ nextAt, place }: Level): boolean {
  return nextAt < Number.POSITIVE_INFINITY || place.claimed > 0;
}
