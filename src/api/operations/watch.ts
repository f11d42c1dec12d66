// What a socket asks for that watches its queue: how it is, or facts about its tasks one by one.

import { LIMITS } from "../../core/limits.ts";
import { FACT_KINDS, type FactFilter } from "../../core/task-fact.ts";
import { arrayOf } from "../schema/lists.ts";
import { laneName } from "../schema/names.ts";
import { object, optional } from "../schema/object.ts";
import { oneOf } from "../schema/scalars.ts";

const watch = object({
  facts: optional(
    object({
      lanes: optional(arrayOf(laneName, LIMITS.claimLanes, "lanes"), "all"),
      kinds: optional(arrayOf(oneOf(...FACT_KINDS), FACT_KINDS.length, "kinds"), "all"),
    }),
    "how the queue is",
  ),
});

/** Facts of which kinds and lanes; null: how the queue is. Throws Invalid. */
export function parseWatch(body: unknown): FactFilter | null {
  return watch.parse(body, "body").facts ?? null;
}
