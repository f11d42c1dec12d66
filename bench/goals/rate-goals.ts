// The goals that are ratios of speed in one run: to the floor, and to each peer.
import { keepsNothing } from "../measure/keeps-nothing.ts";
import type { SummaryRow } from "../measure/summarize.ts";
import { inMs, perSecond, type Goal } from "./goal.ts";

/** Subjects that are no peers: edgeq itself, and the floor. */
const isPeer = (subject: string): boolean =>
  !subject.startsWith("edgeq-") && subject !== "workerd" && subject !== "sqlite";

const overSocket = (workload: string): [string, string] => ["edgeq-socket", workload];

/** Those whose measurements are there; a peer that was not measured sets no goal. */
export function rateGoals(rows: readonly SummaryRow[]): Goal[] {
  const rowOf = (subject: string, workload: string): SummaryRow | undefined =>
    rows.find((row) => row.subject === subject && row.workload === workload);
  const peers = [...new Set(rows.map((row) => row.subject))].filter(isPeer);

  const rate = (what: string, own: [string, string], other: [string, ...string[]], atLeast: number): Goal[] => {
    const reached = rowOf(...own);
    const [subject, ...workloads] = other;
    const beside = workloads.map((workload) => rowOf(subject, workload)).find((row) => row !== undefined);
    if (reached === undefined || beside === undefined) return [];
    const figures = `${perSecond(reached.tasksPerSecond)} of ${perSecond(beside.tasksPerSecond)}`;
    const shown = keepsNothing(subject) ? `_${subject}_` : subject;
    const name = beside.workload === own[1] ? shown : `${shown}: ${beside.workload}`;
    return [
      { what, beside: name, figures, reached: reached.tasksPerSecond / beside.tasksPerSecond, wanted: { atLeast } },
    ];
  };

  return [
    ...rate("enqueue one, HTTP", ["edgeq-http", "enqueue 1"], ["workerd", "object call that does nothing"], 0.9),
    ...rate("enqueue one, socket", overSocket("enqueue 1"), ["bullmq-fsync", "enqueue 1"], 1),
    ...rate("enqueue one, socket", overSocket("enqueue 1"), ["beanstalkd-fsync", "enqueue 1"], 2),
    // Whoever has no way for many is taken at its best: one by one.
    ...peers.flatMap((peer) =>
      rate("enqueue in hundreds, socket", overSocket("enqueue 100"), [peer, "enqueue 100", "enqueue 1"], 5),
    ),
    ...["edgeq-socket", "edgeq-client"].flatMap((way) => [
      ...peers.flatMap((peer) => rate(`full life, singles, ${way}`, [way, "full life 1"], [peer, "full life 1"], 2)),
      ...peers.flatMap((peer) =>
        rate(`full life, hundreds, ${way}`, [way, "full life 100"], [peer, "full life 100", "full life 1"], 2),
      ),
    ]),
    ...deliveryGoals(rowOf("edgeq-socket", "delivery"), (workload) => rowOf("workerd", workload)),
  ];
}

function deliveryGoals(delivery: SummaryRow | undefined, floor: (workload: string) => SummaryRow | undefined): Goal[] {
  if (delivery === undefined) return [];
  const { p50Ms, p99Ms } = delivery.latency;
  const what = "enqueue to delivery, socket";
  const besideRoundTrip = (workload: string): Goal[] => {
    const floorMs = floor(workload)?.latency.p50Ms;
    if (floorMs === undefined) return [];
    const figures = `${inMs(p50Ms)} of ${inMs(floorMs)}`;
    return [{ what: `${what}, p50`, beside: workload, figures, reached: p50Ms / floorMs, wanted: { atMost: 2 } }];
  };
  return [
    { what: `${what}, p50 ms`, beside: "", figures: inMs(p50Ms), reached: p50Ms, wanted: { atMost: 5 } },
    { what: `${what}, p99 ms`, beside: "", figures: inMs(p99Ms), reached: p99Ms, wanted: { atMost: 25 } },
    ...besideRoundTrip("socket echo, one at a time: round trip"),
    ...besideRoundTrip("socket echo after inserting a row, one at a time: round trip"),
  ];
}
