// Tasks in the words of edgeq's wire, the same over HTTP and over sockets.

/** A task that is nothing but its payload; `options` is JSON that follows it, such as `,"delayMs":1000`. */
export const taskJson = (payload: string, options = ""): string => `{"payload":${payload}${options}}`;

/** What enqueues these tasks: one as it is, many as a list. @param call its number, as JSON; absent: it has none */
export function enqueueBody(tasks: readonly string[], call?: string): string {
  const body = tasks.length === 1 ? (tasks[0] ?? "") : `{"tasks":[${tasks.join(",")}]}`;
  return call === undefined ? body : `${body.slice(0, -1)},"call":${call}}`;
}
