// Checks that SQLite does not make: what must be in columns of JSON, and in which bounds numbers lie, so that an imported row can be read
// and counted on. One that says how many there are of something would otherwise be walked through, however many it says.

import { areAttempts } from "../core/attempt.ts";
import { isObject, jsonOf } from "../core/json-value.ts";
import { LIMITS } from "../core/limits.ts";
import { firstKeyAt, keyOf, LAST_AT } from "../core/sequence.ts";
import { isFormerLife, isTag } from "../core/task-id.ts";
import type { TransferValue } from "../core/transfer.ts";
import { isBody, isOrigin } from "./stored-letters.ts";
import { UNSENT_AT } from "./task-row.ts";

/** What is wrong with a record: the field in it, what was given, and what may stand there. */
export interface BadRecord {
  readonly field: string;
  readonly given: unknown;
  readonly allowed: string;
}

type Shape =
  | "an object"
  | "an array"
  | "an array of arrays of numbers"
  | "places in a run"
  | "former lives"
  | "an array of arrays"
  | "past attempts"
  | "an origin"
  | "a message's body"
  | "a JSON value";

const SHAPES: Readonly<Record<string, Shape>> = {
  "queue.settings": "an object",
  "queue.former": "former lives",
  "tasks.headers": "an object",
  "tasks.origin": "an origin",
  "tasks.past_attempts": "past attempts",
  "settled.places": "places in a run",
  "claims.entries": "an array of arrays of numbers",
  "claims.charged": "an array of arrays",
  "claims.acked": "an array",
  "documents.value": "a JSON value",
  "producers.calls": "an array of arrays",
  "keys.override": "an object",
  "keys.blocked_by": "an array",
  "outbox.body": "a message's body",
  "inbox.withdrawn_before": "an array",
  "history.sample": "an object",
};

type Bounds = readonly [min: number, max: number];

const LAST_KEY = firstKeyAt(LAST_AT);
const KEYS: Bounds = [0, LAST_KEY];
/** Slots are kept in an array, and no more are in use than claims are in flight. */
const SLOTS: Bounds = [0, 1_000_000];
const BOUNDS: Readonly<Record<string, Bounds>> = {
  "queue.last_key": KEYS,
  "tasks.run": [2, LIMITS.runTasks],
  "claims.slot": SLOTS,
  "claims.read_to": KEYS,
  "claims.last_key": KEYS,
  "documents.version": KEYS,
  "sent.up_to": KEYS,
};
/** The latest instant that is stored, and what is above it. One more than any of these is a number still. */
const INTEGERS: Bounds = [-UNSENT_AT, UNSENT_AT];

function outOfBounds(table: string, column: string, value: number): BadRecord | null {
  const [min, max] = BOUNDS[`${table}.${column}`] ?? INTEGERS;
  // Of both ranges of keys.
  if (table === "tasks" && column === "seq") {
    const isKey = value >= 0 && keyOf(value) <= LAST_KEY;
    return isKey ? null : { field: "row.seq", given: value, allowed: `a key of up to ${LAST_KEY}` };
  }
  return value >= min && value <= max
    ? null
    : { field: `row.${column}`, given: value, allowed: `from ${min} to ${max}` };
}

type Row = Readonly<Record<string, TransferValue>>;

/** A run holds as many payloads as it says, a line each. */
function badRun(table: string, { run = null, payload = "" }: Row): BadRecord | null {
  if (table !== "tasks" || run === null) return null;
  const lines = typeof payload === "string" ? payload.split("\n").length : 0;
  return lines === run
    ? null
    : { field: "row.payload", given: `${lines} lines`, allowed: "as many lines as `run` says" };
}

/** What in this row is not as it must be; null: all is. */
export function storedShape(table: string, row: Row): BadRecord | null {
  for (const [column, value] of Object.entries(row)) {
    const bad = typeof value === "number" ? outOfBounds(table, column, value) : null;
    if (bad !== null) return bad;
    if (table === "queue" && column === "tag" && (typeof value !== "string" || !isTag(value))) {
      return { field: "row.tag", given: value, allowed: "five or seven lower-case letters and digits" };
    }
    const shape = SHAPES[`${table}.${column}`];
    if (shape === undefined || value === null) continue;
    if (typeof value !== "string" || !is(shape, value, row)) {
      return { field: `row.${column}`, given: value, allowed: `JSON of ${shape}` };
    }
  }
  return badRun(table, row);
}

function is(shape: Shape, text: string, { kind }: Row): boolean {
  const value = jsonOf(text);
  if (value === undefined) return false;
  switch (shape) {
    case "a JSON value":
      return true;
    case "an object":
      return isObject(value);
    case "an array":
      return Array.isArray(value);
    case "past attempts":
      return areAttempts(value);
    case "an origin":
      return isOrigin(value);
    case "a message's body":
      return isBody(kind, value);
    case "an array of arrays":
      return Array.isArray(value) && value.every((item) => Array.isArray(item));
    case "an array of arrays of numbers":
      return Array.isArray(value) && value.every((item) => Array.isArray(item) && item.every(isNumberOrNull));
    case "places in a run":
      return Array.isArray(value) && value.length <= LIMITS.runTasks && value.every(isRangeInRun);
    case "former lives":
      return Array.isArray(value) && value.every(isFormerLife);
    default:
      return shape satisfies never;
  }
}

function isRangeInRun(range: unknown): boolean {
  if (!Array.isArray(range) || range.length !== 2) return false;
  const [first, last] = range as [unknown, unknown];
  return Number.isInteger(first) && Number.isInteger(last) && 0 <= Number(first) && Number(last) < LIMITS.runTasks;
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || typeof value === "number";
}
