// How far a page of tasks has come.

/** Where a page of tasks ended, in the order that led to its tasks. */
export interface BrowsePlace {
  readonly in: "claims" | "arrivals" | "index" | "dead";
  readonly key: number;
  /** Of the index and the dead: the instant by which they are in order. */
  readonly at?: number;
  /** Of the index: its part. */
  readonly lane?: string;
  readonly priority?: number;
}
