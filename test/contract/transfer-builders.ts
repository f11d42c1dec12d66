// A whole export and a whole import, page by page, as the command line makes them.

import { expect } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { InputOf } from "../../src/core/operation.ts";
import type { ExportHead, TransferRecord } from "../../src/core/transfer.ts";
import { expectKind } from "./builders.ts";
import type { QueueDriver } from "./queue-driver.ts";

export interface Exported {
  readonly head: ExportHead;
  readonly records: TransferRecord[];
}

/** A whole export. @param between is called after each page but the last */
export async function exported(
  queue: QueueDriver,
  between: (page: number) => Promise<void> = async () => {},
): Promise<Exported> {
  const records: TransferRecord[] = [];
  let page = expectKind(await queue.operate("exportQueue", { after: null }), "exported");
  for (let number = 1; ; number += 1) {
    records.push(...page.records);
    if (page.after === null) throw new Error("an export ends with a page that is asked for");
    if (page.isLast) break;
    await between(number);
    page = expectKind(await queue.operate("exportQueue", { after: page.after }), "exported");
  }
  const end = expectKind(await queue.operate("exportQueue", { after: page.after }), "exported");
  expect(end).toMatchObject({ records: [], isLast: true, after: null });
  return { head: page.head, records };
}

/** Imports the records in batches; answers with the last answer, or with the first refusal. */
export async function imported(
  queue: QueueDriver,
  { head, records }: Exported,
  more: Partial<InputOf<"importQueue">> = {},
  batch: number = LIMITS.exportRecords,
) {
  for (let at = 0; ; at += batch) {
    const isLast = at + batch >= records.length;
    const input = { head, at, records: records.slice(at, at + batch), isLast, replace: false, ...more };
    const outcome = await queue.operate("importQueue", input);
    if (isLast || outcome.kind !== "imported") return outcome;
  }
}
