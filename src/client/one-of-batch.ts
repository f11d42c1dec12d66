// What concerns one task of a batch, and not the others.

import { ProblemError } from "./problem-error.ts";

/** An error that one task of a batch may have caused, the others being innocent. */
export function isOneTasks(error: unknown): boolean {
  return error instanceof ProblemError && /^(invalid-request|payload-too-large|queue-full)$/.test(error.code);
}

/** The answer to the one task that was sent. */
export function only<Item>(items: readonly Item[]): Item {
  const [item] = items;
  if (item === undefined) throw new Error("the server answered without the task that was enqueued");
  return item;
}
