// The limits and overrides of a key, in words.

import type { WireKey, WireKeyLimit, WireKeyOverride } from "../../protocol/wire-key.ts";
import { count, instant, number, span } from "../parts/words.ts";

/** "" when nothing holds it back. */
export function heldBackBy({ limited, blockedBy, claimed }: WireKey, now: number): string {
  return limited === null ? "" : LIMITS[limited.by]({ until: limited.until, blockedBy, claimed, now });
}

interface Held {
  /** null: until something changes. */
  readonly until: number | null;
  readonly blockedBy: readonly string[];
  readonly claimed: number;
  readonly now: number;
}

const LIMITS: Readonly<Record<WireKeyLimit, (held: Held) => string>> = {
  paused: () => "It is paused",
  blocked: ({ blockedBy }) => `Blocked by ${count(blockedBy.length, "dead task")}`,
  order: ({ until, now }) =>
    until === null
      ? "An earlier task of it is claimed"
      : `An earlier task of it is tried again at ${instant(until, now)}`,
  concurrency: ({ claimed }) =>
    `${count(claimed, "task")} of it ${claimed === 1 ? "is" : "are"} claimed, as many as may be`,
  limitKey: ({ until, now }) => `A consumer asked for a rest until ${instant(until, now)}`,
  rate: ({ until, now }) => `Its rate is used up until ${instant(until, now)}`,
};

/** "" when the queue's settings hold. */
export function setFor({ concurrency, rate, weight }: WireKeyOverride): string {
  return [
    concurrency === null ? "" : `${number(concurrency)} at one time`,
    rate === null ? "" : `${number(rate.limit)} in ${span(rate.periodMs)}`,
    weight === null ? "" : count(weight, "turn"),
  ]
    .filter((part) => part !== "")
    .join(", ");
}
