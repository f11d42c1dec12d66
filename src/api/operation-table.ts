// Every operation of a queue under its name. HTTP, sockets and bindings are served from this table; an operation of the queue
// does not compile until it is here.

import type { OperationName } from "../core/operation.ts";
import type { Operation } from "./operation.ts";
import { claim } from "./operations/claim.ts";
import { getCost } from "./operations/cost.ts";
import { deleteDocument, getDocument, listDocuments, putDocument } from "./operations/documents.ts";
import { enqueue } from "./operations/enqueue.ts";
import { getKey, listKeys, resetKey, setKey, unblockKey } from "./operations/keys.ts";
import { getHistory, listConsumers } from "./operations/history.ts";
import { modify } from "./operations/modify.ts";
import { reincarnate } from "./operations/reincarnate.ts";
import { listOutbox, retryOutbox } from "./operations/outbox.ts";
import { configure, deleteQueue, getQueue, purge, redrive } from "./operations/queue.ts";
import { ack, extend, nack, settle } from "./operations/settle.ts";
import { exportQueue, importQueue } from "./operations/transfer.ts";
import { apply, search } from "./operations/search.ts";
import { browse, cancelTask, changeTask, getTask, releaseTask } from "./operations/tasks.ts";

/** With the types of each one's own bodies and answers. */
export const DECLARED = {
  enqueue,
  claim,
  ack,
  nack,
  extend,
  settle,
  modify,
  browse,
  search,
  apply,
  getTask,
  changeTask,
  cancelTask,
  releaseTask,
  listDocuments,
  getDocument,
  putDocument,
  deleteDocument,
  listKeys,
  getKey,
  setKey,
  resetKey,
  unblockKey,
  getQueue,
  configure,
  deleteQueue,
  purge,
  redrive,
  getHistory,
  getCost,
  listConsumers,
  listOutbox,
  retryOutbox,
  exportQueue,
  importQueue,
  reincarnate,
};

export const OPERATIONS: { readonly [Name in OperationName]: Operation<Name> } = { ...DECLARED };

const NAMES: ReadonlySet<unknown> = new Set(Object.keys(OPERATIONS));

export function isOperation(name: unknown): name is OperationName {
  return NAMES.has(name);
}
