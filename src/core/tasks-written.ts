// How many tasks an input writes anew: what a limit of tasks a second counts, of a token and of a queue.

import type { InputOf, OperationName } from "./operation.ts";

/** An operation that is not here writes none. */
const WRITTEN: { readonly [Name in OperationName]?: (input: InputOf<Name>) => number } = {
  enqueue: ({ tasks }) => tasks.length,
  modify: ({ insert }) => insert.filter((item) => "task" in item).length,
};

export function tasksWritten<Name extends OperationName>(name: Name, input: InputOf<Name>): number {
  return WRITTEN[name]?.(input) ?? 0;
}
