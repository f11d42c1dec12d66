// A read cursor into the ready index, of one lane and priority; and what is counted of that place whether its cursor is known or not.
// What belongs to a level hangs on it, so that whoever holds one looks nothing up by name.

import type { Entry } from "../claims/deadline-heap.ts";
import type { HeadPage } from "../keys/head-page.ts";
import type { WholeTask } from "../tasks/whole-task.ts";

export interface Level {
  readonly lane: string;
  readonly priority: number;
  /** The key that its tasks belong to; null: they have none. */
  readonly key: string | null;
  readonly place: Place;
  /** Every entry up to (afterAt, afterKey) is claimed or gone. */
  readonly afterAt: number;
  readonly afterKey: number;
  /** Earliest instant at which a task after the cursor can be claimed: early if at all wrong. Infinity: there is none. */
  readonly nextAt: number;
  /** Of a key: its next tasks, as KeyHeads has read them; null: nothing is known of them. */
  page: HeadPage | null;
  /** Of a key: the ring that it takes turns in, see Rings. */
  ring: LevelRing | null;
  /** Of a key: its entry among those in line, and among those that wait for an instant; see KeyRing. */
  inLine: Entry<Level> | null;
  later: Entry<Level> | null;
  /** Of a key: the turns that it has had, see KeyRing; null: they have not been looked for, or it has had none. */
  turns: Turns | null;
  /** Of a key: it waits to be woken, see Rings. */
  isParked: boolean;
  /** Of a key: the claim under way reads its tasks by this, see KeyChoice. */
  reader: LevelReader | null;
}

/** A lane and priority of which tasks are claimed, or whose level is known. */
export interface Place {
  readonly lane: string;
  readonly priority: number;
  key: KnownKey | null;
  /** Claims past their deadline among them, until they have been ended. */
  claimed: number;
  /** null: it is not known. */
  level: Level | null;
  /** ClaimPlaces finds it by its name. */
  isKept: boolean;
}

/** A key of which tasks are claimed, or a level known. */
export interface KnownKey {
  readonly name: string;
  /** Its places that are kept. */
  places: number;
  /** In whichever lanes. */
  claimed: number;
  /** Tasks of it that the claim under way has taken, see KeyChoice. */
  taken: number;
  /** Levels that wait to be woken, see Rings. */
  parked: Level[];
}

/** What a key has had. */
export interface Turns {
  /** When the turns that it had end, in virtual time. A key that comes back does not come back sooner. */
  endsAt: number;
  /** Where turns are milliseconds: how long a task of it has been claimed, on average. */
  taskMs: number;
  /** A level knows them by itself. */
  isHeld: boolean;
}

/** What a level that knows its ring asks of it. */
export interface LevelRing {
  offer(level: Level, at: number): void;
  sooner(level: Level, at: number): void;
  remove(level: Level): void;
  leaves(level: Level): void;
}

/** A level's tasks as one claim reads them. */
export interface LevelReader {
  readonly level: Level;
  peek(): WholeTask | undefined;
  take(): void;
  leave(until: number): void;
}

/** What tasks can be taken from: a level of tasks without a key, or the keys of a lane and priority. */
export type Source = Pick<Level, "lane" | "nextAt">;
