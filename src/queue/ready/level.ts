// A read cursor into the ready index, of one lane and priority.

import type { HeadPage } from "../keys/head-page.ts";

export interface Level {
  readonly lane: string;
  readonly priority: number;
  /** The key that its tasks belong to; null: they have none. */
  readonly key: string | null;
  /** Every entry up to (afterAt, afterKey) is claimed or gone. */
  readonly afterAt: number;
  readonly afterKey: number;
  /** Earliest instant at which a task after the cursor can be claimed: early if at all wrong. Infinity: there is none. */
  readonly nextAt: number;
  /** Of a key: its next tasks, as KeyHeads has read them; null: nothing is known of them. */
  page: HeadPage | null;
  /** Of a key: it waits to be woken, see Rings. */
  isParked: boolean;
}

/** What tasks can be taken from: a level of tasks without a key, or the keys of a lane and priority. */
export type Source = Pick<Level, "lane" | "nextAt">;
