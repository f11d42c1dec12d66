// One queue and its counts.

import type { WireQueue } from "../../protocol/wire-queue.ts";
import { call } from "./call.ts";
import { record } from "./history.ts";

/** With its counts, which also go into its history. Throws CallError. */
export async function loadQueue(name: string, abort?: AbortSignal): Promise<WireQueue> {
  const queue = await call(name, "getQueue", {}, abort);
  record(name, queue.settings.deadLetterQueue, queue.stats, Date.now());
  return queue;
}
