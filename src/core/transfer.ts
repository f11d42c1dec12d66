// A queue as it is exported and imported: rows of its tables, each as JSON can say it, in any order that ends with the newest.

import type { WireExportHead as ExportHead, WireTransferValue as TransferValue } from "../protocol/wire-transfer.ts";

export type { WireExportHead as ExportHead, WireTransferValue as TransferValue } from "../protocol/wire-transfer.ts";

/** A row as it is at the time, or the key of one that is gone. A later record of the same row stands in for an earlier one. */
export type TransferRecord =
  | { readonly table: string; readonly row: Readonly<Record<string, TransferValue>> }
  | { readonly table: string; readonly gone: readonly TransferValue[] };

export interface ExportInput {
  /** The page that is asked for; null: a new export begins. */
  readonly after: { readonly export: string; readonly page: number } | null;
}

export interface ExportAnswer {
  readonly head: ExportHead;
  readonly records: readonly TransferRecord[];
  /** These are the last records: with them the export is the queue as it was when it answered this. */
  readonly isLast: boolean;
  /** null: it has ended. */
  readonly after: { readonly export: string; readonly page: number } | null;
}

export interface ImportInput {
  readonly head: ExportHead;
  /** How many records stand before these. */
  readonly at: number;
  readonly records: readonly TransferRecord[];
  /** With these the import is whole, and the queue becomes what was imported. */
  readonly isLast: boolean;
  /** Also over a queue that holds tasks or documents, which are deleted. */
  readonly replace: boolean;
}
