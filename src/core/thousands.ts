// How a number is written in messages and docs. Not by `toLocaleString`: its first call loads tables that take a process, or a Worker, as long as a
// quarter of its whole start.

/** @param count a whole number @returns "16,777,216" */
export function thousands(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}
