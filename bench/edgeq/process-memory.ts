// What a workerd process holds in memory: as the system counts it, and as V8 does.
import { readFileSync } from "node:fs";
import { Inspector } from "./inspector.ts";
import type { Edgeq } from "./start-edgeq.ts";

export interface ProcessMemory {
  /** Resident set: SQLite's page caches, V8's heap, the program itself. */
  readonly residentBytes: number;
  /** V8's heap after a collection of its garbage. */
  readonly heapBytes: number;
}

export async function processMemory(edgeq: Edgeq): Promise<ProcessMemory> {
  const inspector = await Inspector.open(edgeq);
  await inspector.ask("HeapProfiler.enable");
  await inspector.ask("HeapProfiler.collectGarbage");
  const { usedSize } = (await inspector.ask("Runtime.getHeapUsage")) as { usedSize: number };
  await inspector.close();
  return { residentBytes: residentBytesOf(edgeq.pid), heapBytes: usedSize };
}

function residentBytesOf(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  if (!found) throw new Error(`expected VmRSS of process ${pid}`);
  return Number(found[1]) * 1024;
}
