// A server on plain workerd for the tests of a file, with its state in a folder of its own.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer, type WorkerdServer } from "../../src/serve/workerd-server.ts";
import { built } from "./built.ts";

export class TestServer {
  readonly #dir: string;
  readonly #configPath: string;
  readonly #env: Readonly<Record<string, string>>;
  #server: WorkerdServer;

  constructor(dir: string, configPath: string, env: Readonly<Record<string, string>>, server: WorkerdServer) {
    this.#dir = dir;
    this.#configPath = configPath;
    this.#env = env;
    this.#server = server;
  }

  static async start(env: Readonly<Record<string, string>> = { EDGEQ_AUTH: "open" }): Promise<TestServer> {
    const dir = await mkdtemp(join(tmpdir(), "edgeq-test-"));
    const { configPath } = await built("worker");
    const server = await startServer({ stateDir: join(dir, "state"), configPath, env, output: "ignore" });
    return new TestServer(dir, configPath, env, server);
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
    this.#server = await startServer({
      stateDir: join(this.#dir, "state"),
      configPath: this.#configPath,
      env: this.#env,
      output: "ignore",
      port,
    });
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }
}
