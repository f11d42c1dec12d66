// Ends a run in which a file has stopped. A test that spins in microtasks or waits in a child process never lets the timeout of its
// own process fire, so the main process watches from outside.

import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";

/** More than two timeouts of a test or a hook. */
const STALL_MS = 600_000;

interface Running {
  readonly timer: NodeJS.Timeout;
  /** The last test of the file that has ended. */
  lastTest: string;
}

export class StallReporter implements Reporter {
  readonly #stallMs: number;
  readonly #running = new Map<string, Running>();
  #vitest: Vitest | undefined;

  /** @param stallMs how long a file may go without ending a test */
  constructor(stallMs = STALL_MS) {
    this.#stallMs = stallMs;
  }

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestModuleQueued({ moduleId }: TestModule): void {
    const timer = setTimeout(() => void this.#stop(moduleId), this.#stallMs);
    this.#running.set(moduleId, { timer: timer.unref(), lastTest: "none of its tests" });
  }

  onTestCaseResult({ module, fullName }: TestCase): void {
    const running = this.#running.get(module.moduleId);
    if (running === undefined) return;
    running.timer.refresh();
    running.lastTest = `"${fullName}"`;
  }

  onTestModuleEnd({ moduleId }: TestModule): void {
    clearTimeout(this.#running.get(moduleId)?.timer);
    this.#running.delete(moduleId);
  }

  async #stop(moduleId: string): Promise<void> {
    const last = this.#running.get(moduleId)?.lastTest;
    console.error(
      `${moduleId} has stopped: no test of it has ended for ${this.#stallMs / 1000} s, the last was ${last}`,
    );
    for (const other of this.#running.keys()) if (other !== moduleId) console.error(`running beside it: ${other}`);
    process.exitCode = 1;
    // The first call asks the workers to end, the second kills those that did not.
    void this.#vitest?.cancelCurrentRun("test-failure");
    await this.#vitest?.cancelCurrentRun("test-failure");
  }
}
