// A queue as programs use it. Every method is one operation of the API; what they share lies in the caller below.

import type { WireCall } from "../protocol/wire-call.ts";
import type { WireModified, WireModify } from "../protocol/wire-modify.ts";
import type { WireOperations } from "../protocol/wire-operations.ts";
import type { WireQueue, WireSettings, WireSettingsPatch, WireStats } from "../protocol/wire-queue.ts";
import type { WireEnqueuedTask, WireNewTask, WireTaskChange } from "../protocol/wire-task.ts";
import { Batcher } from "./batcher.ts";
import { bodyOf, type Asked, type CallControl, type Caller } from "./caller.ts";
import { QueueClaims } from "./claims.ts";
import { Documents } from "./documents.ts";
import { encodedModify } from "./encoded-modify.ts";
import { encodedTask } from "./encoded-task.ts";
import type { Enqueueable, Sent } from "./json-types.ts";
import { Keys } from "./keys.ts";
import { isOneTasks, only } from "./one-of-batch.ts";
import { arrayOption, objectOption } from "./option.ts";
import { jsonBody } from "./payload.ts";
import { foundOrNull } from "./problem-error.ts";
import { queueParts, type QueueOptions, type QueueParts } from "./queue-options.ts";
import { validated } from "./standard-schema.ts";
import type { Endpoint } from "./transport.ts";
import { decodedPage, type FoundPage, type TaskPage } from "./task-page.ts";
import { decodedTask, type BrowsedTask, type NewTask, type TaskOptions } from "./task.ts";

type Body<Name extends keyof WireOperations> = WireOperations[Name]["body"];
type Answer<Name extends keyof WireOperations> = Promise<WireOperations[Name]["answer"]>;

/**
 * One queue of one server. Holds no connection and needs no closing.
 *
 * Every method rejects with an EdgeqError: a ProblemError of the server's code (`QueueFullError`, `UnauthorizedError`, ...),
 * or UnreachableError when no answer came; or with the reason of an aborted signal.
 */
export class Queue<Payload = unknown, Claimed = Payload> extends QueueClaims<Claimed> {
  declare readonly name: string;
  /** Small JSON values that change in one commit with the tasks. */
  declare readonly documents: Documents;
  /** What tasks belong to: how each key stands, and what is set for it. */
  declare readonly keys: Keys;
  /** Where its server is, for consumers' sockets; null: it is reached by calls alone. */
  declare readonly endpoint: Endpoint | null;
  readonly #caller: Caller;
  readonly #schema: QueueParts<Claimed>["schema"];
  readonly #enqueues: Batcher<WireNewTask, WireEnqueuedTask> | null;

  /**
   * @param name 1 to 80 characters: letters, digits, dot, underscore, hyphen, the first a letter or digit
   * @param options `url` and `token` of the server, or a `transport`. Throws InvalidOptionError for a wrong one.
   */
  constructor(name: string, options: QueueOptions<Payload, Claimed>) {
    const { caller, batch, endpoint, schema, claimSchema } = queueParts(name, options);
    super(caller, claimSchema, batch);
    this.name = name;
    this.#caller = caller;
    this.#schema = schema;
    this.endpoint = endpoint;
    this.documents = new Documents(caller);
    this.keys = new Keys(caller);
    this.#enqueues = batch && new Batcher(batch, (tasks) => this.#send({ tasks }, {}), isOneTasks);
  }

