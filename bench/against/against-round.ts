// One round of a comparison: both servers run, one of them idle, and each workload is given to one and then to the other, in
// short pieces and alternating order, so that a slow moment of the machine falls on both or in few pieces.
import { join } from "node:path";
import { ways, type WayIn } from "../edgeq/bench-queue.ts";
import { edgeqHttpQueue } from "../edgeq/edgeq-http.ts";
import { edgeqSocketQueue } from "../edgeq/edgeq-socket.ts";
import { startEdgeq, type Edgeq } from "../edgeq/start-edgeq.ts";
import { processCpuMs } from "../edgeq/process-cpu.ts";
import { startFloor } from "../floor/start-floor.ts";
import { openRowRoundTrips } from "../floor/workerd-floor.ts";
import type { Measurement } from "../measure/measurement.ts";
import { inTurn, warmUpInTurn, type Timed } from "../measure/one-at-a-time.ts";
import { admits, type Settings } from "../measure/settings.ts";
import { openDelivery } from "../measure/workloads/delivery.ts";
import { acts, Bout, sizes, type Act, type Size } from "./bout.ts";
import type { Checkout } from "./checkout.ts";
import { bothSides, eachOf, type Pair, type Side } from "./pair.ts";
import { measurementOf, withCpu, type Piece } from "./server-measurement.ts";
import { fillForWakes, measureWakes } from "./wakes.ts";

/** A workload is cut into so many pieces, which the two sides take in turn. Even, so that each side comes first as often. */
const piecesOfRates = 20;
/** The first workload over a way, and deliveries, warm up for so many times as long: by then most of the code is compiled. */
const firstWarmUps = 4;

export interface RoundResult {
  /** The pieces of each workload that the settings admit. */
  readonly workloads: readonly (readonly Piece[])[];
  /** The round trip of a frame that writes a row, in turn with the deliveries over a socket; null: they were not asked for. */
  readonly floor: Measurement | null;
}

export class AgainstRound {
  readonly #checkouts: Pair<Checkout>;
  readonly #settings: Settings;
  readonly #dir: string;
  readonly #workloads: (readonly Piece[])[] = [];
  #floor: Measurement | null = null;
  readonly #isWarm = new Set<WayIn>();
  #isOtherFirst: boolean;

  /** @param isOtherFirst who takes the first workload; alternates from there on */
  constructor(checkouts: Pair<Checkout>, settings: Settings, dir: string, isOtherFirst: boolean) {
    this.#checkouts = checkouts;
    this.#settings = settings;
    this.#dir = dir;
    this.#isOtherFirst = isOtherFirst;
  }

