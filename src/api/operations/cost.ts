// The cost of a queue.

import { PRICES } from "../../core/prices.ts";
import { operation } from "../operation.ts";
import { anyNumberOf } from "../schema/lists.ts";
import { object, required } from "../schema/object.ts";
import { freeText, number } from "../schema/scalars.ts";
import { at, count } from "./answer-fields.ts";
import { nothing } from "./queue.ts";

const usd = number({ min: 0, max: Number.MAX_SAFE_INTEGER, unit: "dollars" });

const span = object({
  from: required(at),
  to: required(at, "When it ends."),
  rowsWritten: required(count, "Alarms that were set among them."),
  rowsRead: required(count),
  requests: required(count, "Calls to the queue's object, alarms that rang among them."),
  messages: required(count, "That came over sockets; twenty are billed as a request."),
  awakeMs: required(count, "How long the object was kept awake; an estimate."),
  usd: required(usd),
  parts: required(
    anyNumberOf(
      object({
        name: required(freeText(), "An operation, or `alarm`, `delivery`, `receive`, `socket`, `history`."),
        calls: required(count, "How often it was run; of `socket`, its messages."),
        requests: required(count),
        rowsRead: required(count),
        rowsWritten: required(count),
        usd: required(usd, "Without the time awake."),
      }),
    ),
    "The dearest first.",
  ),
});

const PARTS = [
  { name: "enqueue", calls: 120, requests: 120, rowsRead: 0, rowsWritten: 120, usd: 0.000138 },
  { name: "claim", calls: 12, requests: 12, rowsRead: 120, rowsWritten: 12, usd: 0.00001392 },
];
const SPAN = { rowsWritten: 132, rowsRead: 120, requests: 132, messages: 0, awakeMs: 4_100, usd: 0.00015848 };
const HOUR_AT = 1_795_428_000_000;
const DAY_AT = 1_795_392_000_000;
const MONTH_AT = 1_793_491_200_000;

export const getCost = operation({
  name: "getCost",
  about: "What it has cost in this hour, day and month (UTC), by what it was used for, at the prices that it names.",
  action: "browse",
  method: "GET",
  path: "/cost",
  body: nothing,
  answer: object({
    prices: required(
      object({
        date: required(freeText(), "When they were read off `source`."),
        source: required(freeText()),
        perMillion: required(
          object({
            rowsWritten: required(usd),
            rowsRead: required(usd),
            requests: required(usd),
            gigabyteSeconds: required(usd, "Of the time awake, at 128 MB."),
          }),
        ),
      }),
      "Dollars, without the amounts that a plan includes.",
    ),
    hour: required(span),
    day: required(span),
    month: required(span),
    forecast: required(
      object({ likeThisMonth: required(usd), likeToday: required(usd) }),
      "Dollars of the whole month, if the rest of it is like what has passed of it, or like today.",
    ),
  }),
  problems: ["invalid-request", "queue-not-found"],
  example: {
    answer: {
      prices: PRICES,
      hour: { from: HOUR_AT, to: HOUR_AT + 3_600_000, ...SPAN, parts: PARTS },
      day: { from: DAY_AT, to: DAY_AT + 86_400_000, ...SPAN, parts: PARTS },
      month: { from: MONTH_AT, to: MONTH_AT + 2_592_000_000, ...SPAN, parts: PARTS },
      forecast: { likeThisMonth: 0.00021, likeToday: 0.0013 },
    },
  },
  render: ({ cost }) => JSON.stringify({ prices: PRICES, ...cost }),
});
