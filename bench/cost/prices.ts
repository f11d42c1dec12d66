// What the platforms charge, by their published prices of the paid plans, beyond what a plan includes.
// Duration and CPU time are not here: they are times, and this bench counts.

import { MESSAGES_PER_REQUEST, PRICES } from "../../src/core/prices.ts";

/** Dollars for a million, Cloudflare Workers and Durable Objects. */
export const cloudflarePrices = {
  rowWritten: PRICES.perMillion.rowsWritten,
  rowRead: PRICES.perMillion.rowsRead,
  objectRequest: PRICES.perMillion.requests,
  workerRequest: 0.3,
} as const;

export interface OtherQueue {
  readonly name: string;
  readonly how: string;
  readonly dollarsPerMillionTasks: number;
}

const queuesOperation = 0.4;
const sqsRequest = 0.4;

export const otherQueues: readonly OtherQueue[] = [
  {
    name: "Cloudflare Queues",
    how: "3 operations a message (write, read, delete) at $0.40 a million, in batches or not",
    dollarsPerMillionTasks: 3 * queuesOperation,
  },
  {
    name: "SQS standard, one by one",
    how: "3 requests a message (send, receive, delete) at $0.40 a million; no empty receive",
    dollarsPerMillionTasks: 3 * sqsRequest,
  },
  {
    name: "SQS standard, in tens",
    how: "3 requests for 10 messages, the most that its batches hold; no empty receive, every batch full",
    dollarsPerMillionTasks: (3 * sqsRequest) / 10,
  },
];

/** What was counted over a number of tasks. */
export interface Bill {
  readonly tasks: number;
  readonly rowsWritten: number;
  /** Of those, what time brings and no task. */
  readonly timedRows: number;
  readonly rowsRead: number;
  readonly alarmsSet: number;
  readonly alarmsRung: number;
  readonly objectRequests: number;
  readonly workerRequests: number;
  readonly framesIn: number;
}

export interface Dollars {
  /** Alarms included: each one set is a row. */
  readonly rowsWritten: number;
  readonly rowsRead: number;
  /** Calls, frames and alarms that rang. */
  readonly objectRequests: number;
  readonly workerRequests: number;
  readonly total: number;
}

/** Dollars for a million tasks that each cost what these did. */
export function dollarsPerMillionTasks(bill: Bill): Dollars {
  const requests = bill.objectRequests + bill.alarmsRung + bill.framesIn / MESSAGES_PER_REQUEST;
  const rowsWritten = ((bill.rowsWritten + bill.alarmsSet) / bill.tasks) * cloudflarePrices.rowWritten;
  const rowsRead = (bill.rowsRead / bill.tasks) * cloudflarePrices.rowRead;
  const objectRequests = (requests / bill.tasks) * cloudflarePrices.objectRequest;
  const workerRequests = (bill.workerRequests / bill.tasks) * cloudflarePrices.workerRequest;
  return {
    rowsWritten,
    rowsRead,
    objectRequests,
    workerRequests,
    total: rowsWritten + rowsRead + objectRequests + workerRequests,
  };
}
