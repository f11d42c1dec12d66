// The API as the fuzzer knows it: from the declarations by which the server reads it, with values that exist in the place of
// claims, ids and documents.

import { OPERATIONS } from "../../src/api/operation-table.ts";
import { pause, resume } from "../../src/api/endpoints.ts";
import { fieldOf, type Field, type JsonSchema, type KnownValues } from "./schema-values.ts";

/** What exists, so that requests get past the first look. */
export interface Known {
  readonly queue: string;
  readonly ids: readonly string[];
  readonly claims: readonly string[];
  readonly documents: readonly string[];
}

export interface Operation {
  readonly op: string;
  readonly method: string;
  /** `:queue`, and names of fields of the body, stand for what is filled in. */
  readonly path: string;
  readonly body: Field;
  /** The fields apart, for those that travel in a query. */
  readonly fields: Readonly<Record<string, Field>>;
  /** Whether HTTP has it, and whether sockets have it. */
  readonly isRequest: boolean;
  readonly isFramed: boolean;
}

/** docs/socket.md: a socket's standing claim, which is no operation of the queue. */
const CREDIT: JsonSchema = {
  type: "object",
  required: ["n"],
  properties: {
    n: { type: "integer", minimum: 0, maximum: 1_000 },
    release: { type: "boolean" },
    claimTimeoutMs: { type: "integer", minimum: 0, maximum: 43_200_000 },
  },
};

export function operations(known: Known): readonly Operation[] {
  const values: KnownValues = {
    id: known.ids,
    ids: known.ids,
    claim: known.claims,
    claims: known.claims,
    key: known.documents,
  };
  const made = (op: string, method: string, path: string, json: JsonSchema): Operation => ({
    op,
    method,
    path,
    body: fieldOf(json, values),
    fields: Object.fromEntries(
      Object.entries(json.properties ?? {}).map(([name, schema]) => [name, fieldOf(schema, values, name)]),
    ),
    isRequest: true,
    isFramed: true,
  });
  return [
    ...Object.values(OPERATIONS).map(({ name, method, path, body }) =>
      made(name, method, path, body.json as JsonSchema),
    ),
    ...[pause, resume].map(({ name, method, path, rest }) => ({
      ...made(name, method, path, rest.json as JsonSchema),
      isFramed: false,
    })),
    { ...made("credit", "POST", "", CREDIT), isRequest: false },
  ];
}
