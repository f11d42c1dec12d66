// Claimed tasks as programs are given them: decoded, and validated where a schema says what they must be.

import type { WireClaimedTask } from "../protocol/wire-task.ts";
import { InvalidPayloadError, messageOf } from "./edgeq-error.ts";
import { validated, type StandardSchema } from "./standard-schema.ts";
import { decodedTask, type ClaimedTask } from "./task.ts";

interface Refused {
  readonly claim: ClaimedTask;
  readonly error: string;
  readonly dead?: boolean;
}

/** The tasks that the schema takes, and the others, to be given back. @param schema null: every task is taken as it is */
export async function accepted<Claimed>(
  wireTasks: readonly WireClaimedTask[],
  schema: StandardSchema<unknown, Claimed> | null,
  onInvalid: ((task: ClaimedTask, error: unknown, dead: boolean) => void) | undefined,
): Promise<[valid: ClaimedTask<Claimed>[], invalid: Refused[]]> {
  const valid: ClaimedTask<Claimed>[] = [];
  const invalid: Refused[] = [];
  for (const wireTask of wireTasks) {
    const task = decodedTask<WireClaimedTask, Claimed>(wireTask);
    try {
      valid.push(schema ? { ...task, payload: await validated(schema, task.payload) } : task);
    } catch (error) {
      // A payload that is refused never gets better; a schema that throws may, with its next release.
      const dead = error instanceof InvalidPayloadError;
      invalid.push({ claim: task, error: messageOf(error), ...(dead && { dead }) });
      onInvalid?.(task, error, dead);
    }
  }
  return [valid, invalid];
}
