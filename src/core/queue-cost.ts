// What a queue answers when it is asked what it has cost.

import type { Usage } from "./prices.ts";

export interface CostPart extends Omit<Usage, "messages" | "awakeMs"> {
  /** An operation, or another use: see `UsedFor`. */
  readonly name: string;
  /** How often it was run; of `socket`, messages that came. */
  readonly calls: number;
  readonly usd: number;
}

/** A period of the calendar, in UTC, up to now. */
export interface CostSpan extends Usage {
  readonly from: number;
  /** When it ends. */
  readonly to: number;
  readonly usd: number;
  /** The dearest first. The time awake is nobody's. */
  readonly parts: readonly CostPart[];
}

export interface CostView {
  readonly hour: CostSpan;
  readonly day: CostSpan;
  readonly month: CostSpan;
  /** Dollars of the whole month, if the rest of it is like the part that has passed, or like today. */
  readonly forecast: { readonly likeThisMonth: number; readonly likeToday: number };
}
