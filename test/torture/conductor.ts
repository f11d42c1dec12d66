// Which faults come when: one after the other, now and then two at a time, from a seed. Between them there are calm stretches,
// in which the order of deliveries can be judged.

import type { Random } from "../simulation/random.ts";
import type { Cast } from "./cast.ts";
import { CALM, type FaultProxy, type Weather } from "./fault-proxy.ts";
import type { HistoryFile } from "./history.ts";
import type { SmallDisk } from "./small-disk.ts";
import type { SteppedClock } from "./stepped-clock.ts";
import type { TorturedServer } from "./tortured-server.ts";

const WEATHERS: readonly Weather[] = [
  { name: "cuts", cut: 0.02 },
  { name: "delays", delay: 0.1, cut: 0.002 },
  { name: "repeats", repeat: 0.2 },
  { name: "half-open", halfOpen: 0.01 },
  { name: "slow readers", slow: 0.3 },
  { name: "storm", cut: 0.01, delay: 0.05, repeat: 0.05, halfOpen: 0.003, slow: 0.05 },
];

/** Longest that anybody is stopped: past the claim timeouts in use. See LATE_MS of the checker. */
const STOP_MS = 3_000;
const CALM_MS = 20_000;
const TROUBLE_MS = 40_000;

export interface Stage {
  readonly server: TorturedServer;
  readonly cast: Cast;
  readonly proxy: FaultProxy;
  readonly clock: SteppedClock | null;
  readonly disk: SmallDisk | null;
  readonly history: HistoryFile;
  readonly random: Random;
}

/** Does its worst until `until` (of performance.now). Fulfilled when everything is as it was, with how often each fault came. */
export async function conduct(stage: Stage, until: number): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const faults = faultsOf(stage);
  while (performance.now() < until) {
    await wait(Math.min(CALM_MS, (until - performance.now()) / 4));
    const troubleEnds = Math.min(until, performance.now() + TROUBLE_MS);
    while (performance.now() < troubleEnds) {
      const chosen = stage.random.chance(0.25) ? [pick(stage), pick(stage)] : [pick(stage)];
      await Promise.all(
        [...new Set(chosen)].map(async (name) => {
          stage.history.write({ kind: "fault", name });
          counts.set(name, (counts.get(name) ?? 0) + 1);
          await faults[name]?.();
        }),
      );
      await wait(200 + stage.random.below(1_500));
    }
  }
  return counts;

  function pick({ random }: Stage): string {
    return random.pick(Object.keys(faults));
  }
}

function faultsOf({ server, cast, proxy, clock, disk, random }: Stage): Readonly<Record<string, () => Promise<void>>> {
  const forAWhile = (): Promise<void> => wait(500 + random.below(STOP_MS - 500));
  return {
    "server killed": () => server.crash(random.below(500)),
    "server stopped": async () => {
      const goOn = server.stop();
      await forAWhile();
      goOn();
    },
    "somebody killed": async () => void (await cast.killOne()),
    "somebody stopped": async () => {
      const { goOn } = cast.stopOne();
      await forAWhile();
      goOn();
    },
    "somebody's clock stepped": async () => {
      cast.stepOne((random.chance(0.5) ? 1 : -1) * random.below(3_600_000));
      await forAWhile();
    },
    ...Object.fromEntries(
      WEATHERS.map((weather) => [
        `network: ${weather.name}`,
        async () => {
          proxy.weather = weather;
          await forAWhile();
          proxy.weather = CALM;
        },
      ]),
    ),
    ...(clock === null
      ? {}
      : {
          "server's clock stepped": async () => {
            clock.step((random.chance(0.5) ? 1 : -1) * (200 + random.below(3_000)));
            await forAWhile();
            clock.step(0);
          },
        }),
    ...(disk === null
      ? {}
      : {
          "disk full": async () => {
            disk.fill();
            await forAWhile();
            disk.empty();
          },
        }),
  };
}

function wait(ms: number): Promise<void> {
  return new Promise((fulfil) => setTimeout(fulfil, Math.max(0, ms)));
}
