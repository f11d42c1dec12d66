// The queue that is looked at, kept fresh: every page about a queue shows the same answer.

import type { WireQueue } from "../../protocol/wire-queue.ts";
import { useLive, type Live } from "./live.ts";
import { loadQueue } from "./queues.ts";

const EVERY_MS = 2_000;

export function useQueue(name: string): Live<WireQueue> {
  return useLive(`queue ${name}`, (abort) => loadQueue(name, abort), EVERY_MS);
}
