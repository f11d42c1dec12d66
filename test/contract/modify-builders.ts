// Short words for modify, documents and their refusals.

import type { Document } from "../../src/core/document.ts";
import type { Modified, ModifyFailure, ModifyInput, ModifyInsert } from "../../src/core/modify.ts";
import { expectKind } from "./builders.ts";
import type { QueueDriver } from "./queue-driver.ts";

type TaskInsert = Extract<ModifyInsert, { readonly task: unknown }>;
type LooseInsert =
  | Extract<ModifyInsert, { readonly document: unknown }>
  | (Omit<TaskInsert, "onConflict"> & Partial<Pick<TaskInsert, "onConflict">>);

export type LooseModify = Partial<Omit<ModifyInput, "insert">> & { readonly insert?: readonly LooseInsert[] };

/** All lists given; an insert that says nothing of conflicts fails on them. */
export function modifyInput({ insert = [], change = [], delete: deleted = [], depend = [], ...rest }: LooseModify) {
  const inserts = insert.map((item): ModifyInsert =>
    "document" in item ? item : { onConflict: item.queue === undefined ? "fail" : "skip", ...item },
  );
  return { ...rest, insert: inserts, change, delete: deleted, depend };
}

export async function modify(queue: QueueDriver, input: LooseModify): Promise<Modified> {
  const { inserted, changed } = expectKind(await queue.operate("modify", modifyInput(input)), "modified");
  return { inserted, changed };
}

export async function failuresOf(queue: QueueDriver, input: LooseModify): Promise<readonly ModifyFailure[]> {
  return expectKind(await queue.operate("modify", modifyInput(input)), "dependency-failed").failures;
}

export async function put(queue: QueueDriver, key: string, value: unknown, version?: number): Promise<Document> {
  const input = { key, value: JSON.stringify(value), ...(version === undefined ? {} : { version }) };
  return expectKind(await queue.operate("putDocument", input), "document").document;
}

export async function getDocument(queue: QueueDriver, key: string): Promise<Document> {
  return expectKind(await queue.operate("getDocument", { key }), "document").document;
}
