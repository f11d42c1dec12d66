// The server that is fuzzed: plain workerd with its state in a folder, and a queue with tasks in every state and some documents.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../../scripts/bundle.ts";
import { startWorkerd, type WorkerdServer } from "../../scripts/workerd-server.ts";
import type { Known } from "./grammar.ts";

const QUEUE = "fuzzed";
const YEAR_MS = 31_000_000_000;

export class FuzzedServer {
  readonly #dir = mkdtempSync(join(tmpdir(), "edgeq-fuzz-"));
  #configPath = "";
  #running: WorkerdServer | null = null;
  #isEnding = false;
  /** Whether it has ended by itself. */
  hasCrashed = false;

  static async start(): Promise<FuzzedServer> {
    const server = new FuzzedServer();
    ({ configPath: server.#configPath } = await bundle(join(server.#dir, "worker")));
    await server.start();
    return server;
  }

  get url(): string {
    return this.#server.url;
  }

  get port(): number {
    return this.#server.port;
  }

  get stateDir(): string {
    return join(this.#dir, "state");
  }

  /** Memory in use, in megabytes. */
  get megabytes(): number {
    const status = readFileSync(`/proc/${this.#server.pid}/status`, "utf8");
    return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024);
  }

  async start(): Promise<void> {
    this.#isEnding = false;
    this.#running = await startWorkerd({ stateDir: this.stateDir, configPath: this.#configPath, output: "ignore" });
    void this.#watch(this.#running);
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    await this.#running?.stop();
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** Tasks that are ready, delayed, claimed for long and dead, and documents. */
  async prepare(): Promise<Known> {
    await this.#ask("PUT", "", { claimTimeoutMs: 43_200_000, retentionMs: null, dedupeMs: 604_800_000 });
    await this.#ask("POST", "/tasks", tasks("claimed", 10, { lane: "held" }));
    const claimed = await this.#ask("POST", "/claim", { max: 10, lanes: ["held"] });
    await this.#ask("POST", "/tasks", tasks("dead", 5, { lane: "held" }));
    const dead = await this.#ask("POST", "/claim", { max: 5, lanes: ["held"] });
    await this.#ask("POST", "/nack", {
      claims: claimsOf(dead).map((claim) => ({ claim, dead: true, error: "buried" })),
    });
    await this.#ask("POST", "/tasks", tasks("ready", 20, {}));
    await this.#ask("POST", "/tasks", tasks("delayed", 10, { delayMs: YEAR_MS, headers: { kind: "late" } }));
    const documents = Array.from({ length: 5 }, (_, index) => `document-${index}`);
    for (const key of documents) await this.#ask("PUT", `/documents/${key}`, { value: { key } });
    const ids = ["claimed", "dead", "ready", "delayed"].flatMap((name) =>
      [0, 1, 2, 3, 4].map((index) => `${name}-${index}`),
    );
    return { queue: QUEUE, ids, claims: claimsOf(claimed), documents };
  }

  get #server(): WorkerdServer {
    if (this.#running === null) throw new Error("the server is not started");
    return this.#running;
  }

  async #ask(method: string, path: string, body: object): Promise<unknown> {
    const response = await fetch(`${this.url}/v1/queues/${QUEUE}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status} ${text}`);
    return JSON.parse(text);
  }

  async #watch({ exited }: WorkerdServer): Promise<void> {
    await exited;
    if (!this.#isEnding) this.hasCrashed = true;
  }
}

function tasks(name: string, count: number, more: object): object {
  return {
    tasks: Array.from({ length: count }, (_, index) => ({
      id: `${name}-${index}`,
      payload: { [name]: index },
      ...more,
    })),
  };
}

function claimsOf(answer: unknown): string[] {
  return (answer as { readonly tasks: readonly { readonly claim: string }[] }).tasks.map(({ claim }) => claim);
}
