// Deletes every task of a queue, or the queue with them: at once for everybody, whatever it holds. The rows go in later turns.

import { DEFAULT_SETTINGS } from "../../core/settings.ts";
import { forgetClaimRows } from "../claims/claim-rows.ts";
import { DIRECTORY } from "../mail/directory.ts";
import type { QueueState } from "../state.ts";
import { LATER } from "../turn.ts";
import type { OnQueue } from "./run.ts";

/** Tables of what goes with a queue. */
const DELETED = ["tasks", "documents", "history", "producers", "keys"] as const;

/** All tasks: ready, delayed, claimed and dead. Documents stay, and ids within the dedupe window (P10). */
export const purge: OnQueue<"purge"> = (state, _input, now, queue) => {
  if (state.aside.areFull || !state.isBacklogCounted(now)) return LATER;
  const tasks = state.counts.live + state.counts.dead;
  state.exports.end();
  state.aside.setAside("tasks", "ids");
  state.scans.remade(1);
  forgetTasks(state, now);
  // Dead tasks that blocked keys are gone, whatever the rows of these say until their turn comes.
  if (state.keys.purged()) state.put({ ...(state.existing() ?? queue), purges: queue.purges + 1 });
  state.facts.cleared(false);
  return { kind: "done", tasks };
};

/**
 * The queue is gone for its users. Kept are its tag (so that old ids and tokens stay foreign), what it took from other
 * queues and what it still owes them (P9).
 */
export const deleteQueue: OnQueue<"deleteQueue"> = (state, _input, now, queue) => {
  if (state.aside.areFull || !state.isBacklogCounted(now)) return LATER;
  const tasks = state.counts.live + state.counts.dead;
  state.exports.end();
  for (const table of DELETED) state.aside.empty(table);
  state.scans.remade(DELETED.length);
  state.producers.clear();
  state.keys.clear();
  forgetTasks(state, now);
  state.put({
    ...queue,
    deletedAt: now,
    settings: DEFAULT_SETTINGS,
    lastKey: state.sequence.last,
    purgesSwept: queue.purges,
  });
  state.outbox.send(
    { receiver: DIRECTORY, kind: "unregister", body: JSON.stringify({ name: queue.name }), payload: null },
    now,
  );
  state.facts.cleared(true);
  state.housekeeping.nextAt = null;
  return { kind: "done", tasks };
};

function forgetTasks(state: QueueState, now: number): void {
  forgetClaimRows(state, now);
  state.arrivals.clear();
  state.hasUnsent = false;
}
