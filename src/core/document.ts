// A document beside the tasks: a small JSON value under a key, changed in the same commit as they are.

import type { WireDocument } from "../protocol/wire-document.ts";

export interface Document extends Omit<WireDocument, "value"> {
  /** JSON text. */
  readonly value: string;
}
