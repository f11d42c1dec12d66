// Pages through tasks without claiming them, in the order of their keys. Each page looks at a bounded number of rows.

import { LIMITS } from "../core/limits.ts";
import type { BrowseInput, OutcomeOf } from "../core/operation.ts";
import { DONE } from "../store/task-statements.ts";
import type { QueueState } from "./state.ts";
import { asBrowsed } from "./task-view.ts";

/** Rows read at a time; each may hold a payload of the largest size. */
const WINDOW = 50;

export function browse(state: QueueState, input: BrowseInput, now: number): OutcomeOf<"browse"> {
  const queue = state.existing();
  if (queue === null) return { kind: "queue-not-found" };
  const tasks = [];
  let bytes = 0;
  let after = input.after;
  for (let scanned = 0; scanned < LIMITS.pageScan;) {
    const rows = state.tasks.window(after, Math.min(WINDOW, LIMITS.pageScan - scanned));
    for (const row of rows) {
      after = row.seq;
      scanned += 1;
      if (row.state === DONE || (input.lane !== undefined && row.lane !== input.lane)) continue;
      const task = asBrowsed(queue.tag, row, state.claims.get(row.seq), now);
      if (input.state !== undefined && task.state !== input.state) continue;
      tasks.push(task);
      bytes += typeof task.payload === "string" ? task.payload.length : task.payload.byteLength;
      if (tasks.length >= input.limit || bytes > LIMITS.claimBytes - LIMITS.payloadBytes)
        return { kind: "page", tasks, after };
    }
    if (rows.length === 0) return { kind: "page", tasks, after: null };
  }
  return { kind: "page", tasks, after };
}
