// Where the command speaks: results on stdout, all else on stderr; colours only where somebody looks at them.

const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof STYLES;

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

export class Terminal {
  readonly isJson: boolean;
  readonly #out: Stream;
  readonly #err: Stream;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(isJson: boolean, { stdout, stderr, env } = process as Pick<NodeJS.Process, "stdout" | "stderr" | "env">) {
    this.isJson = isJson;
    this.#out = stdout;
    this.#err = stderr;
    this.#environment = env;
  }

  /** A result: one JSON document on one line, or what a person reads. */
  result(value: unknown, human: () => string): void {
    this.#out.write(`${this.isJson ? JSON.stringify(value) : human()}\n`);
  }

  /** Text of a result that is the same either way. */
  write(text: string): void {
    this.#out.write(text);
  }

  /** For a person who looks on; programs are spared it. */
  note(text: string): void {
    if (!this.isJson) this.#err.write(`${text}\n`);
  }

  error(text: string): void {
    this.#err.write(`${text}\n`);
  }

  /** Whether a person looks at stdout, or at stderr. */
  isWatched(stream: "out" | "err" = "out"): boolean {
    return (stream === "out" ? this.#out : this.#err).isTTY === true;
  }

  get columns(): number {
    return this.#out.columns ?? 80;
  }

  get rows(): number {
    return this.#out.rows ?? 24;
  }

  /** What follows is drawn over what a person has been shown so far; a file or a pipe keeps all of it. */
  drawOver(): void {
    if (!this.isJson && this.isWatched()) this.#out.write("\u001B[H\u001B[J");
  }

  /** Replaces the line that is being written on stderr. */
  rewriteLine(text: string): void {
    this.#err.write(`\r\u001B[K${text}`);
  }

  paint(style: Style, text: string, stream: "out" | "err" = "out"): string {
    if (!this.#isColoured(stream)) return text;
    const [on, off] = STYLES[style];
    return `\u001B[${on}m${text}\u001B[${off}m`;
  }

  /** https://no-color.org: set and not empty, it turns colours off; FORCE_COLOR turns them on where nobody looks. */
  #isColoured(stream: "out" | "err"): boolean {
    const { NO_COLOR, FORCE_COLOR, TERM } = this.#environment;
    if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
    if (FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0") return true;
    return TERM !== "dumb" && this.isWatched(stream);
  }
}
