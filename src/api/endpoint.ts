// How that is declared which the server answers beside the operations of a queue.

import type { Endpoint } from "./operation.ts";
import type { ObjectSchema } from "./schema/object.ts";
import type { FieldMap, Schema } from "./schema/schema.ts";

interface DeclaredEndpoint<Fields extends FieldMap, Value, Answer>
  extends Omit<Endpoint, "params" | "fields" | "repeat" | "status">, Partial<Pick<Endpoint, "repeat" | "status">> {
  readonly rest: ObjectSchema<Fields, Value>;
  readonly answer: Schema<unknown, Answer>;
  readonly example: { readonly body?: unknown; readonly answer: Answer };
}

export function endpoint<Fields extends FieldMap, Value, Answer>(
  declared: DeclaredEndpoint<Fields, Value, Answer>,
): Omit<Endpoint, "rest"> & { readonly rest: ObjectSchema<Fields, Value> } {
  return { status: 200, repeat: "always", ...declared, params: {}, fields: declared.rest.fields };
}
