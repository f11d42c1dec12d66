// The steps that a walk over stored tasks yields, and how much of the table it reads at a time.

import type { BrowseInput, TaskPlace } from "../../core/operation.ts";
import type { Sighting } from "../../store/task-row.ts";
import type { Run } from "../arrivals/runs.ts";

export type Wanted = Pick<BrowseInput, "state" | "lane">;

/** A task that was come to. Of one in a run, `bytes` are those of the whole run. */
export interface SeenTask extends Sighting {
  readonly inRun: Run | null;
}

export interface Step {
  /** null: a row that is no task, or a probe. */
  readonly task: SeenTask | null;
  /** Where to go on after it. */
  readonly place: TaskPlace;
}

const FIRST_ROWS = 4;
const MOST_ROWS = 500;

/**
 * Reads rows until there are no more: few at first, since few may be asked for.
 *
 * @param read the next rows, at most `size`; fewer only if there are no more
 */
export function* inWindows<Row>(read: (size: number) => readonly Row[]): Generator<Row> {
  for (let size = FIRST_ROWS; ; size = Math.min(2 * size, MOST_ROWS)) {
    const rows = read(size);
    yield* rows;
    if (rows.length < size) return;
  }
}
