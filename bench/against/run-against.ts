// Two builds of edgeq measured side by side: both servers run, one of them idle, and each workload is given to one and then to
// the other, in alternating order, so that a slow moment of the machine falls on both. A ratio is taken within a round.
import { join } from "node:path";
import type { ProfileCost } from "../cost/run-cost.ts";
import { quickRounds } from "../cost/count-profile.ts";
import { runCost } from "../cost/run-cost.ts";
import { ways } from "../edgeq/bench-queue.ts";
import { edgeqHttpQueue } from "../edgeq/edgeq-http.ts";
import { edgeqSocketQueue } from "../edgeq/edgeq-socket.ts";
import { startEdgeq, type Edgeq } from "../edgeq/start-edgeq.ts";
import { measureRowRoundTrip } from "../floor/workerd-floor.ts";
import { startFloor } from "../floor/start-floor.ts";
import { percentilesOf, type Measurement } from "../measure/measurement.ts";
import type { LoadRun } from "../measure/run-in-flight.ts";
import { admits, type Settings } from "../measure/settings.ts";
import { delivery } from "../measure/workloads/delivery.ts";
import { acts, Bout, sizes } from "./bout.ts";
import type { Checkout } from "./checkout.ts";
import { clientGzipBytes } from "./client-bytes.ts";
import { fillForWakes, measureWakes } from "./wakes.ts";

/** This tree first, then the other commit. */
export type Pair<Value> = readonly [own: Value, other: Value];

/** A workload is cut into so many pieces, which the two sides take in turn. */
const slices = 6;
const bothSides: Pair<0 | 1> = [0, 1];

export interface AgainstResult {
  readonly names: Pair<string>;
  /** One list a workload, of a pair a round. */
  readonly rounds: readonly (readonly Pair<Measurement>[])[];
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
  const rounds = new Map<string, Pair<Measurement>[]>();
  const floor: Measurement[] = [];
  for (let round = 1; round <= settings.rounds; round += 1) {
    say(`round ${round} of ${settings.rounds}`);
    const measured = await runRound(checkouts, settings, join(dir, `round-${round}`), round % 2 === 0);
    for (const pair of measured.pairs) {
      const { workload } = pair[0];
      rounds.set(workload, [...(rounds.get(workload) ?? []), pair]);
      say(`  ${workload}: ${pair.map(inShort).join(" beside ")}`);
    }
    floor.push(...measured.floor);
  }
  const [own, other] = checkouts;
  return {
    names: [own.name, other.name],
    rounds: [...rounds.values()],
    floor,
    costs: await eachOf(checkouts, (checkout) => costsOf(checkout, settings, say)),
    client: [
      {
        what: "edgeq/client, Queue alone",
        gzipBytes: await eachOf(checkouts, (side) => clientGzipBytes(side.dir, "Queue")),
      },
      { what: "edgeq/client, all of it", gzipBytes: await eachOf(checkouts, (side) => clientGzipBytes(side.dir, "*")) },
    ],
  };
}

