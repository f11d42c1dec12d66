// A queue as it is exported and imported: rows of its tables, each as JSON can say it, in any order that ends with the newest.

import type { WireTransferValue as TransferValue } from "../protocol/wire-transfer.ts";

export type { WireExportHead as ExportHead, WireTransferValue as TransferValue } from "../protocol/wire-transfer.ts";

/** A row as it is at the time, or the key of one that is gone. A later record of the same row stands in for an earlier one. */
export type TransferRecord =
  | { readonly table: string; readonly row: Readonly<Record<string, TransferValue>> }
  | { readonly table: string; readonly gone: readonly TransferValue[] };

/** The page of an export that is asked for. */
export interface ExportPlace {
  readonly export: string;
  readonly page: number;
}
