// A queue carried from one place to another: everything in it, as records of its tables.

import { LIMITS, QUEUE_NAME } from "../../core/limits.ts";
import type { InputOf } from "../../core/operation.ts";
import type { TransferRecord, TransferValue } from "../../core/transfer.ts";
import { parseDigits } from "../../core/parse-digits.ts";
import { Invalid, parsed } from "../invalid.ts";
import { operation, type Demand } from "../operation.ts";
import { anyNumberOf, listOf, recordOf } from "../schema/lists.ts";
import { CURSOR, flag, instant } from "../schema/names.ts";
import { defaulted, object, optional, required } from "../schema/object.ts";
import { integer, matching } from "../schema/scalars.ts";
import type { Schema } from "../schema/schema.ts";
import { count, cursorField } from "./answer-fields.ts";
import { keyPatch } from "./keys.ts";
import { settingsPatch } from "./settings-fields.ts";

const EXPORT = /^[0-9a-f]{16}$/;
const PLACE = /^([0-9a-f]{16})~([0-9]{1,9})$/;
const SQL_NAME = matching(/^[a-z][a-z_]{0,40}$/, "the name of a table or column");
const VALUE = 'text, a number, null, or {"base64": "..."}';

const value: Schema<TransferValue> = {
  parse: (given, path) => {
    if (given === null || typeof given === "number") return given;
    if (typeof given === "string" && given.isWellFormed()) return given;
    const bytes = typeof given === "object" ? (given as { readonly base64?: unknown }).base64 : undefined;
    if (typeof bytes !== "string" || !isBase64(bytes)) throw new Invalid(path, given, VALUE);
    return { base64: bytes };
  },
  allowed: VALUE,
  json: {
    anyOf: [
      { type: "string" },
      { type: "number" },
      { type: "null" },
      { type: "object", properties: { base64: { type: "string" } }, required: ["base64"], additionalProperties: false },
    ],
  },
};

const record = object(
  {
    table: required(SQL_NAME),
    row: optional(recordOf(value, "an object of columns", { names: SQL_NAME, max: 64, items: "columns" }), "`gone`"),
    gone: optional(listOf(value, 8), "`row`", "The key of a row that is there no more."),
  },
  ({ table, row, gone }, refuse): TransferRecord => {
    const bad = row === undefined ? null : badSetting(table, row);
    if (bad !== null) return refuse("row", bad);
    if (row !== undefined && gone === undefined) return { table, row };
    if (row === undefined && gone !== undefined) return { table, gone };
    return refuse("row", "either row or gone");
  },
);

/** What is set by people passes the same rules in an import. By table and column. */
const SET: Readonly<Record<string, readonly [column: string, set: Schema<unknown>]>> = {
  queue: ["settings", settingsPatch],
  keys: ["override", keyPatch],
};

/** What is wrong with it, or null. That it is JSON at all is looked at with all other columns. */
function badSetting(table: string, row: Readonly<Record<string, TransferValue>>): string | null {
  const [column, set] = SET[table] ?? ["", null];
  const text = row[column];
  if (set === null || typeof text !== "string") return null;
  const result = parsed(() => set.parse(jsonIn(text), column));
  return result.kind === "parsed" ? null : `one whose ${result.field} is ${result.allowed}`;
}

const head = object({
  export: required(matching(EXPORT), "Names the export."),
  format: required(integer({ min: 1, max: 1 }) as Schema<1>, "Of the records."),
  schema: required(integer({ min: 1, max: 1_000 }), "Of the tables. A later version's is refused."),
  queue: required(matching(QUEUE_NAME)),
  exportedAt: required(instant),
});

const EXAMPLE_HEAD = {
  export: "c393bde45a206c5c",
  format: 1,
  schema: 6,
  queue: "orders",
  exportedAt: 1_795_429_196_063,
} as const;
const EXAMPLE_RECORD = {
  table: "documents",
  row: { key: "progress", version: 3, created_at: 1_795_429_196_063, updated_at: 1_795_429_196_063, value: "17" },
};

