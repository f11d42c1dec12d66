// The value of a document, which is stored as JSON text.

import { LIMITS } from "../../core/limits.ts";
import { anyJson } from "../schema/scalars.ts";
import { mapped, type Schema } from "../schema/schema.ts";
import { bounded } from "./payload.ts";

export const documentValue: Schema<string, unknown> = mapped(anyJson(), (value, path) =>
  bounded(JSON.stringify(value), path, LIMITS.documentBytes),
);
