// docs/benchmarks.md from what was measured: every figure in it is made here from the raw results.
import { costGoals } from "../goals/cost-goals.ts";
import { goalsTable, isMet } from "../goals/goal.ts";
import { rateGoals } from "../goals/rate-goals.ts";
import { scaleGoals } from "../goals/scale-goals.ts";
import { costTables } from "../cost/cost-tables.ts";
import { printTables } from "../measure/print-tables.ts";
import { scenarioTables } from "../scenarios/scenario-tables.ts";
import { scaleTables } from "../scale/scale-tables.ts";
import { aheadOfEdgeq } from "./ahead-of-edgeq.ts";
import type { Measured } from "./measured.ts";

export function documentOf({ rates, scale, cost, keys, client }: Measured): string {
  const goals = [...rateGoals(rates.rows), ...scaleGoals(scale), ...costGoals(cost), ...keys.goals, ...client.goals];
  const met = goals.filter(isMet).length;
  const { machine, settings } = rates;
  const gibibytes = Math.round(machine.memoryBytes / 2 ** 30);
  return `# Benchmarks

Made by \`npm run bench:report\` from the raw results in [benchmarks/](benchmarks): every figure, table and picture below. How
each thing is measured, how each peer is set up, and what "durable" means for each is in
[bench/README.md](../bench/README.md).

Measured ${rates.at.slice(0, 10)} on ${machine.cores} cores of ${machine.cpu}, ${gibibytes} GiB, Node ${machine.node}: ${settings.rounds} rounds of
${settings.measureMs / 1000} s a workload, interleaved (round 1 of everybody, then round 2), medians. Each server and the process that loads it share
those ${machine.cores} cores; one server runs at a time. Figures of different runs and machines do not compare: ratios in one run do.

edgeq is measured on plain workerd with its state on disk, by three ways in: \`edgeq-http\` (a request each, consumers by long
poll), \`edgeq-socket\` (one socket that enqueues, one that was granted credit), and \`edgeq-client\` (the published client and
consumer, over sockets). On Cloudflare the network is longer, the disk another, and an object has its own core.

## Goals

${met} of ${goals.length} are met. Peers _in italics_ keep nothing on disk before they answer; edgeq always does, and is held to the
same ratio. A delivery is a commit with its fsync, which an empty round trip is not: both are there to compare with.

${goalsTable(goals)}

## Where a peer is ahead

${aheadOfEdgeq(rates.rows)}

## Speed beside the peers

A bar is the median, the line over it reaches from the slowest round to the fastest. A pale bar keeps nothing on disk.

![Tasks a second, one at a time](benchmarks/singles.svg)

![Tasks a second, in hundreds](benchmarks/hundreds.svg)

![From enqueue to a waiting consumer](benchmarks/delivery.svg)

${printTables(rates.results, rates.rows, rates.base)}
## Scale

One call at a time, over HTTP, on all of the queues in turn, so that a slow moment falls on all alike; each call includes the
commit and its fsync. Rows read are exact.

![Calls against the backlog](benchmarks/operations.svg)

![Waking up and memory against the backlog](benchmarks/wakes.svg)

![Consumers](benchmarks/consumers.svg)

${scaleTables(scale)}
## Keys

One task of a key at a time, and in order ([keys](keys.md)); each product beside itself without. Producer, consumer and server share the
cores. A queue without keys has its tasks in shared rows, which tasks of keys have not.

${scenarioTables({ ...keys, goals: [] })}
## The default client

It numbers its calls, so that one whose answer was lost is sent again and made once; beside it the same client with
\`idempotent: false\`. What both cost is [below](#cost).

${scenarioTables({ ...client, goals: [] })}
## Cost

Counted on the real queue with time moved by hand, a million tasks a day, evenly; nothing is timed, so these are the same on
every machine. Prices are those beyond what a plan includes. Not counted, since they are times: the duration that an object
is awake ($12.50 a million GB-s beyond 400,000 a month: one that never sleeps takes 332,000) and CPU time of the Worker.
A parked long poll keeps its object awake, an idle socket does not.

![Dollars for a million tasks](benchmarks/cost.svg)

${costTables(cost)}`;
}
