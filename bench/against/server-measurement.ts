// A measurement of one server, with the processor time that the server alone took: it says more than a rate when others use
// the machine too.
import { processCpuMs } from "../edgeq/process-cpu.ts";
import type { Edgeq } from "../edgeq/start-edgeq.ts";
import { percentilesOf, type Measurement } from "../measure/measurement.ts";
import type { LoadRun } from "../measure/run-in-flight.ts";
import type { Pair } from "./pair.ts";

interface Cpu {
  readonly cpuMs: number;
}
export type ServerMeasurement = Measurement & Cpu;
/** What both sides did one right after the other. */
export type Piece = Pair<ServerMeasurement>;

export async function withCpu<Run>({ pid }: Edgeq, use: () => Promise<Run>): Promise<Run & Cpu> {
  const before = processCpuMs(pid);
  const run = await use();
  return { ...run, cpuMs: processCpuMs(pid) - before };
}

export function measurementOf(workload: string, { latenciesMs, ...run }: LoadRun & Cpu): ServerMeasurement {
  return { workload, ...run, latency: percentilesOf(latenciesMs) };
}
