// edgeq top in a terminal: a pseudo-terminal of Python's, with keys, a size and modes that it must give back.

import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { cutTo } from "../../src/cli/screen.ts";
import { TestServer } from "../node/test-server.ts";
import { built } from "../node/built.ts";

const MAIN = await built("cli");
const hasPython = spawnSync("python3", ["--version"], { timeout: 10_000 }).status === 0;
const LONG = `tenant-${"0123456789".repeat(6)}`;

/** `top` in a terminal, and what its user sees of it. */
class TopInTerminal {
  readonly #child;
  #shown = "";
  #said = "";
  #wake: () => void = () => {};

  constructor(
    url: string,
    rows: number,
    columns: number,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ) {
    const command = [process.execPath, MAIN, "--url", url, "top", ...args];
    const program = [join(import.meta.dirname, "in-terminal.py"), String(rows), String(columns), ...command];
    this.#child = spawn("python3", program, {
      env: { PATH: process.env["PATH"] ?? "", TERM: "xterm-256color", ...env },
      stdio: "pipe",
    });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#shown += text;
      this.#wake();
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
    this.#child.once("close", () => this.#wake());
    onTestFinished(() => {
      this.#child.kill();
    });
  }

  do(action: string): void {
    this.#child.stdin.write(`${action}\n`);
  }

  /** Everything that was written to the terminal. */
  get written(): string {
    return this.#shown;
  }

  /** The lines of the screen, once they are as they should be. */
  async sees(isAsExpected: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
    for (;;) {
      const lines = this.#screen();
      if (lines !== null && isAsExpected(lines)) return lines;
      if (this.#child.exitCode !== null) throw new Error(`it ended, and had shown: ${this.#shown}${this.#said}`);
      await new Promise<void>((fulfil) => (this.#wake = fulfil));
    }
  }

  /** How it ended: its status, and whether the terminal's modes are as before. */
  async ended(): Promise<string> {
    while (this.#child.exitCode === null) await new Promise<void>((fulfil) => (this.#wake = fulfil));
    return this.#said.trim();
  }

  /** What was drawn last and whole, without colours; null: nothing yet. */
  #screen(): string[] | null {
    const drawn = this.#shown.split("\u001B[H").slice(1);
    const last = drawn.findLast((text) => text.includes("\u001B[J"));
    // oxlint-disable-next-line no-control-regex
    return last === undefined ? null : last.replaceAll(/\u001B\[[\d;?]*[A-Za-z]/g, "").split("\r\n");
  }
}

function fits(lines: readonly string[], rows: number, columns: number): boolean {
  return lines.length <= rows && lines.every((line) => line.length <= columns);
}

function hasLong(lines: readonly string[]): boolean {
  return lines.some((line) => line.startsWith(LONG));
}

describe.skipIf(!hasPython)("in a terminal (skipped without python3)", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
    const queues = Array.from({ length: 12 }, (_, at) => `calm-${at}`);
    await Promise.all([LONG, ...queues].map((name) => new Queue(name, { url: server.url }).enqueue({ a: 1 })));
  });
  afterAll(() => server.stop());

  function top(
    rows: number,
    columns: number,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): TopInTerminal {
    return new TopInTerminal(server.url, rows, columns, args, env);
  }

  test("a screen of any size holds what is shown: columns are left out first, then lines are cut, and no line wraps", async () => {
    const wide = top(30, 160, ["--interval", "100ms"]);
    const lines = await wide.sees(hasLong);
    expect(lines[1]).toMatch(/^QUEUE +READY +DELAYED +CLAIMED +DEAD +OLDEST +IN\/MIN +OUT\/MIN +TROUBLE/);
    expect(fits(lines, 30, 160)).toBe(true);
    wide.do("size 30 100");
    expect((await wide.sees((now) => fits(now, 30, 100)))[1]).toMatch(/^QUEUE +READY .*TROUBLE/);
    wide.do("size 6 30");
    const small = await wide.sees((now) => fits(now, 6, 30));
    expect(small.at(-1)).toMatch(/^There are more, in less troub…?/);
    expect(small.filter((line) => line.startsWith("calm-") || line.startsWith("tenant-"))).toHaveLength(3);
    wide.do("size 30 160");
    await wide.sees((now) => now.length > 10 && hasLong(now));
    wide.do("type q");
    expect(await wide.ended()).toBe("status 0, modes kept");
  });

  test("a change of size and a key are answered at once, however long the interval is", async () => {
    const slow = top(30, 160, ["--interval", "1h"]);
    await slow.sees(hasLong);
    slow.do("size 8 60");
    await slow.sees((now) => fits(now, 8, 60));
    slow.do("size 30 160");
    await slow.sees(hasLong);
    await new Queue("new-in-between", { url: server.url }).enqueue(1);
    // A queue is listed a moment after its first write.
    const looks = setInterval(() => slow.do("type \\x20"), 50);
    onTestFinished(() => clearInterval(looks));
    await slow.sees((now) => now.some((line) => line.startsWith("new-in-between")));
    clearInterval(looks);
    slow.do("type \\x03");
    expect(await slow.ended()).toBe("status 130, modes kept");
  });

  test("ctrl-c gives the terminal back: its modes, its cursor, and what was on it", async () => {
    const shown = top(24, 80);
    await shown.sees((lines) => lines.length > 3);
    shown.do("type \\x03");
    expect(await shown.ended()).toBe("status 130, modes kept");
    expect(shown.written.startsWith("\u001B[?1049h\u001B[?25l")).toBe(true);
    expect(shown.written.endsWith("\u001B[?25h\u001B[?1049l")).toBe(true);
  });

  test("without colours there are none", async () => {
    const plain = top(24, 160, [], { NO_COLOR: "1" });
    await plain.sees(hasLong);
    plain.do("type q");
    await plain.ended();
    // oxlint-disable-next-line no-control-regex
    expect(plain.written).not.toMatch(/\u001B\[\d+m/);
  });

  test("a server that has gone is reported as gone, over what was known, and ctrl-c ends it all the same", async () => {
    const other = await TestServer.start();
    await new Queue("kept-in-view", { url: other.url }).enqueue(1);
    const shown = new TopInTerminal(other.url, 24, 200, ["--interval", "100ms"], {});
    try {
      await shown.sees((lines) => lines.some((line) => line.startsWith("kept-in-view")));
    } finally {
      await other.stop();
    }
    const lines = await shown.sees(([first = ""]) => first.includes("since then: "));
    expect(lines.some((line) => line.startsWith("kept-in-view"))).toBe(true);
    shown.do("type \\x03");
    expect(await shown.ended()).toBe("status 130, modes kept");
  });

  test("a first look without an answer is an error, and the terminal is left alone", async () => {
    const lost = new TopInTerminal("http://127.0.0.1:1", 24, 80, [], {});
    expect(await lost.ended()).toBe("status 3, modes kept");
    expect(lost.written).toContain("[unreachable]");
    expect(lost.written).not.toContain("\u001B[?1049h");
  });
});

test.each([
  ["abc", 3, "abc"],
  ["abcd", 3, "ab…"],
  ["\u001B[31mabcd\u001B[39m", 3, "\u001B[31mab…\u001B[39m"],
  ["a\u001B[1mb\u001B[22m", 2, "a\u001B[1mb\u001B[22m"],
  ["abc", 1, "…"],
])("%j cut to %i characters", (line, columns, cut) => {
  expect(cutTo(line, columns)).toBe(cut);
});
