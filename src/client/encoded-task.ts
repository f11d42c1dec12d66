// A new task on its way: its payload checked and encoded.

import type { WireNewTask } from "../protocol/wire-task.ts";
import { encodePayload } from "./payload.ts";
import type { NewTask } from "./task.ts";

/**
 * The task as it is sent. Throws InvalidPayloadError.
 *
 * @param path where its payload is in what its user gave; absent: "payload"
 */
export function encodedTask(task: NewTask<unknown>, path?: string): WireNewTask {
  return { ...task, ...encodePayload(task.payload, task.contentType, path) };
}
