// The server's wall clock, stepped both ways: a small library, loaded into workerd, adds an offset that is read from a file.
// Where there is no C compiler, or no Linux, it says so and the server's clock is left alone.

import { execFileSync } from "node:child_process";
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { HistoryFile } from "./history.ts";

const SOURCE = new URL("./stepped-clock.c", import.meta.url).pathname;

export class SteppedClock {
  /** What workerd's environment has to hold. */
  readonly env: Readonly<Record<string, string>>;
  readonly #history: Pick<HistoryFile, "write">;
  readonly #file: number;
  #offsetMs = 0;

  private constructor(history: Pick<HistoryFile, "write">, library: string, path: string) {
    this.#history = history;
    writeFileSync(path, Buffer.alloc(8));
    this.#file = openSync(path, "r+");
    this.env = { LD_PRELOAD: library, EDGEQ_CLOCK: path };
  }

  /** null: the server's clock cannot be stepped here. */
  static build(history: Pick<HistoryFile, "write">, folder: string): SteppedClock | null {
    if (process.platform !== "linux") return null;
    const library = join(folder, "stepped-clock.so");
    try {
      execFileSync("cc", ["-O2", "-shared", "-fPIC", "-o", library, SOURCE], { stdio: "ignore", timeout: 30_000 });
    } catch {
      return null;
    }
    return new SteppedClock(history, library, join(folder, "clock-offset"));
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Written down on the side on which the checker's bounds hold: before the clock is later, after it is earlier. */
  step(offsetMs: number): void {
    const offset = Buffer.alloc(8);
    offset.writeBigInt64LE(BigInt(offsetMs));
    const isForward = offsetMs > this.#offsetMs;
    if (isForward) this.#history.write({ kind: "clock", offsetMs });
    writeSync(this.#file, offset, 0, 8, 0);
    if (!isForward) this.#history.write({ kind: "clock", offsetMs });
    this.#offsetMs = offsetMs;
  }

  close(): void {
    closeSync(this.#file);
  }
}
