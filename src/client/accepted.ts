// Claimed tasks as programs are given them: decoded, and validated where a schema says what they must be.

import type { WireClaimedTask } from "../protocol/wire-task.ts";
import type { CallControl } from "./caller.ts";
import type { AcceptOptions, Claims, NackItem } from "./claims.ts";
import { EdgeqError, InvalidPayloadError, messageOf } from "./edgeq-error.ts";
import { validated, type StandardSchema } from "./standard-schema.ts";
import { decodedTask, type ClaimedTask } from "./task.ts";

/** The tasks that the schema takes; the others are given back. @param schema null: every task is taken as it is */
export async function accepted<Claimed>(
  wireTasks: readonly WireClaimedTask[],
  schema: StandardSchema<unknown, Claimed> | null,
  claims: Claims,
  onInvalid: AcceptOptions["onInvalid"],
  control: CallControl,
): Promise<ClaimedTask<Claimed>[]> {
  const tasks = wireTasks.map((task) => decodedTask<WireClaimedTask, unknown>(task));
  if (schema === null) return tasks as ClaimedTask<Claimed>[];
  const valid: ClaimedTask<Claimed>[] = [];
  const invalid: NackItem[] = [];
  for (const task of tasks) {
    try {
      valid.push({ ...task, payload: await validated(schema, task.payload) });
    } catch (error) {
      // A payload that is refused never gets better; a schema that throws may, with its next release.
      const dead = error instanceof InvalidPayloadError;
      invalid.push({ claim: task, error: messageOf(error), ...(dead ? { dead } : {}) });
      onInvalid?.(task, error, dead);
    }
  }
  try {
    await claims.nackBatch(invalid, control);
  } catch (error) {
    // They come back after their claim timeout, and are refused again; the valid ones must not be lost over them.
    if (!(error instanceof EdgeqError)) throw error;
  }
  return valid;
}
