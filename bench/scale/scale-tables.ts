// What the scale bench found, as tables.
import { markdownTable } from "../measure/markdown-table.ts";
import { operations, type BacklogCosts } from "./time-operations.ts";
import type { BacklogWake } from "./time-wakes.ts";
import type { ConsumersRun } from "./run-consumers.ts";
import type { ScaleResult } from "./run-scale.ts";
import type { ManyQueues } from "./touch-queues.ts";

export function scaleTables({ operations: costs, wakes, queues, objectsMs, consumers }: ScaleResult): string {
  const blocks = [
    `### Time of one call, p50 ms (p99)\n\n${timesTable(costs)}`,
    `### Rows read by one call, mean (most)\n\n${rowsTable(costs)}`,
    `### Waking up, and what a queue takes of memory\n\n${wakesTable(wakes)}`,
    `### ${whole(queues.queues)} queues\n\n${queuesTable(queues, objectsMs)}`,
    `### Consumers\n\n${consumersTable(consumers)}`,
  ];
  return `${blocks.join("\n\n")}\n`;
}

function timesTable(costs: readonly BacklogCosts[]): string {
  const rows = costs.map(({ backlog, costs: of }) => [
    backlog.name,
    ...operations.map((name) => `${of[name].latency.p50Ms.toFixed(2)} (${of[name].latency.p99Ms.toFixed(1)})`),
  ]);
  return markdownTable(["", ...operations], rows);
}

function rowsTable(costs: readonly BacklogCosts[]): string {
  const rows = costs.map(({ backlog, costs: of }) => [
    backlog.name,
    ...operations.map((name) => `${of[name].rowsRead.toFixed(1)} (${of[name].mostRowsRead})`),
  ]);
  return markdownTable(["", ...operations], rows);
}

function wakesTable(wakes: readonly BacklogWake[]): string {
  const head = [
    "",
    "first request ms",
    "an empty queue's",
    "first claim ms",
    "an empty queue's",
    "heap added",
    "resident added",
    "resident",
  ];
  const rows = wakes.map((wake) => [
    wake.backlog.name,
    wake.wakeMs.toFixed(1),
    wake.emptyWakeMs.toFixed(1),
    wake.firstClaimMs.toFixed(1),
    wake.emptyFirstClaimMs.toFixed(1),
    megabytes(wake.added.heapBytes),
    megabytes(wake.added.residentBytes),
    megabytes(wake.total.residentBytes),
  ]);
  return markdownTable(head, rows);
}

function queuesTable({ queues, elapsedMs, latency, before, after }: ManyQueues, objectsMs: number): string {
  const grownBytes = after.residentBytes - before.residentBytes;
  const heapBytes = after.heapBytes - before.heapBytes;
  const row = [
    whole((queues / elapsedMs) * 1000),
    whole((queues / objectsMs) * 1000),
    latency.p50Ms.toFixed(1),
    latency.p99Ms.toFixed(1),
    megabytes(after.residentBytes),
    `${Math.round(grownBytes / queues / 1024)} KiB`,
    `${Math.round(heapBytes / queues / 1024)} KiB`,
  ];
  const head = [
    "queues/s (created, one task's life)",
    "bare objects/s, the floor",
    "p50 ms",
    "p99 ms",
    "resident",
    "resident a queue",
    "heap a queue",
  ];
  return markdownTable(head, [row]);
}

function consumersTable(consumers: readonly ConsumersRun[]): string {
  const rows = consumers.map(({ way, consumers: count, tasksPerSecond, delivery }) => [
    way,
    whole(count),
    whole(tasksPerSecond),
    delivery.p50Ms.toFixed(2),
    delivery.p95Ms.toFixed(2),
    delivery.p99Ms.toFixed(2),
  ]);
  return markdownTable(
    ["over", "consumers", "tasks/s, one at a time each", "delivery p50 ms", "p95 ms", "p99 ms"],
    rows,
  );
}

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;
