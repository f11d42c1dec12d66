// The known next tasks of one key in a lane and priority, without a gap. Read, kept and dropped by KeyHeads.

import type { Place } from "./read-ahead.ts";

/** Tasks after a level's cursor in the order of offer, delayed ones among them. */
export interface HeadPage {
  readonly places: readonly Place[];
  /** The index in `places` of the first after the cursor. */
  first: number;
  /** There are no more after these. */
  isWhole: boolean;
  /** No task of the last one's instant comes after it. */
  isBetween: boolean;
  bytes: number;
}
