// A search among a queue's tasks, and actions on all that match.

import type { SearchTerm } from "../protocol/search-query.ts";
import type { WireApplied, WireApply } from "../protocol/wire-apply.ts";
import type { BrowsePlace } from "./browse-place.ts";

export { searchedLane, searchedState, type SearchTerm } from "../protocol/search-query.ts";

export interface SearchInput {
  /** All are required. */
  readonly terms: readonly SearchTerm[];
  readonly limit: number;
  /** Tasks come with their past attempts. Default: false */
  readonly pastAttempts?: boolean;
  readonly after: number | BrowsePlace;
}

export type ApplyAction = WireApply["action"];

export interface ApplyInput extends SearchInput {
  readonly action: ApplyAction;
  /** Of a snooze: from when the first call began. */
  readonly delayMs: number;
  /** Of a cancel: claimed tasks too. */
  readonly force: boolean;
  /** Nothing is done: the tasks are counted. */
  readonly dryRun: boolean;
  /** Only tasks that were enqueued by then. Absent: when the first call began. */
  readonly asOf?: number;
  /** When the first call of several began. Absent: this is it. */
  readonly startedAt?: number;
}

export interface Applied extends Omit<WireApplied, "cursor"> {
  readonly startedAt: number;
  readonly after: SearchInput["after"] | null;
}
