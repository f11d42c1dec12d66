// The part of the Standard Schema interface (standardschema.dev, version 1) that the client uses: zod, valibot, arktype and
// others carry it, so their schemas work as they are.

import { InvalidPayloadError } from "./edgeq-error.ts";
import { pathOf } from "./payload.ts";

export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What the schema makes of the value at `path`. Throws InvalidPayloadError, naming the path of the first issue. */
export async function validated<Output>(
  schema: StandardSchema<unknown, Output>,
  value: unknown,
  path = "payload",
): Promise<Output> {
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return result.value;
  const [first] = result.issues;
  const more = result.issues.length > 1 ? ` (and ${result.issues.length - 1} more)` : "";
  const keys = (first?.path ?? []).map((segment) => (typeof segment === "object" ? segment.key : segment));
  throw new InvalidPayloadError(path + pathOf(keys), `${first?.message ?? "refused by its schema"}${more}`);
}
