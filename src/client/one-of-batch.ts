// A failure of one task or claim of a batch, and not of the others.

import { ProblemError } from "./problem-error.ts";

/** An error that one task of a batch may have caused, the others being innocent. */
export function isOneTasks(error: unknown): boolean {
  return error instanceof ProblemError && /^(invalid-request|payload-too-large|queue-full)$/.test(error.code);
}

/** The answer to the one task or claim that was sent. */
export function only<Item>([item]: readonly Item[]): Item {
  if (item === undefined) throw new Error("the answer lacks a result");
  return item;
}
