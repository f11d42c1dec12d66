// The processor time of a server: what its work takes, however long it had to wait for a core.
import { readdirSync, readFileSync } from "node:fs";

/** Of all threads of the process so far, in ms. A thread that has ended is no longer counted; workerd's live as long as it does. */
export function processCpuMs(pid: number): number {
  let ns = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ", 1)[0]);
  }
  return ns / 1e6;
}
