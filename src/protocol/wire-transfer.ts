// A queue as it is exported and imported, as it travels in JSON.

export interface WireExportHead {
  readonly export: string;
  readonly format: 1;
  readonly schema: number;
  readonly queue: string;
  readonly exportedAt: number;
}

export type WireTransferValue = string | number | null | { readonly base64: string };

/** A row of one of the queue's tables, or the key of one that is gone. */
export interface WireTransferRecord {
  readonly table: string;
  readonly row?: Readonly<Record<string, WireTransferValue>>;
  readonly gone?: readonly WireTransferValue[];
}