  /**
   * Writes one task; when it resolves, the task is durable (P1).
   *
   * @param options the task's, and `signal`, `timeoutMs` and `retry` of the call
   * @returns the task's id, version and instant; `duplicate` when its id was known and nothing was written (P10)
   */
  async enqueue(
    payload: Enqueueable<Payload, Claimed>,
    options: TaskOptions & CallControl = {},
  ): Promise<WireEnqueuedTask> {
    const body = bodyOf(options);
    if (this.#schema) await validated(this.#schema, payload);
    const task = encodedTask({ ...body, payload });
    if (this.#enqueues) return this.#enqueues.submit(task, options.signal, jsonBody(task).length);
    return only(await this.#send(task, options));
  }

  /**
   * Writes up to 1,000 tasks, all or none, in order.
   *
   * @param options `call`: a number that your program gives, in place of the client, and keeps over its restarts (P10)
   */
  async enqueueBatch(
    tasks: readonly NewTask<Enqueueable<Payload, Claimed>>[],
    { call, ...control }: CallControl & { readonly call?: WireCall } = {},
  ): Promise<WireEnqueuedTask[]> {
    arrayOption("tasks", tasks);
    if (tasks.length === 0) return [];
    const encoded: WireNewTask[] = [];
    for (const [index, task] of tasks.entries()) {
      const at = `tasks[${index}]`;
      objectOption(at, task);
      if (this.#schema) await validated(this.#schema, task.payload, `${at}.payload`);
      encoded.push(encodedTask(task, `${at}.payload`));
    }
    return this.#send({ tasks: encoded, ...(call && { call }) }, control);
  }

  /**
   * Inserts, changes, deletes and depends on tasks and documents in one step, whole or not at all (P6). Up to 100 references.
   *
   * Rejects with DependencyFailedError, whose `problem.failures` lists every reference that failed (WireModifyFailure). With
   * `idempotent: false` it is not sent again when no answer came: look at what is there, and decide.
   */
  async modify(changes: WireModify, control: CallControl = {}): Promise<WireModified> {
    return this.#ask("modify", { ...control, ...encodedModify(changes) });
  }

  /** One task, without claiming it; null when it is not there. */
  async get(id: string, control: CallControl = {}): Promise<BrowsedTask<Sent<Payload, Claimed>> | null> {
    const task = await foundOrNull(this.#ask("getTask", { ...control, id }));
    return task && decodedTask(task);
  }

  /**
   * Changes a task that is not claimed. Rejects with VersionConflictError when it is not at `version`.
   *
   * @param change `redrive`: of a task that died in this queue, which then begins again with the change
   */
  async change(
    id: string,
    version: number,
    change: WireTaskChange & { readonly redrive?: boolean },
    control: CallControl = {},
  ): Promise<BrowsedTask<Sent<Payload, Claimed>>> {
    objectOption("change", change);
    const encoded = "payload" in change ? encodedTask(change) : change;
    return decodedTask(await this.#ask("changeTask", { ...control, ...encoded, id, version }));
  }

  /** Takes a task out. `force`: also when it is claimed. Rejects with TaskNotFoundError or VersionConflictError. */
  async cancel(id: string, options: Omit<Body<"cancelTask">, "id"> & CallControl = {}): Promise<void> {
    await this.#ask("cancelTask", { ...options, id });
  }

  /**
   * Takes a claim away from its holder: the task is offered again, and the attempt is not counted. Rejects with TaskNotFoundError, or
   * with VersionConflictError when the task is not claimed or not at `version`.
   */
  async release(
    id: string,
    options: Omit<Body<"releaseTask">, "id"> & CallControl = {},
  ): Promise<BrowsedTask<Sent<Payload, Claimed>>> {
    return decodedTask(await this.#ask("releaseTask", { ...options, id }));
  }

  /** A page of tasks (`limit` 1 to 1,000, default 100), and the cursor of the next; null: there is none. */
  async browse(options: Body<"browse"> & CallControl = {}): Promise<TaskPage<Sent<Payload, Claimed>>> {
    return decodedPage(await this.#ask("browse", options));
  }

  /** All tasks, page by page. */
  async *browseAll(
    options: Body<"browse"> & CallControl = {},
  ): AsyncGenerator<BrowsedTask<Sent<Payload, Claimed>>, void> {
    let asked = options;
    for (;;) {
      const { tasks, cursor } = await this.browse(asked);
      yield* tasks;
      if (cursor === null) return;
      asked = { ...options, cursor };
    }
  }

  /**
   * A page of the tasks that match, such as `state:dead error:timeout payload.customer.id:42` (docs/http.md has the language; absent: all),
   * and how many were looked at. A page may be short, or empty: only a `cursor` of null means that there are no more.
   */
  async search(options: Body<"search"> & CallControl = {}): Promise<FoundPage<Sent<Payload, Claimed>>> {
    return decodedPage(await this.#ask("search", options));
  }

  /**
   * Retries, snoozes, cancels, releases or redrives the tasks that match, up to `limit` (1 to 1,000, the default) of them; with
   * `dryRun` it counts them. While the answer has a `cursor`, call again with it and the same options: each call is a commit of its own.
   */
  apply(options: Body<"apply"> & CallControl): Answer<"apply"> {
    return this.#ask("apply", options);
  }

  /** Name, birthday, settings and stats. Rejects with QueueNotFoundError. */
  info(control: CallControl = {}): Promise<WireQueue> {
    return this.#ask("getQueue", control);
  }

  async settings(control: CallControl = {}): Promise<WireSettings> {
    return (await this.info(control)).settings;
  }

  async stats(control: CallControl = {}): Promise<WireStats> {
    return (await this.info(control)).stats;
  }

  /** Changes the settings that are given, and creates the queue if it does not exist. */
  async configure(settings: WireSettingsPatch, control: CallControl = {}): Promise<WireSettings> {
    return (await this.#ask("configure", { ...control, ...settings })).settings;
  }

  /** Nothing is offered until `resume`; enqueue, ack and nack go on. */
  async pause(control: CallControl = {}): Promise<void> {
    await this.configure({ paused: true }, control);
  }

  async resume(control: CallControl = {}): Promise<void> {
    await this.configure({ paused: false }, control);
  }

  /** Takes out all tasks, claimed and dead ones too; answers with their number. */
  async purge(control: CallControl = {}): Promise<number> {
    return (await this.#ask("purge", control)).tasks;
  }

  /** Removes the queue with its tasks and settings; answers with the number of tasks. */
  async delete(control: CallControl = {}): Promise<number> {
    return (await this.#ask("deleteQueue", control)).tasks;
  }

  /**
   * Offers dead tasks again, all or the named ones, up to `limit` (1 to 1,000, the default). A call looks at a bounded number
   * of tasks: while the answer has a `cursor`, call again with it and the same options. Dead letters that were changed are
   * left, unless `changedTo` names the queues that they came from.
   */
  redrive(options: Body<"redrive"> & CallControl = {}): Promise<WireOperations["redrive"]["answer"]> {
    return this.#ask("redrive", options);
  }

  /**
   * What happened to tasks from `from` to `to` (ms since 1970, default: the last hour), in steps of `stepMs`: 10,000, or whole minutes
   * (default one). At most 1,440 steps; minutes are kept for seven days. Rejects with QueueNotFoundError, or InvalidRequestError.
   */
  history(options: Body<"getHistory"> & CallControl = {}): Answer<"getHistory"> {
    return this.#ask("getHistory", options);
  }

  /** What it has cost in this hour, day and month (UTC), by what it was used for, and a forecast. Rejects with QueueNotFoundError. */
  cost(control: CallControl = {}): Answer<"getCost"> {
    return this.#ask("getCost", control);
  }

  /** Who holds claims or waits for tasks, up to `limit` (1 to 1,000, default 100) of them. Rejects with QueueNotFoundError. */
  consumers(options: Body<"listConsumers"> & CallControl = {}): Answer<"listConsumers"> {
    return this.#ask("listConsumers", options);
  }

  /** Messages to other queues that have not arrived, a page of `limit` (1 to 1,000, default 100), and why. */
  outbox(options: Body<"listOutbox"> & CallControl = {}): Promise<WireOperations["listOutbox"]["answer"]> {
    return this.#ask("listOutbox", options);
  }

  /** Sends again what was refused too often, to all queues or one, up to `limit` (1 to 1,000, default 100); `more`: call again. */
  retryOutbox(options: Body<"retryOutbox"> & CallControl = {}): Promise<WireOperations["retryOutbox"]["answer"]> {
    return this.#ask("retryOutbox", options);
  }

  #ask<Name extends keyof WireOperations>(operation: Name, options: Asked<Name>): Answer<Name> {
    return this.#caller.ask(operation, options);
  }

  #send(body: Body<"enqueue">, control: CallControl): Promise<WireEnqueuedTask[]> {
    return this.#caller.call("enqueue", body, control).then(({ answer }) => answer.tasks as WireEnqueuedTask[]);
  }
}
