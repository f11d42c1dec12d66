// The server of a torture: workerd, with its state on a disk that can be filled and a clock that can be stepped, killed and
// started again on its port, and stopped for a while.

import { readFileSync } from "node:fs";
import { startWorkerd, type WorkerdServer } from "../../scripts/workerd-server.ts";

interface Place {
  readonly stateDir: string;
  readonly configPath: string;
  readonly env: Readonly<Record<string, string>>;
}

export class TorturedServer {
  readonly #place: Place;
  #running: WorkerdServer;
  #isRestarting = false;
  #isOver = false;
  /** How often it ended by itself, which it never should. */
  crashes = 0;

  private constructor(place: Place, running: WorkerdServer) {
    this.#place = place;
    this.#running = running;
    void this.#startAfterCrash(this.#running);
  }

  static async start(place: Place): Promise<TorturedServer> {
    return new TorturedServer(place, await startWorkerd({ ...place, output: "ignore" }));
  }

  get url(): string {
    return this.#running.url;
  }

  get port(): number {
    return this.#running.port;
  }

  /** Memory in use, in megabytes. */
  get megabytes(): number {
    const status = readFileSync(`/proc/${this.#running.pid}/status`, "utf8");
    return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024);
  }

  /** kill -9, and the same state on the same port after `downMs`. One crash at a time. */
  async crash(downMs: number): Promise<void> {
    if (this.#isRestarting) return;
    this.#isRestarting = true;
    try {
      await this.#running.kill();
      await new Promise((fulfil) => setTimeout(fulfil, downMs));
      await this.#start();
    } finally {
      this.#isRestarting = false;
    }
  }

  /** SIGSTOP; call the answer to let it go on. One that is down, or has just ended, is not stopped. */
  stop(): () => void {
    if (this.#isRestarting) return () => {};
    const stopped = this.#running;
    signal(stopped.pid, "SIGSTOP");
    return () => {
      // It may have been killed meanwhile.
      if (this.#running === stopped) signal(stopped.pid, "SIGCONT");
    };
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running.stop();
  }

  async #start(): Promise<void> {
    const { port } = this.#running;
    this.#running = await startWorkerd({ ...this.#place, output: "ignore", port });
    void this.#startAfterCrash(this.#running);
  }

  async #startAfterCrash({ exited }: WorkerdServer): Promise<void> {
    await exited;
    if (this.#isRestarting || this.#isOver) return;
    this.crashes += 1;
    this.#isRestarting = true;
    await this.#start().finally(() => (this.#isRestarting = false));
  }
}

/** Nothing happens to a process that has ended. */
function signal(pid: number, name: "SIGSTOP" | "SIGCONT"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
