// Orders flow through three queues while the server is killed with SIGKILL again and again, and
// every count is exact at the end. Each step is one modify: the task out, the ledger up, the order on to the next queue.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  DependencyFailedError,
  isProblem,
  isRetryable,
  Queue,
  type ClaimedTask,
  type WireModifyFailure,
} from "edgeq/client";
import { startServer } from "./server.ts";

const ORDERS = 150;
const KILLS = 3;
const WORKERS = 2;
/** Longer than a restart, so that most claims outlive the kill; those that do not come back by themselves. */
const CLAIM_TIMEOUT_MS = 5_000;
/** Past this something is stuck, and the exit status says so. */
const LIMIT_MS = 120_000;
const STAGES = ["orders", "invoices", "shipments"] as const;
type Stage = (typeof STAGES)[number];

interface Order {
  readonly number: number;
  readonly cents: number;
}
interface Ledger {
  readonly count: number;
  readonly cents: number;
}

const dir = await mkdtemp(join(tmpdir(), "edgeq-pipeline-"));
let server = await startServer(dir);
const { url } = server;
const queues = Object.fromEntries(STAGES.map((stage) => [stage, new Queue<Order>(stage, { url })])) as Record<
  Stage,
  Queue<Order>
>;
const over = new AbortController();
let unheard = 0;
const startedAt = performance.now();

try {
  // An attempt that a kill ends is no fault of the order's.
  for (const queue of Object.values(queues))
    await queue.configure({ maxAttempts: null, backoff: { minMs: 10, maxMs: 500 } });
  const orders = Array.from({ length: ORDERS }, (_, index) => ({
    number: index + 1,
    cents: 100 + ((index * 37) % 900),
  }));
  const work = [produce(orders), ...STAGES.flatMap((stage) => Array.from({ length: WORKERS }, () => consume(stage)))];
  await Promise.all([killAndRestart(), finished(orders.length)]);
  over.abort();
  await Promise.all(work);
  await report(orders);
} finally {
  over.abort();
  await server.kill();
  await rm(dir, { recursive: true, force: true });
}

/** The order number is the task's id: an enqueue whose answer a kill took away is made again and writes nothing twice. */
async function produce(orders: readonly Order[]): Promise<void> {
  for (const order of orders) {
    await heard(() => queues.orders.enqueue(order, { id: `order-${order.number}` }));
    await delay(15);
  }
}

async function consume(stage: Stage): Promise<void> {
  while (!over.signal.aborted) {
    const tasks = await heard(() => queues[stage].claim({ max: 5, claimTimeoutMs: CLAIM_TIMEOUT_MS, waitMs: 200 }));
    for (const task of tasks) await pass(stage, task);
  }
}

/** One step, in one commit. Whatever is not heard is asked again: the claim token lets it happen once. */
async function pass(stage: Stage, task: ClaimedTask<Order>): Promise<void> {
  const queue = queues[stage];
  const next = STAGES[STAGES.indexOf(stage) + 1];
  while (!over.signal.aborted) {
    const document = await heard(() => queue.documents.get("ledger"));
    const before = (document?.value ?? { count: 0, cents: 0 }) as Ledger;
    const value = { count: before.count + 1, cents: before.cents + task.payload.cents };
    const change = { key: "ledger", value };
    try {
      await heard(() =>
        queue.modify({
          delete: [{ claim: task.claim }],
          change: document === null ? [] : [{ document: { ...change, version: document.version } }],
          insert: [
            ...(document === null ? [{ document: change }] : []),
            ...(next === undefined ? [] : [{ payload: task.payload, queue: next }]),
          ],
        }),
      );
      return;
    } catch (error) {
      if (!(error instanceof DependencyFailedError)) throw error;
      const failures = error.problem["failures"] as readonly WireModifyFailure[];
      // The task is gone: the step was made, its answer not heard. Or the claim ran out, and another makes it.
      if (failures.some(({ operation }) => operation === "delete")) return;
    }
  }
}

/** Asks until there is an answer, whether good or bad. */
async function heard<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      // A server that is being killed may say "internal"; whether the call took effect is then as little known.
      if (isProblem(error) && !isRetryable(error)) throw error;
      if (performance.now() - startedAt > LIMIT_MS) throw error;
      unheard += 1;
      await delay(50);
    }
  }
}

async function killAndRestart(): Promise<void> {
  for (let kills = 0; kills < KILLS; kills += 1) {
    await delay(300 + Math.random() * 1_200);
    await server.kill();
    server = await startServer(dir, new URL(url).port);
  }
}

/** Until the last ledger has counted them all; looked at from outside, as anybody may. */
async function finished(count: number): Promise<void> {
  while (performance.now() - startedAt < LIMIT_MS) {
    const ledger = await ledgerOf("shipments");
    if (ledger.count >= count) return;
    await delay(200);
  }
  throw new Error(`not finished within ${LIMIT_MS} ms`);
}

async function ledgerOf(stage: Stage): Promise<Ledger> {
  const document = await heard(() => queues[stage].documents.get("ledger"));
  return (document?.value ?? { count: 0, cents: 0 }) as Ledger;
}

async function report(orders: readonly Order[]): Promise<void> {
  const cents = orders.reduce((sum, order) => sum + order.cents, 0);
  for (const stage of STAGES) {
    const ledger = await ledgerOf(stage);
    const { ready, delayed, claimed, dead, outbox } = await queues[stage].stats();
    const left = ready + delayed + claimed + dead + outbox;
    console.log(`${stage}: ${ledger.count} orders, ${ledger.cents} cents, ${left} left`);
    if (ledger.count !== orders.length || ledger.cents !== cents || left !== 0) process.exitCode = 1;
  }
  console.log(`${KILLS} kills, ${unheard} calls not heard, ${orders.length} orders of ${cents} cents`);
  console.log(process.exitCode === 1 ? "the count is NOT exact" : "the count is exact at every stage");
}