async function runRound(
  checkouts: Pair<Checkout>,
  settings: Settings,
  dir: string,
  isOtherFirst: boolean,
): Promise<{ pairs: Pair<Measurement>[]; floor: Measurement[] }> {
  const pairs: Pair<Measurement>[] = [];
  const floor: Measurement[] = [];
  let otherFirst = isOtherFirst;
  /** Gives it to both, and to the other one first the next time. */
  const inTurn = <Result>(use: (side: 0 | 1) => Promise<Result>): Promise<Pair<Result>> => {
    otherFirst = !otherFirst;
    return eachOf(bothSides, use, otherFirst);
  };
  const both = async (measure: (side: 0 | 1) => Promise<Measurement>): Promise<void> => {
    pairs.push(await inTurn(measure));
  };
  const start = ({ configPath }: Checkout, side: number): Promise<Edgeq> =>
    startEdgeq({ dir: join(dir, String(side)), configPath });
  const withServers = async (use: (urls: Pair<string>) => Promise<void>): Promise<void> => {
    const servers = [await start(checkouts[0], 0), await start(checkouts[1], 1)] as const;
    try {
      await use([servers[0].url, servers[1].url]);
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  };

  const wantsWakes = admits(settings, "wake-up");
  await withServers(async (urls) => {
    for (const way of ways) {
      for (const size of sizes) {
        const wanted = acts.filter((act) => admits(settings, `${act} ${size} over ${way}`));
        if (wanted.length === 0) continue;
        const open = (side: 0 | 1, name: string): Promise<Bout> =>
          Bout.open(urls[side], `${name}-${way}-${size}`, way, size, settings.payloadBytes);
        const warmUps = await eachOf(bothSides, (side) => open(side, "warm-up"));
        for (const act of acts) await eachOf(warmUps, (bout) => bout.run(act, settings.warmUpMs / acts.length));
        const bouts = await eachOf(bothSides, (side) => open(side, "bout"));
        // A claim is acked only if it was made, so all three are done where the last is asked for.
        for (const act of acts) {
          const runs: Pair<LoadRun[]> = [[], []];
          const sliceMs = settings.measureMs / slices;
          for (let slice = 0; slice < slices; slice += 1) {
            await inTurn(async (side) => runs[side].push(await bouts[side].run(act, sliceMs)));
          }
          const workload = `${act} ${size} over ${way}`;
          pairs.push([measurementOf(workload, runs[0]), measurementOf(workload, runs[1])]);
        }
        await Promise.all([...warmUps, ...bouts].map((bout) => bout.close()));
      }
    }
    for (const way of ways) {
      if (!admits(settings, `delivery over ${way}`)) continue;
      const openQueue = way === "http" ? edgeqHttpQueue : edgeqSocketQueue;
      await both(async (side) => {
        const queue = await openQueue(urls[side], `delivery-${way}`);
        const measured = await delivery(queue, settings);
        await queue.close();
        return { ...measured, workload: `delivery over ${way}` };
      });
    }
    if (wantsWakes) await eachOf(urls, fillForWakes);
  });
  if (wantsWakes) await withServers((urls) => both((side) => measureWakes(urls[side])));
  if (admits(settings, "delivery over socket")) floor.push(await measureFloor(join(dir, "floor"), settings));
  return { pairs, floor };
}

async function measureFloor(dir: string, settings: Settings): Promise<Measurement> {
  const floor = await startFloor(dir);
  try {
    return await measureRowRoundTrip(floor.url, settings);
  } finally {
    await floor.stop();
  }
}

/** What the slices come to together. */
function measurementOf(workload: string, runs: readonly LoadRun[]): Measurement {
  const sum = (read: (run: LoadRun) => number): number => runs.reduce((total, run) => total + read(run), 0);
  return {
    workload,
    operations: sum((run) => run.operations),
    tasks: sum((run) => run.tasks),
    elapsedMs: sum((run) => run.elapsedMs),
    latency: percentilesOf(runs.flatMap((run) => run.latenciesMs)),
  };
}

function costsOf(checkout: Checkout, settings: Settings, say: (line: string) => void): Promise<ProfileCost[]> {
  if (!admits(settings, "rows")) return Promise.resolve([]);
  return runCost(quickRounds, [], (line) => say(`${checkout.name}, ${line}`), { configPath: checkout.probeConfigPath });
}

/** One after the other, never at the same time. */
async function eachOf<Value, Result>(
  [own, other]: Pair<Value>,
  use: (value: Value) => Promise<Result>,
  otherFirst = false,
): Promise<Pair<Result>> {
  if (!otherFirst) return [await use(own), await use(other)];
  const second = await use(other);
  return [await use(own), second];
}

function inShort({ tasks, elapsedMs, latency }: Measurement): string {
  return `${Math.round((tasks / elapsedMs) * 1000)}/s (p50 ${latency.p50Ms.toFixed(2)} ms)`;
}
