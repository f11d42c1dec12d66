// A measurement of one server, with the processor time that the server alone took: it says more than a rate when others use
// the machine too.
import { processCpuMs } from "../edgeq/process-cpu.ts";
import type { Edgeq } from "../edgeq/start-edgeq.ts";
import { percentilesOf, type Measurement } from "../measure/measurement.ts";
import type { LoadRun } from "../measure/run-in-flight.ts";

interface Cpu {
  readonly cpuMs: number;
}
export type ServerMeasurement = Measurement & Cpu;
export type ServerRun = LoadRun & Cpu;

export async function withCpu<Run>({ pid }: Edgeq, use: () => Promise<Run>): Promise<Run & Cpu> {
  const before = processCpuMs(pid);
  const run = await use();
  return { ...run, cpuMs: processCpuMs(pid) - before };
}

/** What the pieces of a workload come to together. */
export function measurementOf(workload: string, runs: readonly ServerRun[]): ServerMeasurement {
  const sum = (read: (run: ServerRun) => number): number => runs.reduce((total, run) => total + read(run), 0);
  return {
    workload,
    operations: sum((run) => run.operations),
    tasks: sum((run) => run.tasks),
    elapsedMs: sum((run) => run.elapsedMs),
    cpuMs: sum((run) => run.cpuMs),
    latency: percentilesOf(runs.flatMap((run) => run.latenciesMs)),
  };
}
