// A queue as it is exported and imported, as it travels in JSON.

export interface WireExportHead {
  /** Names this export. */
  readonly export: string;
  /** Of the records. */
  readonly format: 1;
  /** Of the tables: how many steps of the schema they have taken. */
  readonly schema: number;
  readonly queue: string;
  readonly exportedAt: number;
}

/** Bytes stand as an object, since JSON has none. */
export type WireTransferValue = string | number | null | { readonly base64: string };

/** A row of one of the queue's tables, or the key of one that is gone. */
export interface WireTransferRecord {
  readonly table: string;
  readonly row?: Readonly<Record<string, WireTransferValue>>;
  readonly gone?: readonly WireTransferValue[];
}
