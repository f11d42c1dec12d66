// A queue over HTTP, as its users have it: requests go to the Worker's own fetch, answers are read as JSON.

import { createExecutionContext } from "cloudflare:test";
import type { EnqueuedTask, ExtendResult, ItemResult, QueueView } from "../../src/core/operation.ts";
import type { BrowsedTask, ClaimedTask } from "../../src/core/task.ts";
import worker from "../../src/index.ts";
import { env } from "cloudflare:workers";

const ORIGIN = "http://localhost";

/** A task in an answer: its payload is whatever JSON was sent. */
export type Sent<Of> = Omit<Of, "payload" | "contentType"> & {
  readonly payload: unknown;
  readonly encoding: "json" | "text" | "base64";
  readonly contentType?: string;
};
export type SentClaim = Sent<ClaimedTask>;
export type SentTask = Sent<BrowsedTask>;

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

let queues = 0;

/** A name that no other test of this file has; storage is kept apart by file. */
export function newQueueName(): string {
  queues += 1;
  return `queue-${queues}`;
}

/** Sends anything to any path. Called straight, since the test pool's loopback gets slower with every request it serves. */
export function fetchPath(path: string, init?: RequestInit): Promise<Response> {
  return worker.fetch(new Request(ORIGIN + path, init), env, createExecutionContext());
}

export async function answerOf<Body>(response: Response): Promise<Answer<Body>> {
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Sends a value as JSON, or text as the JSON that it is meant to be. */
export async function send<Body = Record<string, unknown>>(
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer<Body>> {
  const init: RequestInit = { method };
  if (body !== undefined) {
    init.body = typeof body === "string" ? body : JSON.stringify(body);
    init.headers = { "content-type": "application/json" };
  }
  return answerOf<Body>(await fetchPath(path, init));
}

/** One queue: its paths, and its operations for tests in which they are expected to succeed. */
export class QueueApi {
  readonly name: string;
  readonly path: string;

  constructor(name: string) {
    this.name = name;
    this.path = `/v1/queues/${name}`;
  }

  /** @param rest what follows the queue's own path: "/tasks", "/claim", ... */
  send<Body = Record<string, unknown>>(method: string, rest: string, body?: unknown): Promise<Answer<Body>> {
    return send<Body>(method, this.path + rest, body);
  }

  fetch(rest: string, init?: RequestInit): Promise<Response> {
    return fetchPath(this.path + rest, init);
  }

  /** Enqueues one task and answers with it. */
  async enqueue(task: unknown): Promise<EnqueuedTask> {
    const [enqueued] = await this.#ok<{ tasks: EnqueuedTask[] }>("POST", "/tasks", task, 201).then(tasksOf);
    if (enqueued === undefined) throw new Error("nothing was enqueued");
    return enqueued;
  }

  async enqueueAll(tasks: readonly unknown[]): Promise<EnqueuedTask[]> {
    return tasksOf(await this.#ok<{ tasks: EnqueuedTask[] }>("POST", "/tasks", { tasks }, 201));
  }

  async claim(input: Readonly<Record<string, unknown>> = {}): Promise<SentClaim[]> {
    return tasksOf(await this.#ok<{ tasks: SentClaim[] }>("POST", "/claim", input));
  }

  /** The one task that there is to claim. */
  async claimOne(input: Readonly<Record<string, unknown>> = {}): Promise<SentClaim> {
    const tasks = await this.claim(input);
    const [task] = tasks;
    if (task === undefined || tasks.length > 1) throw new Error(`expected one task, found ${tasks.length}`);
    return task;
  }

  async ack(...claims: readonly string[]): Promise<(ItemResult & { claim: string })[]> {
    return (await this.#ok<{ results: (ItemResult & { claim: string })[] }>("POST", "/ack", { claims })).results;
  }

  async nack(...claims: readonly unknown[]): Promise<(ItemResult & { claim: string })[]> {
    return (await this.#ok<{ results: (ItemResult & { claim: string })[] }>("POST", "/nack", { claims })).results;
  }

  async extend(claimTimeoutMs: number, ...claims: readonly string[]): Promise<(ExtendResult & { claim: string })[]> {
    const body = { claims, claimTimeoutMs };
    return (await this.#ok<{ results: (ExtendResult & { claim: string })[] }>("POST", "/extend", body)).results;
  }

  task(id: string): Promise<SentTask> {
    return this.#ok<SentTask>("GET", `/tasks/${encodeURIComponent(id)}`);
  }

  async browse(query = ""): Promise<{ tasks: SentTask[]; cursor: string | null }> {
    return this.#ok("GET", `/tasks${query}`);
  }

  configure(settings: unknown): Promise<QueueView> {
    return this.#ok("PUT", "", settings);
  }

  view(): Promise<QueueView> {
    return this.#ok("GET", "");
  }

  /** ready, delayed, claimed and dead; what a refused request must leave as it was. */
  async counts(): Promise<Record<string, unknown>> {
    const { ready, delayed, claimed, dead } = (await this.view()).stats;
    return { ready, delayed, claimed, dead };
  }

  async #ok<Body>(method: string, rest: string, body?: unknown, status = 200): Promise<Body> {
    const answer = await this.send<Body>(method, rest, body);
    if (answer.status !== status)
      throw new Error(`${method} ${rest}: expected ${status}, found ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

/** A queue of its own for each test. */
export function api(name: string = newQueueName()): QueueApi {
  return new QueueApi(name);
}

function tasksOf<Task>({ tasks }: { tasks: Task[] }): Task[] {
  return tasks;
}
