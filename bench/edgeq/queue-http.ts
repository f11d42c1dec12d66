// edgeq's HTTP API as the bench uses it: four requests, each checked for the answer that counts.
import { httpClient, type HttpClient } from "../measure/http-client.ts";

export interface HttpTask {
  readonly claim: string;
  readonly payload: object;
}

export class QueueHttp {
  readonly #client: HttpClient;
  readonly #path: string;

  constructor(origin: string, queue: string, connections: number) {
    this.#client = httpClient(origin, connections);
    this.#path = `/v1/queues/${queue}`;
  }

  /** `options` is JSON that follows the payload, such as `,"delayMs":1000`. */
  async enqueue(payload: string, options = ""): Promise<void> {
    await this.#post("/tasks", `{"payload":${payload}${options}}`, 201);
  }

  async enqueueMany(payloads: readonly string[], options = ""): Promise<void> {
    const tasks = payloads.map((payload) => `{"payload":${payload}${options}}`).join(",");
    await this.#post("/tasks", `{"tasks":[${tasks}]}`, 201);
  }

  async claim(max: number, waitMs = 0): Promise<readonly HttpTask[]> {
    const { tasks } = JSON.parse(await this.#post("/claim", `{"max":${max},"waitMs":${waitMs}}`, 200)) as {
      tasks: HttpTask[];
    };
    return tasks;
  }

  async ack(tasks: readonly HttpTask[]): Promise<void> {
    const body = await this.#post("/ack", JSON.stringify({ claims: tasks.map(({ claim }) => claim) }), 200);
    const { results } = JSON.parse(body) as { results: { ok: boolean }[] };
    const lost = results.filter(({ ok }) => !ok).length;
    if (lost > 0) throw new Error(`expected ${results.length} acks, ${lost} were refused: ${body.slice(0, 300)}`);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #post(path: string, body: string, expected: number): Promise<string> {
    const answer = await this.#client.send("POST", this.#path + path, body, { "content-type": "application/json" });
    if (answer.status !== expected)
      throw new Error(`${path}: expected ${expected}, found ${answer.status} ${answer.body.slice(0, 300)}`);
    return answer.body;
  }
}
