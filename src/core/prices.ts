// Cloudflare's prices for objects on its paid plan: the one table of prices, for a queue's own reckoning and for the bench.

import type { WireCostSpan } from "../protocol/wire-cost.ts";

/** Dollars. The included amounts are the account's, shared by all of its Workers, and are not in these. */
export const PRICES = {
  /** The day on which these were read off the page. */
  date: "2026-11-27",
  source: "https://developers.cloudflare.com/durable-objects/platform/pricing/",
  perMillion: {
    rowsWritten: 1,
    rowsRead: 0.001,
    /** Calls, alarms that rang, and every twenty messages of sockets. */
    requests: 0.15,
    /** Of an object's time awake, which is billed at 128 MB. */
    gigabyteSeconds: 12.5,
  },
} as const;

/** Messages that are billed as one request. */
export const MESSAGES_PER_REQUEST = 20;
const GIGABYTES = 0.128;

/** What is billed, counted. */
export type Usage = Pick<WireCostSpan, "rowsWritten" | "rowsRead" | "requests" | "messages" | "awakeMs">;

export function dollarsOf({ rowsWritten, rowsRead, requests, messages, awakeMs }: Usage): number {
  const { perMillion } = PRICES;
  const millions =
    rowsWritten * perMillion.rowsWritten +
    rowsRead * perMillion.rowsRead +
    (requests + messages / MESSAGES_PER_REQUEST) * perMillion.requests +
    (awakeMs / 1_000) * GIGABYTES * perMillion.gigabyteSeconds;
  return millions / 1_000_000;
}
