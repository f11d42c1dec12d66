// Tasks in the words of edgeq's wire, the same over HTTP and over sockets.

/** A task that is nothing but its payload; `options` is JSON that follows it, such as `,"delayMs":1000`. */
export const taskJson = (payload: string, options = ""): string => `{"payload":${payload}${options}}`;

/** What enqueues these tasks: one as it is, many as a list. */
export function enqueueBody(tasks: readonly string[]): string {
  return tasks.length === 1 ? (tasks[0] ?? "") : `{"tasks":[${tasks.join(",")}]}`;
}
