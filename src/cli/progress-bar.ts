// How far it is, on stderr, where somebody looks on.

import type { Terminal } from "./terminal.ts";

const WIDTH = 30;
/** Often enough to look smooth, seldom enough to cost nothing. ms. */
const EVERY_MS = 80;

export class ProgressBar {
  readonly #terminal: Terminal;
  readonly #total: number;
  readonly #startedAt = Date.now();
  #drawnAt = 0;

  /** @param total of what `at` counts, such as bytes */
  constructor(terminal: Terminal, total: number) {
    this.#terminal = terminal;
    this.#total = total;
  }

  at(done: number, count: number): void {
    if (this.#terminal.isJson || !this.#terminal.isWatched("err")) return;
    const now = Date.now();
    if (now - this.#drawnAt < EVERY_MS && done < this.#total) return;
    this.#drawnAt = now;
    const share = this.#total === 0 ? 1 : Math.min(1, done / this.#total);
    const full = Math.round(share * WIDTH);
    const rate = Math.round((count * 1_000) / Math.max(1, now - this.#startedAt));
    const bar = this.#terminal.paint("green", "█".repeat(full), "err") + "░".repeat(WIDTH - full);
    const percent = `${Math.floor(share * 100)}%`.padStart(4);
    this.#terminal.rewriteLine(
      `${bar} ${percent}  ${count.toLocaleString("en")} tasks  ${rate.toLocaleString("en")}/s`,
    );
  }

  /** The line is left as it is last. */
  end(): void {
    if (this.#drawnAt > 0) this.#terminal.error("");
  }
}
