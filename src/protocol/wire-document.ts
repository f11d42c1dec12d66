// A document beside the tasks of a queue, as it travels in JSON.

export interface WireDocument {
  readonly key: string;
  /** Rises with every write, and is never used twice in a queue: also not after the document was deleted (P4). */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly value: unknown;
}