export const exportQueue = operation({
  name: "exportQueue",
  about: "Everything in the queue, a page of records at a time, while it goes on living. One export at a time.",
  action: "manage",
  method: "POST",
  path: "/export",
  body: object(
    {
      cursor: optional(matching(PLACE, CURSOR), "a new export", "The page to answer; the last page's ends the export."),
    },
    ({ cursor = "" }): InputOf<"exportQueue"> => {
      const [place, name = "", page = ""] = PLACE.exec(cursor) ?? [];
      return { after: place === undefined ? null : { export: name, page: Number(page) } };
    },
  ),
  answer: object({
    head: required(head),
    records: required(anyNumberOf(record)),
    isLast: required(flag, "With these records the export is the queue as it was when it answered."),
    cursor: cursorField,
  }),
  problems: ["invalid-request", "queue-not-found", "export-ended"],
  // A page that is asked for again is answered again; without a cursor it would begin a second export.
  repeat: { when: "with a `cursor`", is: ({ cursor }) => cursor !== undefined },
  isLarge: true,
  example: {
    body: {},
    answer: { head: EXAMPLE_HEAD, records: [EXAMPLE_RECORD], isLast: true, cursor: "c393bde45a206c5c~2" },
  },
  render: ({ head: of, records, isLast, after }) =>
    JSON.stringify({ head: of, records, isLast, cursor: after === null ? null : `${after.export}~${after.page}` }),
});

export const importQueue = operation({
  name: "importQueue",
  about:
    "Takes in what was exported, in its order. With the last records the queue becomes what was exported, all at once.",
  action: "manage",
  method: "POST",
  path: "/import",
  body: object({
    head: required(head, "As the export answered it."),
    at: required(integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), "How many records stand before these."),
    records: required(listOf(record, LIMITS.exportRecords), "What the queue has already is passed over."),
    isLast: defaulted(flag, false, "These are the last."),
    replace: defaulted(flag, false, "Also over a queue that holds tasks or documents, which are deleted."),
  }),
  answer: object({
    records: required(count, "Taken so far: where to go on."),
    isWhole: required(flag, "The queue is what was exported."),
  }),
  problems: ["invalid-request", "queue-not-empty"],
  // By their place the records are known again; whole, it would replace what has come since.
  repeat: { when: "unless `isLast`", is: ({ isLast }) => isLast !== true },
  demands: (input) => importDemands(input),
  example: {
    body: { head: EXAMPLE_HEAD, at: 0, records: [EXAMPLE_RECORD], replace: true },
    answer: { records: 1, isWhole: false },
  },
});

/** To enqueue wherever the imported queue would send: dead letters, what it still owes, and what a redrive would take back. */
function importDemands({ head: { queue: own }, records }: InputOf<"importQueue">): Demand[] {
  const queues = new Set<string>();
  const addOrigins = (first: unknown): void => {
    for (let origin = asObject(first); addName(queues, origin["queue"]); origin = asObject(origin["before"]));
  };
  for (const each of records) {
    if (!("row" in each)) continue;
    const { table, row } = each;
    if (table === "queue") addName(queues, jsonIn(row["settings"])["deadLetterQueue"]);
    if (table === "tasks") addOrigins(jsonIn(row["origin"]));
    if (table !== "outbox") continue;
    addName(queues, row["receiver"]);
    const origin = asObject(jsonIn(row["body"])["origin"]);
    // A dead letter of the queue's own comes back to what may be managed. A copy of another name sends none.
    addOrigins(origin["queue"] === own ? origin["before"] : origin);
  }
  return Array.from(queues, (queue): Demand => ({ action: "enqueue", queue }));
}

/** Whether it was one. The directory's own address is nobody's queue. */
function addName(queues: Set<string>, name: unknown): boolean {
  if (typeof name !== "string") return false;
  if (!name.startsWith("@")) queues.add(name.split("@")[0] ?? name);
  return true;
}

function jsonIn(text: TransferValue | undefined): Readonly<Record<string, unknown>> {
  try {
    return typeof text === "string" ? asObject(parseDigits(text, text.length)) : {};
  } catch {
    // Refused where the row is looked at.
    return {};
  }
}

function asObject(given: unknown): Readonly<Record<string, unknown>> {
  return typeof given === "object" && given !== null ? (given as Record<string, unknown>) : {};
}

function isBase64(text: string): boolean {
  try {
    Uint8Array.fromBase64(text);
    return true;
  } catch {
    return false;
  }
}
