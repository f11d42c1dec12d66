// The payload of every task: a JSON object of an exact size that carries the task's number, so that a
// consumer can tell which task it was given.

export function payloadOf(number: number, bytes: number): string {
  const start = `{"n":${number},"pad":"`;
  return `${start}${"x".repeat(Math.max(0, bytes - start.length - 2))}"}`;
}

/** The number in a payload that `payloadOf` wrote, whatever spaces a peer's JSON column put in. */
export function numberOf(payload: string): number {
  const found = /"n": ?(\d+)/.exec(payload);
  if (!found) throw new Error(`expected a payload of this bench, found ${payload.slice(0, 80)}`);
  return Number(found[1]);
}
