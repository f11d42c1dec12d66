// A task on its way: its payload checked and encoded.

import { encodePayload, type EncodedPayload } from "./payload.ts";

/**
 * The task as it is sent. Throws InvalidPayloadError.
 *
 * @param path where its payload is in what its user gave; absent: "payload"
 */
export function encodedTask<Task extends { readonly payload?: unknown; readonly contentType?: string }>(
  task: Task,
  path?: string,
): Task & EncodedPayload {
  return { ...task, ...encodePayload(task.payload, task.contentType, path) };
}
