// Where workerd's JavaScript spends its time under one workload: edgeq with V8's inspector open, a CPU profile
// taken while the load runs, the functions with the most time of their own, in all and for a task. The time of the warm-up is in
// it. By hand, when a figure surprises.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { edgeqHttpQueue } from "./edgeq/edgeq-http.ts";
import { edgeqSocketQueue } from "./edgeq/edgeq-socket.ts";
import { Inspector } from "./edgeq/inspector.ts";
import { selfTimes } from "./edgeq/self-times.ts";
import { startEdgeq } from "./edgeq/start-edgeq.ts";
import { endWithServers } from "./measure/end-with-servers.ts";
import { quickSettings } from "./measure/settings.ts";
import { workloads } from "./measure/subject-of-peer.ts";

const { values } = parseArgs({
  options: {
    way: { type: "string", default: "socket" },
    workload: { type: "string", default: "claim+ack 1" },
    out: { type: "string" },
  },
});
const workload = workloads.get(values.workload);
if (workload === undefined) throw new Error(`--workload: allowed: ${[...workloads.keys()].join(", ")}`);

endWithServers();
const dir = mkdtempSync(join(tmpdir(), "edgeq-profile-"));
const edgeq = await startEdgeq({ dir, isInspected: true });
try {
  const queue = await (values.way === "http" ? edgeqHttpQueue : edgeqSocketQueue)(edgeq.url, "profiled");
  const inspector = await Inspector.open(edgeq);
  await inspector.ask("Profiler.enable");
  await inspector.ask("Profiler.setSamplingInterval", { interval: 200 });
  await inspector.ask("Profiler.start");
  const measured = await workload(queue, { ...quickSettings, measureMs: 4_000 });
  const { profile } = (await inspector.ask("Profiler.stop")) as { profile: Parameters<typeof selfTimes>[0] };
  if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(profile));
  if (measured !== null) {
    const { tasks, elapsedMs, latency } = measured;
    process.stdout.write(`${Math.round((tasks / elapsedMs) * 1000)} tasks/s, p50 ${latency.p50Ms.toFixed(2)} ms\n`);
  }
  for (const { name, share, ms } of selfTimes(profile).slice(0, 40)) {
    const usPerTask = measured === null ? 0 : (ms * 1000) / measured.tasks;
    process.stdout.write(
      `${(share * 100).toFixed(1).padStart(5)} %  ${usPerTask.toFixed(1).padStart(8)} µs  ${name}\n`,
    );
  }
  await inspector.close();
  await queue.close();
} finally {
  await edgeq.stop();
  rmSync(dir, { recursive: true, force: true });
}
