// What a modify needs beyond the right to claim: it may put tasks into any queue, and touch tasks that its sender has not
// claimed.

import type { ModifyInput } from "../core/modify.ts";
import type { Action } from "../protocol/action.ts";

/** Each action with the queue that it is needed on. */
export function modifyNeeds({ insert, change, delete: deleted }: ModifyInput, queueName: string): [Action, string][] {
  const receivers = new Set(insert.flatMap((item) => ("document" in item ? [] : [item.queue ?? queueName])));
  const needs = Array.from(receivers, (receiver): [Action, string] => ["enqueue", receiver]);
  const isUnclaimed = [...change, ...deleted].some((item) => "task" in item && "id" in item.task);
  return isUnclaimed ? [...needs, ["manage", queueName]] : needs;
}
