// How that is declared which the server answers beside the operations of a queue.

import type { Action } from "../protocol/action.ts";
import type { ProblemCode } from "../protocol/problem.ts";
import type { Endpoint, Method, Repeat } from "./operation.ts";
import type { ObjectSchema } from "./schema/object.ts";
import type { FieldMap, Schema } from "./schema/schema.ts";

interface DeclaredEndpoint<Fields extends FieldMap, Value, Answer> {
  readonly name: string;
  readonly about: string;
  readonly action: Action | null;
  readonly method: Method;
  readonly path: string;
  readonly rest: ObjectSchema<Fields, Value>;
  readonly answer: Schema<unknown, Answer>;
  readonly problems: readonly ProblemCode[];
  readonly repeat?: Repeat<never>;
  readonly status?: number;
  readonly example: { readonly body?: unknown; readonly answer: Answer };
}

export function endpoint<Fields extends FieldMap, Value, Answer>(
  declared: DeclaredEndpoint<Fields, Value, Answer>,
): Omit<Endpoint, "rest"> & { readonly rest: ObjectSchema<Fields, Value> } {
  return { status: 200, repeat: "always", ...declared, params: {}, fields: declared.rest.fields };
}
