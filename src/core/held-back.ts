// Which operations the limits of a queue, and of the server, hold back.

import type { OperationName } from "./operation.ts";

/** They end or keep a claim that was given, since a task whose ack is refused would be done twice; or raise a limit again. */
const NEVER: ReadonlySet<string | undefined> = new Set<OperationName>([
  "ack",
  "configure",
  "extend",
  "nack",
  "reincarnate",
  "releaseTask",
  "settle",
]);

/** It is counted by limits, and not refused by them. */
export function isNeverHeldBack(operation: string | undefined): boolean {
  return NEVER.has(operation);
}

/** It writes nothing that matters: its name says so, as it does to the client. */
export function looks(operation: OperationName): boolean {
  return /^(get|list|browse|search)/.test(operation);
}
