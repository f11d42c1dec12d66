// Columns that hold JSON, which SQLite does not look into: what must be in them, so that an imported row can be read.

import { areAttempts } from "../core/attempt.ts";
import type { TransferValue } from "../core/transfer.ts";

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
  | "an array of arrays"
  | "past attempts"
  | "a JSON value";

const SHAPES: Readonly<Record<string, Shape>> = {
  "queue.settings": "an object",
  "queue.former": "an array",
  "tasks.headers": "an object",
  "tasks.origin": "an object",
  "tasks.past_attempts": "past attempts",
  "settled.places": "an array of arrays of numbers",
  "claims.entries": "an array of arrays of numbers",
  "claims.charged": "an array of arrays",
  "claims.acked": "an array",
  "documents.value": "a JSON value",
  "producers.calls": "an array of arrays",
  "keys.override": "a JSON value",
  "keys.blocked_by": "an array",
  "outbox.body": "an object",
  "inbox.withdrawn_before": "an array",
  "history.sample": "an object",
};

/** What in this row is not as it must be; null: all is. */
export function storedShape(table: string, row: Readonly<Record<string, TransferValue>>): BadRecord | null {
  for (const [column, value] of Object.entries(row)) {
    const shape = SHAPES[`${table}.${column}`];
    if (shape === undefined || value === null) continue;
    if (typeof value !== "string" || !is(shape, value)) {
      return { field: `row.${column}`, given: value, allowed: `JSON of ${shape}` };
    }
  }
  return null;
}

function is(shape: Shape, text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  switch (shape) {
    case "a JSON value":
      return true;
    case "an object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "an array":
      return Array.isArray(value);
    case "past attempts":
      return areAttempts(value);
    case "an array of arrays":
      return Array.isArray(value) && value.every((item) => Array.isArray(item));
    case "an array of arrays of numbers":
      return Array.isArray(value) && value.every((item) => Array.isArray(item) && item.every(isNumberOrNull));
    default:
      return shape satisfies never;
  }
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || typeof value === "number";
}
