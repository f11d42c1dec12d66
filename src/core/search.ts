// A search among a queue's tasks, in the terms in which it travels.

export { looksIntoPayload, searchedLane, searchedState, type SearchTerm } from "../protocol/search-query.ts";
