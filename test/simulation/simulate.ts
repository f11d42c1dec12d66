// `npm run simulate -- --runs 100000 [--seed 1]`: runs the real objects in worlds where everything goes wrong, one seed a run.
// Exits with 0 if every promise held in every run; else says which seeds broke which. `--seed N --runs 1 --log` shows a run.

import { registerHooks } from "node:module";
import { parseArgs } from "node:util";
import { LIMITS } from "../../src/core/limits.ts";
import { seedOfRun } from "../random/seed-of-run.ts";
import { KeyedWorlds } from "./keyed-work.ts";
import { PutBackWorlds } from "./put-back-work.ts";
import { NumberedCalls } from "./numbered-calls.ts";
import { Simulation, type Classes, type SeededRuns } from "./run.ts";

const PLATFORM = new URL("./cloudflare-workers.ts", import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "cloudflare:workers" ? { url: PLATFORM, shortCircuit: true } : next(specifier, context),
});

/** Loaded by path: the objects are compiled with the platform's types, and this file with those of Node. */
const load = async (file: string): Promise<unknown> =>
  import(new URL(`../../src/object/${file}`, import.meta.url).href);
const classes = {
  ...((await load("queue-object.ts")) as Pick<Classes, "QueueObject">),
  ...((await load("directory-object.ts")) as Pick<Classes, "DirectoryObject">),
};

// So that messages are parked within the time of a run.
Object.assign(LIMITS, { outboxRefusals: 2 });

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    seed: { type: "string", default: String(seedOfRun()) },
    log: { type: "boolean", default: false },
    cuts: { type: "boolean", default: false },
    of: { type: "string", default: "work" },
  },
});
const runs = Number(values.runs);
const firstSeed = Number(values.seed);
/** Enough to see whether they have one cause. */
const MOST_FAILURES = 5;

/** So that a long simulation shows that it lives, and how far it came if it is stopped. */
const PROGRESS_RUNS = 10_000;

/** Tokens that flow through queues; clients that number their calls; tasks with keys; queues that are put back. */
function worlds(): SeededRuns {
  switch (values.of) {
    case "work":
      return new Simulation(classes);
    case "calls":
      return new NumberedCalls(classes);
    case "keys":
      return new KeyedWorlds(classes);
    case "rewinds":
      return new PutBackWorlds(classes);
    default:
      throw new Error(`--of: given ${values.of}, allowed: work, calls, keys, rewinds`);
  }
}

const startedAt = performance.now();
const simulation = worlds();
let steps = 0;
let failures = 0;
let done = 0;
for (let seed = firstSeed; seed < firstSeed + runs && failures < MOST_FAILURES; seed += 1) {
  const result = await simulation.run(seed, values.log);
  done += 1;
  steps += result.steps;
  if (values.log) console.log(result.log.join("\n"));
  if (done % PROGRESS_RUNS === 0) console.error(`${done} runs, ${failures} failed`);
  if (result.violations.length === 0) continue;
  failures += 1;
  console.error(`seed ${seed}: ${result.violations.join("; ")}`);
}
const cuts = [...simulation.cuts.values()].reduce((sum, count) => sum + count, 0);
if (values.cuts) for (const [point, count] of [...simulation.cuts].toSorted()) console.log(`${count}\t${point}`);
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
console.log(`${done} runs, ${steps} turns, ${cuts} cuts at ${simulation.cuts.size} distinct points, ${seconds} s`);
if (failures > 0) {
  console.error(
    `${failures} runs broke a promise; again with: npm run simulate -- --of ${values.of} --runs 1 --log --seed <seed>`,
  );
  process.exitCode = 1;
}
