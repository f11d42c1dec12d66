// What is known of the next tasks of one key in a lane and priority, without a gap. Read, kept and dropped by KeyHeads.

import type { WholeTask } from "../tasks/whole-task.ts";
import type { Place } from "./read-ahead.ts";

interface Entry extends Place {
  /** null: its row has not been read. */
  task: WholeTask | null;
}

/** Tasks after a level's cursor in the order of offer, delayed ones among them. */
export interface HeadPage {
  readonly places: readonly Entry[];
  /** The index in `places` of the first after the cursor. */
  first: number;
  /** There are no more after these. */
  isWhole: boolean;
  /** No task of the last one's instant comes after it. */
  isBetween: boolean;
  bytes: number;
}
