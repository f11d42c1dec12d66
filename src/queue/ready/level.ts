// A read cursor into the ready index, of one lane and priority.

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
}

/** What tasks can be taken from: a level of tasks without a key, or the keys of a lane and priority. */
export type Source = Pick<Level, "lane" | "nextAt">;
