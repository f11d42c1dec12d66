// Sends batches of lines in order, each under a number that is kept before it is sent, and passes over what an earlier run has sent.

import { createHash } from "node:crypto";
import { isProblem, type NewTask, type Queue } from "../client/index.ts";
import { UsageError } from "./exit-status.ts";
import type { Line } from "./json-lines.ts";
import type { SendState, SentLines } from "./send-state.ts";

/** What a queue remembers calls for unless it is set, where its settings may not be read. ms */
const DEDUPE_MS = 300_000;

export class FileSender {
  /** Tasks, those of an earlier run included. */
  sent = 0;
  duplicates = 0;
  readonly #queue: Queue;
  readonly #state: SendState | null;
  readonly #earlier: SentLines | null;
  readonly #taskOf: (line: Line) => NewTask<unknown>;
  readonly #hash = createHash("sha256");
  /** The last line that is done, or passed over. */
  #through: number;
  /** Of the last call. */
  #number = 0;
  #isSameFile: boolean;

  /** @param skip lines to pass over when nothing was sent earlier */
  constructor(queue: Queue, state: SendState | null, skip: number, taskOf: (line: Line) => NewTask<unknown>) {
    this.#queue = queue;
    this.#state = state;
    this.#taskOf = taskOf;
    this.#earlier = state?.earlier ?? null;
    this.#isSameFile = this.#earlier === null;
    this.#through = skip;
    if (this.#earlier === null) return;
    const { number, after, through, sentBefore, tasks, isAnswered } = this.#earlier;
    this.#number = isAnswered ? number : number - 1;
    this.#through = isAnswered ? through : after;
    this.sent = isAnswered ? sentBefore + tasks : sentBefore;
  }

  get through(): number {
    return this.#through;
  }

  /** Lines after which a batch has to end: the last one that is done, and the last of the request to be repeated. */
  get ends(): readonly number[] {
    return this.#earlier === null ? [this.#through] : [this.#through, this.#earlier.through];
  }

  async take(lines: readonly Line[]): Promise<void> {
    const through = lines.at(-1)?.number ?? 0;
    for (const { number, text } of lines) this.#hash.update(`${number} ${text}\n`);
    this.#checkFile(through);
    if (through <= this.#through) return;
    const tasks = lines.map((line) => this.#taskOf(line));
    const answers = await this.#send(tasks, through);
    this.sent += answers.length;
    this.duplicates += answers.filter(({ duplicate }) => duplicate).length;
    this.#through = through;
  }

  /** All lines have been taken. @throws {UsageError} when there were fewer than an earlier run has sent */
  finish(): void {
    this.#checkFile(Infinity);
  }

  /** What to do after an error. */
  howToGoOn(error: unknown): string {
    if (isProblem(error, "call-forgotten") && this.#earlier !== null) {
      const { after, through } = this.#earlier;
      return `the queue has forgotten the earlier run: see whether lines ${after + 1} to ${through} are there, then --skip ${after} or --skip ${through}`;
    }
    return this.#state === null ? `to go on: --skip ${this.#through}` : "the same command goes on after them";
  }

  async #send(tasks: readonly NewTask<unknown>[], through: number): ReturnType<Queue["enqueueBatch"]> {
    this.#number += 1;
    if (this.#state === null) return this.#queue.enqueueBatch(tasks);
    const repeated =
      this.#earlier?.isAnswered === false && this.#number === this.#earlier.number ? this.#earlier : null;
    const lines: SentLines = {
      number: this.#number,
      after: this.#through,
      through,
      digest: this.#digest(),
      sentBefore: this.sent,
      tasks: tasks.length,
      isAnswered: false,
      sentAt: repeated?.sentAt ?? Date.now(),
    };
    const call = await this.#state.keep(lines);
    const known = repeated !== null && (await this.#mustBeKnown(repeated));
    const answers = await this.#queue.enqueueBatch(tasks, { call: { ...call, known } });
    await this.#state.keep({ ...lines, isAnswered: true });
    return answers;
  }

  /** The first call of a producer may not have arrived: then it is made now, unless it might be forgotten already. */
  async #mustBeKnown({ number, sentAt }: SentLines): Promise<boolean> {
    return number > 1 || Date.now() - sentAt >= (await this.#dedupeMs());
  }

  async #dedupeMs(): Promise<number> {
    try {
      return (await this.#queue.settings()).dedupeMs;
    } catch (error) {
      // A queue that does not exist has taken nothing.
      if (isProblem(error, "queue-not-found")) return Infinity;
      if (isProblem(error, "forbidden")) return DEDUPE_MS;
      throw error;
    }
  }

  #checkFile(through: number): void {
    if (this.#isSameFile || this.#earlier === null) return;
    // Passed over, and there is more to come.
    if (through <= this.#through && through < this.#earlier.through) return;
    this.#isSameFile = through === this.#earlier.through && this.#digest() === this.#earlier.digest;
    if (this.#isSameFile) return;
    throw new UsageError(
      `--state: ${this.#state?.path} is of a file with other lines up to ${this.#earlier.through}; delete it to begin anew, or name another`,
    );
  }

  #digest(): string {
    return this.#hash.copy().digest("hex");
  }
}
