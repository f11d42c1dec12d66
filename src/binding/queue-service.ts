// The entrypoint by which another Worker reaches queues: a service binding instead of a URL and a token. Its props say
// which queues and actions the binding may use; without props it may use none.

import { WorkerEntrypoint } from "cloudflare:workers";
import type { ObjectBindings } from "../object/object-bindings.ts";
import type { Action } from "../protocol/action.ts";
import type { WireAnswer, WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import { callOperation, type ServiceOutcome } from "./call-operation.ts";

/** Set in the binding's `props`, in the wrangler.toml of the Worker that calls. */
export interface QueueServiceProps {
  /** Names of queues, in which `*` stands for any characters, or none. 1 to 100. */
  readonly queues: readonly string[];
  readonly can: readonly Action[];
}

type Outcome<Name extends WireOperationName> = Promise<ServiceOutcome<WireAnswer<Name>>>;

/**
 * Every operation of a queue over RPC. Bodies and answers are those of the HTTP API (docs/binding.md); a method never
 * throws for what a caller can do wrong.
 */
export class QueueService extends WorkerEntrypoint<ObjectBindings, QueueServiceProps> {
  /** The operation by its name: what clients are built on. The methods below are the same, with their names. */
  call<Name extends WireOperationName>(queue: string, operation: Name, body: WireBody<Name>): Outcome<Name> {
    return this.#call(queue, operation, body);
  }

  /** Writes 1 to 1,000 tasks, all or none. Action `enqueue`. */
  enqueue(queue: string, body: WireBody<"enqueue">): Outcome<"enqueue"> {
    return this.#call(queue, "enqueue", body);
  }

  /**
   * Takes ready tasks until a deadline; with `waitMs`, up to 20,000, waits for some. Action `claim`. A caller that ends
   * while it waits may still be given tasks, which come back when their claim expires: wait no longer than you live.
   */
  claim(queue: string, body: WireBody<"claim"> = {}): Outcome<"claim"> {
    return this.#call(queue, "claim", body);
  }

  /** Ends claims with success. An answer for each, in order. Action `claim`. */
  ack(queue: string, body: WireBody<"ack">): Outcome<"ack"> {
    return this.#call(queue, "ack", body);
  }

  /** Ends claims without success. An answer for each, in order. Action `claim`. */
  nack(queue: string, body: WireBody<"nack">): Outcome<"nack"> {
    return this.#call(queue, "nack", body);
  }

  /** Keeps claims for longer. An answer for each, in order. Action `claim`. */
  extend(queue: string, body: WireBody<"extend">): Outcome<"extend"> {
    return this.#call(queue, "extend", body);
  }

  /** Acks and nacks in one commit. Answers for each, in order. Action `claim`. */
  settle(queue: string, body: WireBody<"settle">): Outcome<"settle"> {
    return this.#call(queue, "settle", body);
  }

  /**
   * Inserts, changes, deletes and depends, all or nothing. Action `claim`; for tasks put into a queue also `enqueue` there,
   * for tasks that are touched unclaimed also `manage`.
   */
  modify(queue: string, body: WireBody<"modify">): Outcome<"modify"> {
    return this.#call(queue, "modify", body);
  }

  /** Looks at one document. Action `browse`. */
  getDocument(queue: string, body: WireBody<"getDocument">): Outcome<"getDocument"> {
    return this.#call(queue, "getDocument", body);
  }

  /** Writes a document; with `version`, only if it is at that one. Action `claim`. */
  putDocument(queue: string, body: WireBody<"putDocument">): Outcome<"putDocument"> {
    return this.#call(queue, "putDocument", body);
  }

  /** Deletes a document; with `version`, only if it is at that one. Action `claim`. */
  deleteDocument(queue: string, body: WireBody<"deleteDocument">): Outcome<"deleteDocument"> {
    return this.#call(queue, "deleteDocument", body);
  }

  /** Pages through documents in the order of their keys. Action `browse`. */
  listDocuments(queue: string, body: WireBody<"listDocuments"> = {}): Outcome<"listDocuments"> {
    return this.#call(queue, "listDocuments", body);
  }

  /** Looks at one task. Action `browse`. */
  getTask(queue: string, body: WireBody<"getTask">): Outcome<"getTask"> {
    return this.#call(queue, "getTask", body);
  }

  /** Changes an unclaimed task that is at `version`. Action `manage`. */
  changeTask(queue: string, body: WireBody<"changeTask">): Outcome<"changeTask"> {
    return this.#call(queue, "changeTask", body);
  }

  /** Removes a task. Action `manage`. */
  cancelTask(queue: string, body: WireBody<"cancelTask">): Outcome<"cancelTask"> {
    return this.#call(queue, "cancelTask", body);
  }

  /** Pages through tasks without claiming them. Action `browse`. */
  browse(queue: string, body: WireBody<"browse"> = {}): Outcome<"browse"> {
    return this.#call(queue, "browse", body);
  }

  /** Settings and counts. Action `browse`. */
  getQueue(queue: string): Outcome<"getQueue"> {
    return this.#call(queue, "getQueue", {});
  }

  /** Changes settings, and creates the queue if it does not exist. `{paused: true}` pauses. Action `manage`. */
  configure(queue: string, settings: WireBody<"configure">): Outcome<"configure"> {
    return this.#call(queue, "configure", settings);
  }

  /** Deletes all tasks. Action `manage`. */
  purge(queue: string): Outcome<"purge"> {
    return this.#call(queue, "purge", {});
  }

  /** Offers dead tasks again. Action `manage`. */
  redrive(queue: string, body: WireBody<"redrive"> = {}): Outcome<"redrive"> {
    return this.#call(queue, "redrive", body);
  }

  /** What happened to its tasks. Action `browse`. */
  getHistory(queue: string, body: WireBody<"getHistory"> = {}): Outcome<"getHistory"> {
    return this.#call(queue, "getHistory", body);
  }

  /** What it has cost. Action `browse`. */
  getCost(queue: string): Outcome<"getCost"> {
    return this.#call(queue, "getCost", {});
  }

  /** Who works on it. Action `browse`. */
  listConsumers(queue: string, body: WireBody<"listConsumers"> = {}): Outcome<"listConsumers"> {
    return this.#call(queue, "listConsumers", body);
  }

  /** What has not arrived at other queues, and why. Action `browse`. */
  listOutbox(queue: string, body: WireBody<"listOutbox"> = {}): Outcome<"listOutbox"> {
    return this.#call(queue, "listOutbox", body);
  }

  /** Sends again what was parked. Action `manage`. */
  retryOutbox(queue: string, body: WireBody<"retryOutbox"> = {}): Outcome<"retryOutbox"> {
    return this.#call(queue, "retryOutbox", body);
  }

  /** Deletes the queue with its tasks and settings. Action `manage`. */
  deleteQueue(queue: string): Outcome<"deleteQueue"> {
    return this.#call(queue, "deleteQueue", {});
  }

  #call<Name extends WireOperationName>(queue: string, name: Name, body: unknown): Outcome<Name> {
    return callOperation(this.env, this.ctx.props, queue, name, body);
  }
}
