// The kind of each operation to the limits of its queue: a new operation does not compile until its kind is given.

import type { OperationName } from "./operation.ts";

/**
 * `look`: writes nothing that matters. `settle`: ends or keeps a claim that was given, and so is never held back: a task whose
 * ack is refused would be done twice. `configure`: how an owner raises a limit again. `work`: all else.
 */
export type OperationKind = "look" | "settle" | "configure" | "work";

export const OPERATION_KINDS: { readonly [Name in OperationName]: OperationKind } = {
  ack: "settle",
  apply: "work",
  reincarnate: "configure",
  browse: "look",
  cancelTask: "work",
  changeTask: "work",
  claim: "work",
  configure: "configure",
  deleteDocument: "work",
  deleteQueue: "work",
  enqueue: "work",
  exportQueue: "work",
  extend: "settle",
  getDocument: "look",
  getCost: "look",
  getHistory: "look",
  getKey: "look",
  getQueue: "look",
  getTask: "look",
  importQueue: "work",
  listConsumers: "look",
  listDocuments: "look",
  listKeys: "look",
  listOutbox: "look",
  modify: "work",
  nack: "settle",
  purge: "work",
  putDocument: "work",
  redrive: "work",
  releaseTask: "settle",
  resetKey: "work",
  retryOutbox: "work",
  setKey: "work",
  search: "look",
  settle: "settle",
  unblockKey: "work",
};

const NEVER_HELD_BACK: ReadonlySet<string | undefined> = new Set(
  Object.entries(OPERATION_KINDS).flatMap(([name, kind]) => (kind === "settle" || kind === "configure" ? [name] : [])),
);

/** It is counted by limits, and not refused by them. */
export function isNeverHeldBack(operation: string | undefined): boolean {
  return NEVER_HELD_BACK.has(operation);
}
