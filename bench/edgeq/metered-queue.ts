// A queue of the bench's own Worker over HTTP: its costs, and time that passes when it is told to.
import { httpClient, type HttpClient } from "../measure/http-client.ts";
import type { Counts } from "./counts.ts";

export class MeteredQueue {
  readonly #client: HttpClient;
  readonly #path: string;

  constructor(origin: string, queue: string) {
    this.#client = httpClient(origin, 1);
    this.#path = `/bench/${queue}`;
  }

  /** Since its object woke. */
  counts(): Promise<Counts> {
    return this.#ask("GET", "");
  }

  /** From the first of these calls on, for all queues of the process, time passes in no other way. */
  async pass(ms: number): Promise<void> {
    await this.#ask("POST", `?ms=${ms}`);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #ask(method: "GET" | "POST", query: string): Promise<Counts> {
    const { status, body } = await this.#client.send(method, this.#path + query, null);
    if (status !== 200) throw new Error(`${this.#path}${query}: expected 200, found ${status} ${body.slice(0, 300)}`);
    return JSON.parse(body) as Counts;
  }
}
