// Pages through tasks without claiming them, in the order of their keys. Each page looks at a bounded number of tasks.

import { answerBytes, type StoredSizes } from "../../core/answer-bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import type { BrowseInput, OutcomeOf } from "../../core/operation.ts";
import { laneOf } from "../../core/stored-lane.ts";
import { utf8Bytes } from "../../core/utf8-bytes.ts";
import { DONE } from "../../store/task-row.ts";
import { tasksOfRun, type StoredTask } from "../tasks/find-task.ts";
import type { QueueState } from "../state.ts";
import { asBrowsed } from "../tasks/task-view.ts";

/** Rows read at a time; each may hold a payload of the largest size. */
const WINDOW = 50;

export function browse(state: QueueState, input: BrowseInput, now: number): OutcomeOf<"browse"> {
  const queue = state.existing();
  if (queue === null) return { kind: "queue-not-found" };
  const tasks = [];
  let bytes = 0;
  let scanned = 0;
  let { after } = input;
  for (const row of storedTasksAfter(state, after)) {
    if (scanned >= LIMITS.pageScan) return { kind: "page", tasks, after };
    scanned += 1;
    after = row.seq;
    if (row.state === DONE || (input.lane !== undefined && laneOf(row.lane) !== input.lane)) continue;
    const task = asBrowsed(queue.tag, row, state.claims.get(row.seq), now);
    if (input.state !== undefined && task.state !== input.state) continue;
    bytes += answerBytes(sizesOf(row));
    if (tasks.length > 0 && bytes > LIMITS.answerBytes) return { kind: "page", tasks, after: row.seq - 1 };
    tasks.push(task);
    if (tasks.length >= input.limit) return { kind: "page", tasks, after };
  }
  return { kind: "page", tasks, after: null };
}

/** Every stored task behind a place, remembered ids included: single rows, and the tasks of runs one by one. */
function* storedTasksAfter(state: QueueState, after: number): Generator<StoredTask> {
  let from = state.tasks.firstRowAfter(after);
  for (;;) {
    const rows = state.tasks.window(from, WINDOW);
    for (const row of rows) {
      if (row.run === null) yield { ...row, inRun: null };
      else yield* tasksOfRun(state, row).filter(({ seq }) => seq > after);
    }
    if (rows.length < WINDOW) return;
    from = (rows.at(-1)?.seq ?? from) + 1;
  }
}

function sizesOf({ payload, contentType, headers, error, origin }: StoredTask): StoredSizes {
  const otherBytes = utf8Bytes(headers ?? "") + utf8Bytes(error ?? "") + utf8Bytes(origin ?? "");
  if (typeof payload !== "string") return { bytes: payload.byteLength, form: "blob", otherBytes };
  return { bytes: utf8Bytes(payload), form: contentType === null ? "json" : "text", otherBytes };
}
