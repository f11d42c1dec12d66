// Two builds of edgeq measured side by side, round by round: speed in turns, then what is counted.
import { join } from "node:path";
import { quickRounds } from "../cost/count-profile.ts";
import { runCost, type ProfileCost } from "../cost/run-cost.ts";
import type { Measurement } from "../measure/measurement.ts";
import { median } from "../measure/summarize.ts";
import { admits, type Settings } from "../measure/settings.ts";
import { AgainstRound } from "./against-round.ts";
import type { Checkout } from "./checkout.ts";
import { clientGzipBytes } from "./client-bytes.ts";
import { bothSides, eachOf, type Pair } from "./pair.ts";
import type { Piece, ServerMeasurement } from "./server-measurement.ts";

export interface AgainstResult {
  readonly names: Pair<string>;
  /** One list a workload, of a list of pieces a round. */
  readonly rounds: readonly (readonly (readonly Piece[])[])[];
  /** The round trip of a frame that writes a row, one a round: what a delivery cannot be faster than. */
  readonly floor: readonly Measurement[];
  readonly costs: Pair<readonly ProfileCost[]>;
  readonly client: readonly { readonly what: string; readonly gzipBytes: Pair<number> }[];
}

export async function runAgainst(
  checkouts: Pair<Checkout>,
  settings: Settings,
  dir: string,
  say: (line: string) => void,
): Promise<AgainstResult> {
  const rounds = new Map<string, (readonly Piece[])[]>();
  const floor: Measurement[] = [];
  for (let round = 1; round <= settings.rounds; round += 1) {
    say(`round ${round} of ${settings.rounds}`);
    const roundDir = join(dir, `round-${round}`);
    const measured = await new AgainstRound(checkouts, settings, roundDir, round % 2 === 0).run();
    if (measured.floor !== null) floor.push(measured.floor);
    for (const pieces of measured.workloads) {
      const workload = pieces[0]?.[0].workload ?? "";
      rounds.set(workload, [...(rounds.get(workload) ?? []), pieces]);
      say(`  ${workload}: ${bothSides.map((side) => inShort(pieces.map((piece) => piece[side]))).join(" beside ")}`);
    }
  }
  return {
    names: [checkouts[0].name, checkouts[1].name],
    rounds: [...rounds.values()],
    floor,
    costs: await eachOf(checkouts, (checkout) => costsOf(checkout, settings, say)),
    client: [
      {
        what: "edgeq/client, Queue alone",
        gzipBytes: await eachOf(checkouts, ({ dir: of }) => clientGzipBytes(of, "Queue")),
      },
      {
        what: "edgeq/client, all of it",
        gzipBytes: await eachOf(checkouts, ({ dir: of }) => clientGzipBytes(of, "*")),
      },
    ],
  };
}

function costsOf(checkout: Checkout, settings: Settings, say: (line: string) => void): Promise<ProfileCost[]> {
  if (!admits(settings, "rows")) return Promise.resolve([]);
  return runCost(quickRounds, [], (line) => say(`${checkout.name}, ${line}`), { configPath: checkout.probeConfigPath });
}

function inShort(pieces: readonly ServerMeasurement[]): string {
  const rate = median(pieces.map(({ tasks, elapsedMs }) => (tasks / elapsedMs) * 1000));
  return `${Math.round(rate)}/s (p50 ${median(pieces.map(({ latency }) => latency.p50Ms)).toFixed(2)} ms)`;
}
