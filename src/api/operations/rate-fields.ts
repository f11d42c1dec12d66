// Limits that a queue has for all of its keys, and a key for itself.

import { LIMITS } from "../../core/limits.ts";
import { object, required } from "../schema/object.ts";
import { integer } from "../schema/scalars.ts";

export const keyConcurrency = integer({ min: 1, max: LIMITS.keyConcurrency });

export const rate = object({
  limit: required(integer({ min: 1, max: LIMITS.rateLimit }), "Attempts in a period, in the long run."),
  periodMs: required(integer({ min: 1, max: LIMITS.ratePeriodMs, unit: "ms" })),
  burst: required(integer({ min: 1, max: LIMITS.rateLimit }), "Attempts at once after a rest."),
});
