// A terminal's whole screen, for what is looked at live: drawn over without flicker, cut to its size, and given back as it was,
// however the command ends.

import type { Terminal } from "./terminal.ts";

const ENTER = "\u001B[?1049h\u001B[?25l";
const LEAVE = "\u001B[?25h\u001B[?1049l";
const CTRL_C = "\u0003";

/** Signals that end a command, and the status that a shell expects of it then. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Why a wait has ended: its time was over, somebody wants to look now or has changed the size, or to end. */
export type Wake = { readonly kind: "time" | "look" } | { readonly kind: "end"; readonly status: number };

export class Screen {
  readonly #terminal: Terminal;
  readonly #input = process.stdin;
  readonly #output = process.stdout;
  readonly #leaving = new AbortController();
  #ended: Wake | null = null;
  /** Something happened that nobody has waited for yet. */
  #isStale = false;
  #wake: (wake: Wake) => void = () => {};

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Aborted when somebody wants to end. */
  get leaving(): AbortSignal {
    return this.#leaving.signal;
  }

  /** Runs with the screen, which is given back afterwards. */
  async during<Result>(run: () => Promise<Result>): Promise<Result> {
    const look = (): void => {
      this.#isStale = true;
      this.#wake({ kind: "look" });
    };
    const type = (keys: Buffer): void => {
      const typed = keys.toString();
      if (typed.includes(CTRL_C)) this.#end(SIGNALS.SIGINT);
      else if (typed.includes("q")) this.#end(0);
      else look();
    };
    const handlers = Object.entries(SIGNALS).map(([name, status]) => [name, () => this.#end(status)] as const);
    for (const [name, handler] of handlers) process.on(name, handler);
    this.#output.on("resize", look);
    this.#output.write(ENTER);
    if (this.#input.isTTY) {
      this.#input.setRawMode(true);
      this.#input.on("data", type).resume();
    }
    try {
      return await run();
    } finally {
      if (this.#input.isTTY) {
        this.#input.setRawMode(false);
        this.#input.off("data", type).pause();
      }
      this.#output.write(LEAVE);
      this.#output.off("resize", look);
      for (const [name, handler] of handlers) process.off(name, handler);
    }
  }

  /** In one write, so that nobody sees an empty screen between. Lines below the last row are left out. */
  draw(text: string): void {
    const lines = text.split("\n").slice(0, this.#terminal.rows);
    const cut = lines.map((line) => `${cutTo(line, this.#terminal.columns)}\u001B[K`);
    this.#output.write(`\u001B[H${cut.join("\n")}\u001B[J`);
  }

  /** Waits so long, or until a key is pressed or the size changes. What came since the last wait ends it at once. */
  async wait(ms: number): Promise<Wake> {
    if (this.#ended !== null) return this.#ended;
    if (this.#isStale) {
      this.#isStale = false;
      return { kind: "look" };
    }
    const { promise, resolve: fulfil } = Promise.withResolvers<Wake>();
    this.#wake = fulfil;
    const timer = setTimeout(() => fulfil({ kind: "time" }), ms);
    const wake = await promise;
    clearTimeout(timer);
    this.#isStale = false;
    return wake;
  }

  #end(status: number): void {
    this.#ended = { kind: "end", status };
    this.#leaving.abort();
    this.#wake(this.#ended);
  }
}

/** Codes of colours, which take no room. */
// oxlint-disable-next-line no-control-regex
const PIECES = /\u001B\[\d+m|./gsu;

/** A line cut to so many characters, its last one an ellipsis if some are left out. Colours end with what they colour. */
export function cutTo(line: string, columns: number): string {
  let room = columns;
  const pieces = line.match(PIECES) ?? [];
  if (pieces.filter((piece) => !isStyling(piece)).length <= columns) return line;
  return pieces
    .map((piece) => {
      if (isStyling(piece)) return piece;
      room -= 1;
      return room > 0 ? piece : room === 0 ? "…" : "";
    })
    .join("");
}

function isStyling(piece: string): boolean {
  return piece.startsWith("\u001B");
}
