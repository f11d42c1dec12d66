// A task that is read where it is looked for, so that it need not be read again to be claimed.

import { utf8Bytes } from "../../core/utf8-bytes.ts";
import {
  LIVE,
  type AheadMore,
  type AheadRow,
  type Candidate,
  type TaskHead,
  type TaskRow,
} from "../../store/task-row.ts";

/** With its payload if that is small. It is in no run. */
export interface WholeTask extends TaskHead, Candidate {
  readonly payload: TaskRow["payload"] | null;
  readonly key: string | null;
  readonly inRun: null;
}

export function wholeTask(
  row: AheadRow,
  more: AheadMore | null,
  level: Pick<WholeTask, "lane" | "key" | "priority">,
): WholeTask {
  const { lane, key, priority } = level;
  const { seq, version, attempts, visibleAt, bytes, payload } = row;
  const [endsAt, taskId, maxAttempts, contentType, headers, error, origin, cost, retryAt, type] = more ?? NOTHING_MORE;
  return {
    seq,
    version,
    attempts,
    state: LIVE,
    visibleAt,
    endsAt,
    run: null,
    lane,
    key,
    priority,
    taskId,
    maxAttempts,
    diedAt: null,
    contentType,
    headers,
    error,
    origin,
    cost,
    retryAt,
    payload,
    hasId: taskId !== null && origin === null ? 1 : 0,
    bytes,
    form: contentType === null ? "json" : type,
    otherBytes: sizeOf(headers) + sizeOf(error) + sizeOf(origin),
    inRun: null,
  };
}

const NOTHING_MORE: AheadMore = [null, null, null, null, null, null, null, null, null, "text"];

function sizeOf(text: string | null): number {
  return text === null ? 0 : utf8Bytes(text);
}
