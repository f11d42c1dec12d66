// edgeq's HTTP API as the bench uses it: four requests, each checked for the answer that counts.
import { setTimeout as wait } from "node:timers/promises";
import { enqueueBody } from "./task-json.ts";
import { httpClient, type HttpClient } from "../measure/http-client.ts";

const mostAgain = 100;
const againMs = 100;

export interface HttpTask {
  readonly claim: string;
  readonly payload: object;
}

export class QueueHttp {
  readonly #client: HttpClient;
  readonly #path: string;

  constructor(client: HttpClient, queue: string) {
    this.#client = client;
    this.#path = `/v1/queues/${queue}`;
  }

  /** A queue over connections of its own. */
  static open(origin: string, queue: string, connections: number): QueueHttp {
    return new QueueHttp(httpClient(origin, connections), queue);
  }

  /** Tasks as JSON, see `taskJson`, in one request. @param call its number, as JSON */
  async enqueue(tasks: readonly string[], call?: string): Promise<void> {
    await this.#post("/tasks", enqueueBody(tasks, call), 201);
  }

  /** Whether the server knows numbered calls, which older ones refuse. Leaves a task where it does. */
  async numbersCalls(): Promise<boolean> {
    const body = enqueueBody([`{"payload":0}`], `{"producer":"0123456789abcdef","number":1,"from":1}`);
    const { status } = await this.#client.send("POST", `${this.#path}/tasks`, body, {
      "content-type": "application/json",
    });
    return status === 201;
  }

  async claim(max: number, options: { waitMs?: number; claimTimeoutMs?: number } = {}): Promise<readonly HttpTask[]> {
    const body = await this.#post("/claim", JSON.stringify({ max, ...options }), 200);
    const { tasks } = JSON.parse(body) as { tasks: HttpTask[] };
    return tasks;
  }

  async ack(tasks: readonly HttpTask[]): Promise<void> {
    await this.#settle("/ack", tasks);
  }

  /** They fail, and come back after the queue's backoff. */
  async nack(tasks: readonly HttpTask[]): Promise<void> {
    await this.#settle("/nack", tasks);
  }

  /** They fail for good: dead in their own queue. */
  async bury(tasks: readonly HttpTask[]): Promise<void> {
    const claims = tasks.map(({ claim }) => ({ claim, dead: true }));
    await this.#post("/nack", JSON.stringify({ claims }), 200);
  }

  /** Changes the queue's settings. Null: done; else what the server says it does not know or allow. */
  async configure(settings: object): Promise<string | null> {
    const headers = { "content-type": "application/json" };
    const { status, body } = await this.#client.send("PUT", this.#path, JSON.stringify(settings), headers);
    if (status === 200 || status === 201) return null;
    if (status !== 400) throw new Error(`PUT: expected 200 or 400, found ${status} ${body.slice(0, 300)}`);
    return (JSON.parse(body) as { detail?: string }).detail ?? body;
  }

  /** The queue with its counts. */
  async look(): Promise<void> {
    const { status, body } = await this.#client.send("GET", this.#path, null);
    if (status !== 200) throw new Error(`GET: expected 200, found ${status} ${body.slice(0, 300)}`);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #settle(path: string, tasks: readonly HttpTask[]): Promise<void> {
    const body = await this.#post(path, JSON.stringify({ claims: tasks.map(({ claim }) => claim) }), 200);
    const { results } = JSON.parse(body) as { results: { ok: boolean }[] };
    const lost = results.filter(({ ok }) => !ok).length;
    if (lost > 0) throw new Error(`${path}: ${lost} of ${results.length} claims were lost: ${body.slice(0, 300)}`);
  }

  /** Sent again, as the client does, while the server has too much to do: of a queue's thousand requests at once it takes 768. */
  async #post(path: string, body: string, expected: number): Promise<string> {
    const send = () => this.#client.send("POST", this.#path + path, body, { "content-type": "application/json" });
    let answer = await send();
    for (let again = 0; answer.status === 503 && again < mostAgain; again += 1) {
      await wait(againMs);
      answer = await send();
    }
    if (answer.status !== expected)
      throw new Error(`${path}: expected ${expected}, found ${answer.status} ${answer.body.slice(0, 300)}`);
    return answer.body;
  }
}
