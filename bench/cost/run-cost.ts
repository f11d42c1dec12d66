// All profiles, one after the other, on one workerd with the bench's own Worker. The state is kept in memory
// where that is possible: nothing is timed, and a count is the same on every disk.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probeMain, startEdgeq, type EdgeqOptions } from "../edgeq/start-edgeq.ts";
import { QueueHttp } from "../edgeq/queue-http.ts";
import { countProfile, type Rounds } from "./count-profile.ts";
import { dollarsPerMillionTasks, type Bill, type Dollars } from "./prices.ts";
import { profiles, type Profile } from "./profiles.ts";

export interface ProfileCost {
  readonly profile: Profile;
  readonly bill: Bill;
  readonly rowsPerTask: number;
  readonly dollars: Dollars;
}

/**
 * What an older server does not know is left out.
 *
 * @param only profiles whose name contains one of these; empty: all
 * @param probe edgeq with its meters, to be built (`main`) or built already (`configPath`); default: this tree's
 */
export async function runCost(
  rounds: Rounds,
  only: readonly string[],
  say: (line: string) => void,
  probe: Pick<EdgeqOptions, "main" | "configPath"> = { main: probeMain },
): Promise<ProfileCost[]> {
  const memory = "/dev/shm";
  const dir = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "edgeq-cost-"));
  const costs: ProfileCost[] = [];
  try {
    for (const profile of profiles) {
      if (only.length > 0 && !only.some((wanted) => profile.name.includes(wanted))) continue;
      // A process for each, since time is moved for all of its queues at once.
      const edgeq = await startEdgeq({ dir: join(dir, String(costs.length)), ...probe });
      try {
        if (profile.isNumbered && !(await numbersCalls(edgeq.url))) {
          say(`${profile.name}: not known there`);
          continue;
        }
        const bill = await countProfile(profile, edgeq.url, rounds);
        const rowsPerTask = (bill.rowsWritten + bill.alarmsSet) / bill.tasks;
        const cost = { profile, bill, rowsPerTask, dollars: dollarsPerMillionTasks(bill) };
        costs.push(cost);
        say(`${profile.name}: ${rowsPerTask.toFixed(3)} rows a task, $${cost.dollars.total.toFixed(2)} a million`);
      } finally {
        await edgeq.stop();
      }
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return costs;
}

async function numbersCalls(origin: string): Promise<boolean> {
  const queue = QueueHttp.open(origin, "numbered", 1);
  try {
    return await queue.numbersCalls();
  } finally {
    await queue.close();
  }
}
