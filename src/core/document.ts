// A document beside the tasks: a small JSON value under a key, changed in the same commit as they are.

/** A document with its value as JSON text. */
export interface Document {
  readonly key: string;
  /** Rises with every write, and is never used twice in a queue: also not after the document was deleted (P4). */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly value: string;
}

export interface DocumentsInput {
  /** What the keys begin with; "" for all. */
  readonly prefix: string;
  readonly limit: number;
  /** The key that the page before ended with; "" for the first page. */
  readonly after: string;
}
