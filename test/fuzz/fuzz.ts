// `npm run fuzz -- --requests N --seed S`: requests and frames from the grammar of the API, against plain workerd. What must be
// refused is refused and changes nothing, nothing is a fault of the server's, nothing hangs, and memory does not grow.

import { parseArgs } from "node:util";
import { seedOfRun } from "../random/seed-of-run.ts";
import { Random } from "../simulation/random.ts";
import { FrameSender } from "./frame-sender.ts";
import { FuzzedServer } from "./fuzzed-server.ts";
import { anything, brokenConnections, refusedFrames, refusedRequests, type Round } from "./rounds.ts";
import { shownDigest, storedDigest } from "./state-digest.ts";
import { Findings } from "./verdict.ts";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "5000" },
    seed: { type: "string", default: String(seedOfRun()) },
    answers: { type: "boolean", default: false },
  },
});
// So that the server ends with this process.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
const requests = Number(values.requests);
if (!(Number.isInteger(requests) && requests > 0))
  throw new Error(`--requests: given ${values.requests}, allowed: 1 and more`);
const random = new Random(Number(values.seed));
const findings = new Findings();
/** After each so many, what the queue shows is compared. */
const ROUND = 1_000;
/**
 * What memory may grow by in the last quarter of many requests, for each of them. workerd collects lazily: refused requests
 * and broken connections grow it to about 300 and 450 MB, ever more slowly.
 */
const GROWTH_BYTES = 4_096;
/** Fewer tell nothing about memory. */
const MEMORY_REQUESTS = 20_000;

console.log(`fuzz: ${requests} requests, seed ${values.seed}`);
const startedAt = performance.now();
const server = await FuzzedServer.start();
try {
  const known = await server.prepare();
  await server.stop();
  const stored = storedDigest(server.stateDir);
  await server.start();
  let shown = await shownDigest(server.url, known.queue);
  await inRounds(requests * 0.6, async (round, count) => {
    await refusedRequests(round, count * 0.4);
    await refusedFrames(round, count * 0.4);
    await brokenConnections(round, count * 0.2);
    const now = await shownDigest(server.url, known.queue);
    if (now !== shown)
      findings.add("what was refused changed the queue", `before request ${findings.requests} of seed ${values.seed}`);
    // So that one change is one finding.
    shown = now;
  });
  await server.stop();
  if (storedDigest(server.stateDir) !== stored)
    findings.add("what was refused changed the databases", `seed ${values.seed}`);
  await server.start();
  await inRounds(requests * 0.4, anything);

  async function inRounds(count: number, run: (round: Round, count: number) => Promise<void>): Promise<void> {
    const sender = new FrameSender(server.url, known.queue);
    const round = { url: server.url, port: server.port, known, random, findings, sender };
    const until = findings.requests + count;
    let most: { readonly at: number; readonly megabytes: number } | null = null;
    while (findings.requests < until && !server.hasCrashed) {
      await run(round, Math.min(ROUND, until - findings.requests));
      if ((await fetch(`${server.url}/v1/health`)).status !== 200)
        findings.add("not healthy", `after ${findings.requests}`);
      if (most === null && findings.requests >= until - count / 4)
        most = { at: findings.requests, megabytes: server.megabytes };
    }
    sender.close();
    if (server.hasCrashed) findings.add("the server ended", `after request ${findings.requests}`);
    else if (most !== null && count >= MEMORY_REQUESTS) {
      const { megabytes } = server;
      console.log(`memory: ${most.megabytes} MB after ${most.at} requests, ${megabytes} MB after ${findings.requests}`);
      const grown = ((megabytes - most.megabytes) * 1_048_576) / (findings.requests - most.at);
      if (grown > GROWTH_BYTES) findings.add("memory grows", `by ${Math.round(grown)} bytes a request`);
    }
  }
} finally {
  await server.end();
}
if (values.answers) for (const [name, count] of [...findings.answers].toSorted()) console.log(`${count}\t${name}`);
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
console.log(
  `${findings.requests} requests, ${findings.answers.size} distinct answers, ${findings.count} findings, ${seconds} s`,
);
if (findings.count > 0) {
  console.error(`again with: npm run fuzz -- --requests ${requests} --seed ${values.seed}`);
  process.exitCode = 1;
}
