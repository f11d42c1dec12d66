// Every operation under its name: what the object, the sockets and the tests call.

import type { InputOf, OperationName, OutcomeOf } from "../../core/operation.ts";
import { ack } from "./ack.ts";
import { apply } from "./apply.ts";
import { reincarnate } from "./reincarnate.ts";
import { browse } from "./browse.ts";
import { cancelTask } from "./cancel-task.ts";
import { changeTask } from "./change-task.ts";
import { claim } from "./claim.ts";
import { configure } from "./configure.ts";
import { enqueue } from "./enqueue.ts";
import { exportQueue } from "./export-queue.ts";
import { extend } from "./extend.ts";
import { getCost } from "./get-cost.ts";
import { getHistory } from "./get-history.ts";
import { getQueue } from "./get-queue.ts";
import { getTask } from "./get-task.ts";
import { deleteDocument, getDocument, listDocuments, putDocument } from "./documents.ts";
import { getKey, listKeys, resetKey, setKey, unblockKey } from "./keys.ts";
import { importQueue } from "./import-queue.ts";
import { listConsumers } from "./list-consumers.ts";
import { modify } from "./modify.ts";
import { nack } from "./nack.ts";
import { listOutbox, retryOutbox } from "./outbox.ts";
import { deleteQueue, purge } from "./purge.ts";
import { redrive } from "./redrive.ts";
import { releaseTask } from "./release-task.ts";
import { search } from "./search.ts";
import { settle } from "./settle.ts";
import type { ByName, OnQueue } from "./run.ts";
import type { QueueState } from "../state.ts";
import type { LATER } from "../turn.ts";

const BY_NAME = {
  ack,
  claim,
  configure,
  enqueue,
  extend,
  importQueue,
  listOutbox,
  modify,
  nack,
  putDocument,
  reincarnate,
  retryOutbox,
  settle,
} satisfies { readonly [Name in OperationName]?: ByName<Name> };

const ON_QUEUE: { readonly [Name in Exclude<OperationName, keyof typeof BY_NAME>]: OnQueue<Name> } = {
  apply,
  browse,
  cancelTask,
  changeTask,
  deleteDocument,
  deleteQueue,
  exportQueue,
  getCost,
  getDocument,
  getHistory,
  getKey,
  getQueue,
  getTask,
  listConsumers,
  listDocuments,
  listKeys,
  purge,
  redrive,
  releaseTask,
  resetKey,
  search,
  setKey,
  unblockKey,
};

/** They read no stored tasks, or have those written first that the turn has gathered. */
const GATHERING: ReadonlySet<OperationName> = new Set(["ack", "enqueue"]);

/**
 * Runs one operation in one transaction (P6). Answers and refusals are values; a throw is a bug or a lost database, after
 * which the state must be thrown away. `LATER`: the same call is to be made again in the next turn.
 *
 * @param name the queue's name, for the operations that create it
 * @returns `LATER`: it has done a turn's work, and is to be run again in the next
 */
export function operate<Name extends OperationName>(
  state: QueueState,
  operation: Name,
  input: InputOf<Name>,
  now: number,
  name: string,
): OutcomeOf<Name> | typeof LATER {
  const run = (): OutcomeOf<Name> | typeof LATER => {
    const byName = (BY_NAME as { readonly [Any in OperationName]?: ByName<Any> })[operation];
    if (byName !== undefined) return byName(state, input, now, name);
    const onQueue = (ON_QUEUE as { readonly [Any in OperationName]: OnQueue<Any> })[operation];
    const queue = state.existing();
    return queue === null ? { kind: "queue-not-found" } : onQueue(state, input, now, queue);
  };
  if (operation === "claim") return state.claiming(run);
  return GATHERING.has(operation) ? state.gathering(run) : state.transaction(run);
}
