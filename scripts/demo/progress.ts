// How far the demo is: a bar that is redrawn on a terminal, a line now and then elsewhere.

const WIDTH = 40;
const LINE_EVERY_MS = 1_000;

export class Progress {
  readonly #total: number;
  readonly #out: NodeJS.WriteStream;
  readonly #startedAt = performance.now();
  #toldAt = 0;

  constructor(total: number, out: NodeJS.WriteStream = process.stdout) {
    this.#total = total;
    this.#out = out;
  }

  show(done: number): void {
    const now = performance.now();
    const perSecond = Math.round((1_000 * done) / Math.max(1, now - this.#startedAt));
    const counts = `${done.toLocaleString("en")} of ${this.#total.toLocaleString("en")} files, ${perSecond.toLocaleString("en")}/s`;
    if (this.#out.isTTY) {
      const filled = Math.round((WIDTH * done) / this.#total);
      this.#out.write(`\r[${"#".repeat(filled).padEnd(WIDTH, ".")}] ${counts}\u001B[K`);
    } else if (now - this.#toldAt >= LINE_EVERY_MS) {
      this.#toldAt = now;
      this.#out.write(`${counts}\n`);
    }
  }

  /** A line of its own, without tearing the bar. */
  say(line: string): void {
    this.#out.write(this.#out.isTTY ? `\r${line}\u001B[K\n` : `${line}\n`);
  }
}