  /** Once. */
  async run(): Promise<RoundResult> {
    const wantsWakes = admits(this.#settings, "wake-up");
    await this.#withServers(async (servers) => {
      for (const way of ways) {
        for (const size of sizes) await this.#rates(servers, way, size);
      }
      await this.#delivery(servers, "http", []);
      await this.#withRoundTrips(async (roundTrips) => {
        this.#floor = (await this.#delivery(servers, "socket", roundTrips))[0] ?? null;
      });
      if (wantsWakes) await eachOf(servers, ({ url }) => fillForWakes(url));
    });
    if (wantsWakes) {
      await this.#withServers((servers) => this.#both(servers, (side) => measureWakes(servers[side].url)));
    }
    return { workloads: this.#workloads, floor: this.#floor };
  }

  /** A claim is acked only if it was made, so all three acts are done where one of them is asked for. */
  async #rates(servers: Pair<Edgeq>, way: WayIn, size: Size): Promise<void> {
    const { measureMs, warmUpMs, payloadBytes } = this.#settings;
    if (!acts.some((act) => admits(this.#settings, `${act} ${size} over ${way}`))) return;
    const open = (side: Side, name: string): Promise<Bout> =>
      Bout.open(servers[side].url, `${name}-${way}-${size}`, way, size, payloadBytes);
    const warmUps = await eachOf(bothSides, (side) => open(side, "warm-up"));
    for (const act of acts) {
      await this.#inTurn(async (side) => {
        await warmUps[side].prepare(act);
        await warmUps[side].run(act, this.#isWarm.has(way) ? warmUpMs : firstWarmUps * warmUpMs);
      });
    }
    this.#isWarm.add(way);
    const bouts = await eachOf(bothSides, (side) => open(side, "bout"));
    const pieces: Readonly<Record<Act, Piece[]>> = { enqueue: [], claim: [], ack: [] };
    for (let piece = 0; piece < piecesOfRates; piece += 1) {
      for (const act of acts) {
        const measured = await this.#inTurn(async (side) => {
          await bouts[side].prepare(act);
          const run = await withCpu(servers[side], () => bouts[side].run(act, measureMs / piecesOfRates));
          return measurementOf(`${act} ${size} over ${way}`, run);
        });
        pieces[act].push(measured);
      }
    }
    this.#workloads.push(...acts.map((act) => pieces[act]));
    await Promise.all([...warmUps, ...bouts].map((bout) => bout.close()));
  }

  /** @param beside measured in turn with the deliveries. @returns what of them was measured */
  async #delivery(servers: Pair<Edgeq>, way: WayIn, beside: readonly Timed[]): Promise<readonly Measurement[]> {
    const workload = `delivery over ${way}`;
    if (!admits(this.#settings, workload)) return [];
    const openQueue = way === "http" ? edgeqHttpQueue : edgeqSocketQueue;
    const queues = await eachOf(servers, ({ url }) => openQueue(url, `delivery-${way}`));
    const deliveries = await eachOf(queues, (queue) => openDelivery(queue, this.#settings));
    const timed = [...deliveries.map(({ deliverOne }) => ({ workload, operation: deliverOne })), ...beside];
    const operations = timed.map(({ operation }) => operation);
    await warmUpInTurn(firstWarmUps * this.#settings.warmUpMs, operations);
    const cpuMs = await eachOf(servers, async ({ pid }) => processCpuMs(pid));
    const [own, other, ...others] = await inTurn(this.#settings, timed);
    if (own === undefined || other === undefined) throw new Error("expected a measurement of each side");
    await Promise.all(deliveries.map(({ end }) => end()));
    const measured: Piece = [
      { ...own, cpuMs: processCpuMs(servers[0].pid) - cpuMs[0] },
      { ...other, cpuMs: processCpuMs(servers[1].pid) - cpuMs[1] },
    ];
    this.#workloads.push([measured]);
    await Promise.all(queues.map((queue) => queue.close()));
    return others;
  }

  async #withRoundTrips(use: (roundTrips: readonly Timed[]) => Promise<void>): Promise<void> {
    if (!admits(this.#settings, "delivery over socket")) return;
    const floor = await startFloor(join(this.#dir, "floor"));
    try {
      const { roundTrip, close } = await openRowRoundTrips(floor.url, this.#settings);
      await use([{ workload: "socket round trip that writes a row", operation: roundTrip }]);
      close();
    } finally {
      await floor.stop();
    }
  }

  async #both(servers: Pair<Edgeq>, measure: (side: Side) => Promise<Measurement>): Promise<void> {
    this.#workloads.push([await this.#inTurn((side) => withCpu(servers[side], () => measure(side)))]);
  }

  /** Gives it to both, and to the other one first the next time. */
  #inTurn<Result>(use: (side: Side) => Promise<Result>): Promise<Pair<Result>> {
    const isOtherFirst = this.#isOtherFirst;
    this.#isOtherFirst = !isOtherFirst;
    return eachOf(bothSides, use, isOtherFirst);
  }

  async #withServers(use: (servers: Pair<Edgeq>) => Promise<void>): Promise<void> {
    const servers = await eachOf(bothSides, (side) =>
      startEdgeq({ dir: join(this.#dir, String(side)), configPath: this.#checkouts[side].configPath }),
    );
    try {
      await use(servers);
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  }
}
