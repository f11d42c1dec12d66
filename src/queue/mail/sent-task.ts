// The message by which a task is inserted into another queue: written by modify, read in receive.ts.

import type { OutboxRow } from "../../store/outbox-statements.ts";
import type { TimedTask } from "../arrivals/insert-tasks.ts";

/** All of the task but its payload, which travels beside it. Its times are instants: the way does not delay it. */
export function asSent(task: TimedTask): string {
  const { payload: _payload, ...rest } = task;
  return JSON.stringify(rest);
}

export function sentTask(body: string, payload: Exclude<OutboxRow["payload"], ArrayBuffer>): TimedTask {
  return { ...(JSON.parse(body) as Omit<TimedTask, "payload">), payload: payload ?? "" };
}
