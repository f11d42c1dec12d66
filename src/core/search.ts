// What is searched for among a queue's tasks.

import type { SearchTerm } from "../protocol/search-query.ts";
import type { BrowsePlace } from "./browse-place.ts";

export { searchedLane, searchedState, type SearchTerm } from "../protocol/search-query.ts";

export interface SearchInput {
  /** All are required. */
  readonly terms: readonly SearchTerm[];
  readonly limit: number;
  readonly after: number | BrowsePlace;
}
