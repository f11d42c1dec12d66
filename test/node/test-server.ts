// A server on plain workerd for the tests of a file, with its state in a folder of its own.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer, type WorkerdServer } from "../../src/serve/workerd-server.ts";
import { built } from "./built.ts";

type ServerEnv = Readonly<Record<string, string>>;

const OPEN: ServerEnv = { EDGEQ_AUTH: "open" };

export class TestServer {
  readonly #env: ServerEnv;
  #dir = "";
  #started: WorkerdServer | null = null;

  constructor(env = OPEN) {
    this.#env = env;
  }

  static async start(env = OPEN): Promise<TestServer> {
    const server = new TestServer(env);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    this.#dir = await mkdtemp(join(tmpdir(), "edgeq-test-"));
    await this.#serve();
  }

  get url(): string {
    return this.#server.url;
  }

  get pid(): number {
    return this.#server.pid;
  }

  /** kill -9, then the same state on the same port. `between` runs while nothing listens. */
  async crash(between: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const { port } = this.#server;
    await this.#server.kill();
    await between();
    await this.#serve(port);
  }

  async stop(): Promise<void> {
    await this.#started?.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }

  get #server(): WorkerdServer {
    if (this.#started === null) throw new Error("the server has not been started");
    return this.#started;
  }

  async #serve(port?: number): Promise<void> {
    const { configPath } = await built("worker");
    const stateDir = join(this.#dir, "state");
    const options = { stateDir, configPath, env: this.#env, output: "ignore" } as const;
    this.#started = await startServer(port === undefined ? options : { ...options, port });
  }
}
