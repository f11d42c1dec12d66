// The queues and their counts. A server without an overview of its own is asked for each queue that is on the screen, a few at a
// time, so that a page over thousands of queues does not wake them all.

import type { WireQueue } from "../../protocol/wire-queue.ts";
import { call, CallError, request } from "./call.ts";
import { record } from "./history.ts";

/** Requests under way at one time. */
const AT_ONCE = 6;

export interface QueueNames {
  readonly names: readonly string[];
  /** Whether there are more than were asked for. */
  readonly hasMore: boolean;
}

/** The most names that the overview holds; more are found by the search for a name. */
const MOST_NAMES = 10_000;
const PAGE = 1_000;

/** All queues' names, in their order. Throws CallError, `forbidden` for tokens without `admin`. */
export async function queueNames(abort: AbortSignal): Promise<QueueNames> {
  const names: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null && names.length < MOST_NAMES) {
    const after: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await request("GET", `/v1/queues?limit=${PAGE}${after}`, undefined, abort)) as {
      readonly queues: readonly { readonly name: string }[];
      readonly cursor: string | null;
    };
    for (const { name } of page.queues) names.push(name);
    cursor = page.cursor;
  }
  return { names, hasMore: cursor !== null };
}

/** One queue with its counts, which also go into its history. Throws CallError. */
export async function loadQueue(name: string, abort?: AbortSignal): Promise<WireQueue> {
  const queue = await call(name, "getQueue", {}, abort);
  record(queue, Date.now());
  return queue;
}

/** Several queues; those that the token may not see, or that are gone, are left out. Throws CallError for everything else. */
export async function loadQueues(names: readonly string[], abort: AbortSignal): Promise<readonly WireQueue[]> {
  const found = new Map<string, WireQueue>();
  const rest = names.values();
  const work = async (): Promise<void> => {
    for (const name of rest) {
      try {
        found.set(name, await loadQueue(name, abort));
      } catch (error) {
        if (error instanceof CallError && LEFT_OUT.has(error.code)) continue;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return names.flatMap((name) => found.get(name) ?? []);
}

const LEFT_OUT = new Set(["queue-not-found", "forbidden"]);
