// Walks over stored tasks by whichever order leads to those of a state or lane with the least reading. No payload is read.

import { DEFAULT_LANE } from "../../core/limits.ts";
import type { BrowsePlace, TaskPlace } from "../../core/operation.ts";
import { INDEXED_FROM } from "../../core/sequence.ts";
import { laneOf } from "../../core/stored-lane.ts";
import type { TaskState } from "../../core/task.ts";
import { DONE, LIVE, type Sighting } from "../../store/task-row.ts";
import type { QueueState } from "../state.ts";
import { walkIndex } from "./walk-index.ts";
import { inWindows, type SeenTask, type Step, type Wanted } from "./walk-step.ts";

/**
 * Comes to every task that is wanted and stays as it is meanwhile, once; and to others, for whoever asks to pass over. Reads on
 * as long as it is asked.
 */
export function* walkTasks(state: QueueState, wanted: Wanted, after: TaskPlace, now: number): Generator<Step> {
  const place = typeof after === "number" ? undefined : after;
  const orders = ordersFor(wanted);
  if (orders === null || (typeof after === "number" && after > 0)) {
    yield* walkTable(state, typeof after === "number" ? after : 0);
    return;
  }
  const from = orders.findIndex((order) => order === place?.in);
  for (const order of orders.slice(Math.max(0, from))) {
    for (const step of WALKS[order](state, wanted, order === place?.in ? place : undefined, now)) {
      const isElsewhere =
        wanted.state === "ready" && order !== "claims" && state.claims.get(step.task?.seq ?? 0) !== undefined;
      yield isElsewhere ? { ...step, task: null } : step;
    }
  }
}

type Order = BrowsePlace["in"];

/** Where tasks are found, one order after another; null: in the table, which holds all of them in the order of their keys. */
function ordersFor({ state, lane }: Wanted): readonly Order[] | null {
  if (state === undefined && lane === undefined) return null;
  const orders = state === undefined ? OF_A_LANE : OF_STATE[state];
  return lane === undefined || lane === DEFAULT_LANE ? orders : orders.filter((order) => order !== "arrivals");
}

const OF_STATE: Readonly<Record<TaskState, readonly Order[]>> = {
  // A claim past its deadline that nobody has ended yet is that of a ready task.
  ready: ["claims", "arrivals", "index"],
  delayed: ["index"],
  claimed: ["claims"],
  dead: ["dead"],
};
const OF_A_LANE: readonly Order[] = ["arrivals", "index", "dead"];

type Walk = (state: QueueState, wanted: Wanted, from: BrowsePlace | undefined, now: number) => Generator<Step>;

const WALKS: Readonly<Record<Order, Walk>> = {
  claims: walkClaims,
  arrivals: walkArrivals,
  index: walkIndex,
  dead: (state, _wanted, from) => walkDead(state, from),
};

function* walkTable(state: QueueState, after: number): Generator<Step> {
  for (const row of rowsAfter(state, after)) {
    if (row.state === DONE) yield { task: null, place: row.seq };
    else for (const task of tasksIn(state, row, after)) yield { task, place: task.seq };
  }
}

/** Tasks in the order of arrival. What is in the index or dead is found there. */
function* walkArrivals(state: QueueState, wanted: Wanted, from: BrowsePlace | undefined): Generator<Step> {
  // All before where reading stands has been claimed once.
  const after = Math.max(from?.key ?? 0, wanted.state === "ready" ? state.arrivals.readTo : 0);
  for (const row of rowsAfter(state, after)) {
    if (row.seq >= INDEXED_FROM) return;
    const tasks = row.state === LIVE && row.visibleAt === null ? tasksIn(state, row, after) : [];
    for (const task of tasks) yield { task, place: { in: "arrivals", key: task.seq } };
    if (tasks.length === 0) yield { task: null, place: { in: "arrivals", key: row.seq } };
  }
}

function* walkDead(state: QueueState, from: BrowsePlace | undefined): Generator<Step> {
  let { key, at = 0 } = from ?? { key: 0 };
  for (const row of inWindows((size) => state.tasks.deadSightingsAfter(at, key, size))) {
    at = row.endsAt ?? at;
    key = row.seq;
    yield { task: { ...row, inRun: null }, place: { in: "dead", key, at } };
  }
}

/** Claimed tasks; or those whose claims have passed their deadline, and which are ready. */
function* walkClaims(
  state: QueueState,
  { state: wanted, lane }: Wanted,
  from: BrowsePlace | undefined,
  now: number,
): Generator<Step> {
  const after = from?.key ?? 0;
  const claims = [...state.claims.values()].filter(
    (claim) =>
      claim.seq > after &&
      claim.expiresAt > now === (wanted === "claimed") &&
      (lane === undefined || laneOf(claim.lane) === lane),
  );
  state.scans.looked(state.claims.size / CLAIMS_A_ROW);
  claims.sort((a, b) => a.seq - b.seq);
  const seqOfRow = ({ seq, inRun }: (typeof claims)[number]): number => inRun?.seq ?? seq;
  let first = 0;
  const tasks = inWindows((size) => {
    const some = claims.slice(first, first + size);
    first += size;
    const rows = new Map(state.tasks.sightings([...new Set(some.map(seqOfRow))]).map((row) => [row.seq, row]));
    return some.map((claim) => ({ claim, row: rows.get(seqOfRow(claim)) }));
  });
  for (const { claim, row } of tasks) {
    const { seq, inRun } = claim;
    yield { task: row === undefined ? null : { ...row, seq, run: null, inRun }, place: { in: "claims", key: seq } };
  }
}

/** Claims in memory that are looked through in the time of a row. */
const CLAIMS_A_ROW = 20;

/** Rows with tasks after a key. */
function rowsAfter(state: QueueState, after: number): Generator<Sighting> {
  let from = state.tasks.firstRowAfter(after);
  return inWindows((size) => {
    const rows = state.tasks.sightingsFrom(from, size);
    from = (rows.at(-1)?.seq ?? from) + 1;
    return rows;
  });
}

/** A row's tasks after a key: itself, or those of the run that are not done. */
function tasksIn({ arrivals: { runs } }: QueueState, row: Sighting, after: number): SeenTask[] {
  if (row.run === null) return [{ ...row, inRun: null }];
  const inRun = runs.of(row.seq, row.run);
  const tasks: SeenTask[] = [];
  for (let place = Math.max(0, after + 1 - row.seq); place < row.run; place += 1) {
    if (!inRun.settled.has(place)) tasks.push({ ...row, seq: row.seq + place, run: null, inRun });
  }
  return tasks;
}
