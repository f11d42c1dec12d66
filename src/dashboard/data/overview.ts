// The queues as they last reported, those in trouble first: one request, however many they are. None of them is woken by it, but
// for those that woke with many tasks and have not counted them all: these are asked once, and count for themselves from then on.

import type { WireOverviewed } from "../../protocol/wire-overview.ts";
import { CallError, request } from "./call.ts";
import { record } from "./history.ts";
import { loadQueue } from "./queues.ts";

export interface Overview {
  readonly queues: readonly WireOverviewed[];
  /** Names that were looked at for this page, which may be short or empty before the last. */
  readonly lookedAt: number;
  /** Where the next page begins; null: this is the last. */
  readonly cursor: string | null;
}

/** What an operator looks at, and what a page shows without a stutter. */
export const PAGE_QUEUES = 100;
/** What can be in a queue's name. */
const PART_OF_NAME = /^[\w.-]{1,80}$/;

/** @param find a part of the names, in lower case; "": all. Throws CallError, `forbidden` for tokens without `browse`. */
export async function loadOverview(find: string, cursor: string | null, abort: AbortSignal): Promise<Overview> {
  if (find !== "" && !PART_OF_NAME.test(find)) return { queues: [], lookedAt: 0, cursor: null };
  const query = new URLSearchParams({
    order: "trouble",
    limit: String(PAGE_QUEUES),
    ...(find === "" ? {} : { find }),
    ...(cursor === null ? {} : { cursor }),
  });
  const page = (await request("GET", `/v1/overview?${query.toString()}`, undefined, abort)) as Overview;
  const queues = await withCounts(page.queues, abort);
  const now = Date.now();
  for (const { name, report } of queues) {
    if (report === null || report.stats === null) continue;
    record(name, report.deadLetterQueue, report.stats, now - report.ageMs);
  }
  return { ...page, queues };
}

/** Queues asked for their counts in one round, and how soon the same one is asked again. */
const ASKED = 10;
const AGAIN_MS = 60_000;
const askedAt = new Map<string, number>();
type Stats = NonNullable<NonNullable<WireOverviewed["report"]>["stats"]>;
/** What was answered. Its report may say no more until something happens in the queue. */
const answers = new Map<string, Stats>();

async function withCounts(queues: readonly WireOverviewed[], abort: AbortSignal): Promise<readonly WireOverviewed[]> {
  const now = Date.now();
  const isDue = ({ name, report }: WireOverviewed): boolean =>
    report !== null && report.stats === null && now - (askedAt.get(name) ?? 0) > AGAIN_MS;
  const due = new Set(queues.filter(isDue).slice(0, ASKED));
  return Promise.all(queues.map(async (queue) => (due.has(queue) ? counted(queue, abort) : asAnswered(queue))));
}

function asAnswered(queue: WireOverviewed): WireOverviewed {
  const { name, report } = queue;
  if (report === null) return queue;
  const stats = answers.get(name);
  if (report.stats === null) return stats === undefined ? queue : { ...queue, report: { ...report, stats } };
  answers.delete(name);
  askedAt.delete(name);
  return queue;
}

async function counted(queue: WireOverviewed, abort: AbortSignal): Promise<WireOverviewed> {
  askedAt.set(queue.name, Date.now());
  try {
    const { stats } = await loadQueue(queue.name, abort);
    answers.set(queue.name, stats);
    return queue.report === null ? queue : { ...queue, report: { ...queue.report, stats } };
  } catch (error) {
    // Gone meanwhile, perhaps: the next round shows it.
    if (error instanceof CallError) {
      answers.delete(queue.name);
      return queue;
    }
    throw error;
  }
}
