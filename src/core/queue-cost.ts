// The cost of a queue, as it answers it.

import type { WireCost } from "../protocol/wire-cost.ts";

export type { WireCostPart as CostPart, WireCostSpan as CostSpan } from "../protocol/wire-cost.ts";

/** The prices are added where it is answered. */
export type CostView = Omit<WireCost, "prices">;
