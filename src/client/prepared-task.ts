// A new task on its way: its payload checked and encoded.

import type { WireNewTask } from "../protocol/wire-task.ts";
import { measuredPayload } from "./payload.ts";
import { validated, type StandardSchema } from "./standard-schema.ts";
import type { NewTask } from "./task.ts";

/**
 * The task as it is sent, and about how many characters that takes in a body. Rejects with InvalidPayloadError.
 *
 * @param path where its payload is in what its user gave; absent: "payload"
 */
export async function preparedTask(
  { payload, contentType, ...options }: NewTask<unknown>,
  schema: StandardSchema | null,
  path?: string,
): Promise<{ task: WireNewTask; length: number }> {
  if (schema !== null) await validated(schema, payload, path);
  const { encoded, length } = measuredPayload(payload, contentType, path);
  return { task: { ...options, ...encoded }, length };
}
