// A bounded look through a queue's tasks by the server: one part after another until enough match, enough were looked at, or the
// reader stops it. It always says how far it came, and goes on from there.

import { parseSearch, searchedState } from "../../protocol/search-query.ts";
import type { WireBrowsedTask, WireTaskState } from "../../protocol/wire-task.ts";
import { tasksWithAttempts } from "./tasks-with-attempts.ts";

export interface ScanResult {
  readonly matches: readonly WireBrowsedTask[];
  /** Tasks looked at, in this part and those before it. */
  readonly lookedAt: number;
  /** Where to go on; null: everything was looked at. */
  readonly cursor: string | null;
}

export interface Scan {
  readonly queue: string;
  readonly query: string;
  /** The one state that all matches are in; null: any. */
  readonly state: WireTaskState | null;
}

/** One answer of so many tasks is taken apart within a frame or two. */
const PAGE = 250;
/** What one part looks at before it asks whether to go on: as much as one call does. */
const PART_TASKS = 10_000;

/** @param tab the state that is chosen beside the query, unless that names one */
export function scanOf(queue: string, find: string, tab: WireTaskState | null): Scan {
  const parsed = parseSearch(find);
  const named = parsed.kind === "terms" ? searchedState(parsed.terms) : undefined;
  const query = named === undefined && tab !== null ? `${find} state:${tab}`.trim() : find;
  return { queue, query: query === "" ? "id:*" : query, state: named ?? tab };
}

/**
 * Looks at about 10,000 tasks.
 *
 * @param most ends it as soon as so many match
 * @param from the result to go on from; null: the beginning
 * @param onProgress called after each call
 * @throws {CallError}; the signal's reason when that is aborted
 */
export async function scanTasks(
  { queue, query }: Pick<Scan, "queue" | "query">,
  most: number,
  from: ScanResult | null,
  abort: AbortSignal,
  onProgress: (result: ScanResult) => void = () => {},
): Promise<ScanResult> {
  let result: ScanResult = from ?? { matches: [], lookedAt: 0, cursor: "" };
  const stopAt = result.lookedAt + PART_TASKS;
  while (result.cursor !== null && result.lookedAt < stopAt && result.matches.length < most) {
    const limit = Math.min(PAGE, most - result.matches.length);
    const body = { query, limit, ...(result.cursor === "" ? {} : { cursor: result.cursor }) };
    const page = await tasksWithAttempts(queue, "search", body, abort);
    result = {
      matches: [...result.matches, ...page.tasks],
      lookedAt: result.lookedAt + page.lookedAt,
      cursor: page.cursor,
    };
    onProgress(result);
  }
  return result;
}
