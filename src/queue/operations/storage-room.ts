// Whether what is asked fits into the object's storage. Beyond the limit nothing grows, and what takes out as much as it puts in
// is let through: a step of a pipeline must pass, or a full queue would never empty.

import { LIMITS } from "../../core/limits.ts";
import type { ModifyInput } from "../../core/modify.ts";
import type { Refusal } from "../../core/operation.ts";
import { keyOf } from "../../core/sequence.ts";
import { utf8Bytes } from "../../core/utf8-bytes.ts";
import type { TaskRow } from "../../store/task-row.ts";
import { taskByKey } from "../tasks/find-task.ts";
import type { QueueState } from "../state.ts";
import type { Found, FoundHead } from "./modify-references.ts";

/** @param grownBytes how much more is stored afterwards; asked only at the limit, since it may read what is there */
export function storageRefusal(state: QueueState, grownBytes: () => number): Refusal | null {
  if (!state.sql.isLargerThan(LIMITS.storageBytes) || grownBytes() <= 0) return null;
  return { kind: "queue-full", what: "bytes", limit: LIMITS.storageBytes };
}

/** As it is stored: text in UTF-8. */
export function bytesOf(value: TaskRow["payload"]): number {
  return typeof value === "string" ? utf8Bytes(value) : value.byteLength;
}

export function documentBytes(state: QueueState, key: string): number {
  return bytesOf(state.documents.get(key)?.value ?? "");
}

/** Of payloads and documents; messages to other queues are stored here until they have arrived. */
export function grownBy(state: QueueState, input: ModifyInput, found: Found): number {
  const headBytes = (head: FoundHead | undefined): number => {
    if (head === undefined) return 0;
    if (head.inRun === null) return state.tasks.sightings([head.seq])[0]?.bytes ?? 0;
    return bytesOf(taskByKey(state, keyOf(head.seq))?.payload ?? "");
  };
  let bytes = 0;
  for (const item of input.insert) {
    if ("document" in item) bytes += bytesOf(item.document.value);
    else if (item.queue !== undefined || !found.ids.taken.has(item.task.id ?? "")) bytes += bytesOf(item.task.payload);
  }
  for (const item of input.change) {
    if ("document" in item) bytes += bytesOf(item.value) - documentBytes(state, item.document.key);
    else if (item.change.payload !== undefined) {
      bytes += bytesOf(item.change.payload) - headBytes(found.tasks.get(item)?.head);
    }
  }
  for (const item of input.delete) {
    bytes -= "document" in item ? documentBytes(state, item.document.key) : headBytes(found.tasks.get(item)?.head);
  }
  return bytes;
}
