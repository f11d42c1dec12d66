// The judgement of a torture, from its history alone: which promises were broken, and how often each could have been. It
// imports nothing of what it judges.

import type { Event } from "../history.ts";
import { caseOf, type Check, type Violation } from "./cases.ts";
import { counted } from "./counted.ts";
import { atomic, kept, once } from "./durable.ts";
import { exclusive, fenced } from "./exclusive.ts";
import { inOrder } from "./key-order.ts";
import { limited, paced, paused } from "./key-limits.ts";
import { livesOf } from "./lives.ts";
import { repeated, truthful } from "./repeated.ts";
import { ServerClock } from "./server-clock.ts";
import { ordered, timely } from "./timely.ts";

export interface Verdict {
  readonly violations: readonly Violation[];
  /** Check -> on how many occasions its promise could have been seen to be broken. */
  readonly checked: Readonly<Record<string, number>>;
  /** Calls that the history holds. */
  readonly operations: number;
}

/** Named by the promises that they hold. */
const CHECKS: Readonly<Record<string, Check>> = {
  "P1 P2 kept": kept,
  "P3 exclusive": exclusive,
  "P4 fenced": fenced,
  "P5 P9 once": once,
  "P6 atomic": atomic,
  "P7 timely": timely,
  "P8 counted": counted,
  "P10 idempotent": repeated,
  "P11 ordered": ordered,
  "K1 limited": limited,
  "K1 rate": paced,
  "K1 paused": paused,
  "K2 in order": inOrder,
  counts: truthful,
};

/** @param events in the order in which they happened */
export function check(events: readonly Event[]): Verdict {
  const lives = livesOf(events);
  const history = caseOf(lives, new ServerClock(events));
  const results = Object.entries(CHECKS).map(([name, judge]) => ({ name, ...judge(history) }));
  return {
    violations: results.flatMap(({ violations }) => violations),
    checked: Object.fromEntries(results.map(({ name, checked }) => [name, checked])),
    operations: lives.operations,
  };
}
