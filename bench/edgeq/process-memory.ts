// What a workerd process holds in memory: as the system counts it, and as V8 does.
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { WebSocket } from "ws";
import { httpClient } from "../measure/http-client.ts";
import type { Edgeq } from "./start-edgeq.ts";

export interface ProcessMemory {
  /** Resident set: SQLite's page caches, V8's heap, the program itself. */
  readonly residentBytes: number;
  /** V8's heap after a collection of its garbage. */
  readonly heapBytes: number;
}

/** workerd hears its inspector only when a request comes by. */
const nudgeMs = 10;

export async function processMemory({ url, pid, inspectorPort }: Edgeq): Promise<ProcessMemory> {
  if (inspectorPort === null) throw new Error("expected a workerd with an inspector");
  const client = httpClient(url, 1);
  const nudge = setInterval(() => void client.send("GET", "/v1/health", null).catch(() => {}), nudgeMs);
  try {
    const heapBytes = await collectedHeapBytes(inspectorPort);
    return { residentBytes: residentBytesOf(pid), heapBytes };
  } finally {
    clearInterval(nudge);
    await client.close();
  }
}

function residentBytesOf(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  if (!found) throw new Error(`expected VmRSS of process ${pid}`);
  return Number(found[1]) * 1024;
}

async function collectedHeapBytes(port: number): Promise<number> {
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as { webSocketDebuggerUrl: string }[];
  const [target] = targets;
  if (!target) throw new Error("expected a target of V8's inspector");
  const socket = new WebSocket(target.webSocketDebuggerUrl, { perMessageDeflate: false });
  await once(socket, "open", { signal: AbortSignal.timeout(10_000) });
  let nextId = 1;
  const ask = (method: string): Promise<{ usedSize?: number }> => {
    const id = nextId++;
    return new Promise((resolve, reject) => {
      const hear = (frame: Buffer): void => {
        const answer = JSON.parse(frame.toString()) as { id?: number; result?: { usedSize?: number }; error?: object };
        if (answer.id !== id) return;
        socket.off("message", hear);
        if (answer.result) resolve(answer.result);
        else reject(new Error(`${method}: ${JSON.stringify(answer.error)}`));
      };
      socket.on("message", hear);
      socket.send(JSON.stringify({ id, method }));
    });
  };
  await ask("HeapProfiler.enable");
  await ask("HeapProfiler.collectGarbage");
  const { usedSize = 0 } = await ask("Runtime.getHeapUsage");
  socket.close();
  await once(socket, "close");
  return usedSize;
}
