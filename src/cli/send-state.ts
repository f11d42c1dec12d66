// How far a file has been sent, kept beside it while it is being sent: after the end of the sender, at whatever moment, another goes
// on with the same producer, and repeats under its number the one request that may have been made (P10).

import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import type { WireCall } from "../client/index.ts";
import { UsageError } from "./exit-status.ts";

/** What is sent, and to where. A state of another is refused. */
export interface SendJob {
  readonly url: string;
  readonly queue: string;
  /** Of the command, as far as tasks depend on them. */
  readonly options: unknown;
}

/** The last request. */
export interface SentLines {
  /** Of its call. */
  readonly number: number;
  /** The lines above its first. */
  readonly after: number;
  /** Its last line. */
  readonly through: number;
  /** Of all lines up to its last, so that another file is found out. */
  readonly digest: string;
  /** Tasks of the requests before it. */
  readonly sentBefore: number;
  readonly tasks: number;
  /** Whether it has been answered. */
  readonly isAnswered: boolean;
  /** When it was sent first. */
  readonly sentAt: number;
}

interface Stored extends SendJob {
  readonly edgeq: typeof FORMAT;
  readonly producer: string;
  readonly last: SentLines;
}

const FORMAT = "send-state-1";

export class SendState {
  readonly path: string;
  /** The last request of an earlier run; null: there was none. */
  readonly earlier: SentLines | null;
  readonly #job: SendJob;
  readonly #producer: string;

  private constructor(path: string, job: SendJob, stored: Stored | null) {
    this.path = path;
    this.earlier = stored?.last ?? null;
    this.#job = job;
    this.#producer = stored?.producer ?? randomBytes(8).toString("hex");
  }

  /**
   * @param isNew whether to begin anew, whatever an earlier run has sent
   * @throws {UsageError} for a file that is no state, or one of another job
   */
  static async open(path: string, job: SendJob, isNew: boolean): Promise<SendState> {
    const stored = await storedIn(path);
    if (stored !== null) refuseOther(path, stored, job);
    return new SendState(path, job, isNew ? null : stored);
  }

  /** Keeps what is about to be sent, on disk before this resolves, or what has been answered. @returns the call's number */
  async keep(last: SentLines): Promise<WireCall> {
    const stored: Stored = { edgeq: FORMAT, ...this.#job, producer: this.#producer, last };
    const beside = `${this.path}.new`;
    try {
      const file = await open(beside, "w");
      try {
        await file.writeFile(`${JSON.stringify(stored)}\n`);
        if (!last.isAnswered) await file.datasync();
      } finally {
        await file.close();
      }
      await rename(beside, this.path);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new UsageError(`--state: ${why}; name another place with it, or send with --plain`);
    }
    return { producer: this.#producer, number: last.number, from: last.number };
  }

  /** All is sent. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

async function storedIn(path: string): Promise<Stored | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new UsageError(`--state: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    const stored = JSON.parse(text) as Stored;
    if (stored.edgeq === FORMAT) return stored;
  } catch {
    // Said below.
  }
  throw new UsageError(`--state: ${path} holds something else; name another place`);
}

function refuseOther(path: string, stored: Stored, { url, queue, options }: SendJob): void {
  const what =
    stored.url !== url || stored.queue !== queue
      ? `to ${stored.queue} at ${stored.url}`
      : JSON.stringify(stored.options) === JSON.stringify(options)
        ? null
        : "with other options";
  if (what === null) return;
  throw new UsageError(
    `--state: ${path} is of an unfinished send ${what}; finish that, delete the file, or name another`,
  );
}
