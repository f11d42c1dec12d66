// A bounded look through a queue's tasks: page after page until enough match, enough were looked at, or the reader stops it.
// It always says how far it came, and goes on from there.

import type { WireBrowsedTask, WireTaskState } from "../../protocol/wire-task.ts";
import { call } from "./call.ts";

export interface ScanResult {
  readonly matches: readonly WireBrowsedTask[];
  /** Tasks looked at, in this part and those before it. */
  readonly lookedAt: number;
  /** Where to go on; null: everything was looked at. */
  readonly cursor: string | null;
}

export interface Scan {
  readonly queue: string;
  readonly state: WireTaskState | null;
  readonly lane: string | null;
  readonly isMatch: (task: WireBrowsedTask) => boolean;
}

/** One answer of so many tasks is taken apart within a frame or two. */
const PAGE = 250;
/** What one part looks at before it asks whether to go on. */
export const PART_TASKS = 10_000;

/**
 * Looks at up to 10,000 tasks.
 *
 * @param most ends it as soon as so many match
 * @param from the result to go on from; null: the beginning
 * @param onProgress is told after each page
 * @throws {CallError}; the signal's reason when that is aborted
 */
export async function scanTasks(
  { queue, state, lane, isMatch }: Scan,
  most: number,
  from: ScanResult | null,
  abort: AbortSignal,
  onProgress: (result: ScanResult) => void = () => {},
): Promise<ScanResult> {
  let result: ScanResult = from ?? { matches: [], lookedAt: 0, cursor: "" };
  const stopAt = result.lookedAt + PART_TASKS;
  while (result.cursor !== null && result.lookedAt < stopAt && result.matches.length < most) {
    const body = {
      limit: PAGE,
      ...(state === null ? {} : { state }),
      ...(lane === null ? {} : { lane }),
      ...(result.cursor === "" ? {} : { cursor: result.cursor }),
    };
    const page = await call(queue, "browse", body, abort);
    result = {
      matches: [...result.matches, ...page.tasks.filter(isMatch)],
      lookedAt: result.lookedAt + page.tasks.length,
      cursor: page.cursor,
    };
    onProgress(result);
  }
  return result;
}
