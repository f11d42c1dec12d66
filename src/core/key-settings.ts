// What a queue's owner may set about keys, for all of them and for one.

import type { Rate } from "./rate.ts";

export interface KeySettings {
  /**
   * `fifo`: while a task of a key is claimed or waits for its retry, no later one of its lane and priority is offered.
   * `strict`: a dead one blocks its key too. Default "none".
   */
  readonly order: "none" | "fifo" | "strict";
  /** Unexpired claims of one key. Default null: any number; 1 to 10,000. With an order: null or 1. */
  readonly concurrency: number | null;
  /** Attempts of one key. Default null: any number. */
  readonly rate: Rate | null;
  /**
   * `robin`: keys take turns, task by task. `share`: by how long their tasks are claimed. `none`: first come, first served.
   * Default "robin".
   */
  readonly fairness: "none" | "robin" | "share";
}

export const DEFAULT_KEY_SETTINGS: KeySettings = { order: "none", concurrency: null, rate: null, fairness: "robin" };

/** What holds for one key instead; absent: what the queue says. */
export interface KeyOverride {
  readonly concurrency?: number;
  readonly rate?: Rate;
  /** Turns that it gets for one of another's. Default 1, 1 to 100. */
  readonly weight?: number;
  readonly paused?: boolean;
}

/**
 * Why a key's tasks are not offered: it is paused; a dead one blocks it; an earlier one is claimed or waits for its retry; as
 * many are claimed as may be; a consumer let it rest; its rate is used up.
 */
export const KEY_LIMITS = ["paused", "blocked", "order", "concurrency", "limitKey", "rate"] as const;
export type KeyLimit = (typeof KEY_LIMITS)[number];
