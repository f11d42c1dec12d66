// What was counted, and what it comes to, as tables.
import { markdownTable } from "../measure/markdown-table.ts";
import { cloudflarePrices, otherQueues } from "./prices.ts";
import type { ProfileCost } from "./run-cost.ts";

export function costTables(costs: readonly ProfileCost[]): string {
  return `${countsTable(costs)}\n\n${dollarsTable(costs)}\n\n${othersTable()}\n`;
}

/** A task's share of each count. */
function countsTable(costs: readonly ProfileCost[]): string {
  const rows = costs.map(({ profile, bill, rowsPerTask }) => {
    const perTask = (count: number, digits: number): string => (count / bill.tasks).toFixed(digits);
    return [
      profile.name,
      perTask(bill.rowsWritten - bill.timedRows, 3),
      perTask(bill.timedRows, 4),
      perTask(bill.alarmsSet, 4),
      rowsPerTask.toFixed(3),
      perTask(bill.rowsRead, 2),
      perTask(bill.objectRequests, 2),
      perTask(bill.workerRequests, 2),
      perTask(bill.framesIn, 2),
    ];
  });
  const head = [
    "a task's share of",
    "rows written",
    "rows by time",
    "alarms set",
    "all three",
    "rows read",
    "object calls",
    "Worker requests",
    "frames in",
  ];
  return markdownTable(head, rows);
}

function dollarsTable(costs: readonly ProfileCost[]): string {
  const { rowWritten, rowRead, objectRequest, workerRequest } = cloudflarePrices;
  const head = [
    "dollars for a million tasks",
    `rows written, alarms ($${rowWritten.toFixed(2)})`,
    `rows read ($${rowRead})`,
    `object requests ($${objectRequest})`,
    "in the same account",
    `Worker requests ($${workerRequest.toFixed(2)})`,
    "over the internet",
  ];
  const rows = costs.map(({ profile, dollars }) => [
    profile.name,
    ...[
      dollars.rowsWritten,
      dollars.rowsRead,
      dollars.objectRequests,
      dollars.total - dollars.workerRequests,
      dollars.workerRequests,
      dollars.total,
    ].map((amount) => amount.toFixed(3)),
  ]);
  return markdownTable(head, rows);
}

function othersTable(): string {
  return markdownTable(
    ["beside it", "dollars for a million", "counted as"],
    otherQueues.map(({ name, how, dollarsPerMillionTasks }) => [name, dollarsPerMillionTasks.toFixed(2), how]),
  );
}
