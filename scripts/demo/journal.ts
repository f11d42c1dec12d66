// What one consumer writes down, on disk, so that a check can tell afterwards what it did up to the instant it was killed.
//
// The order is the point. A result is written and flushed BEFORE its task is acked, and the answer to the ack after it:
//
//   killed before the result   there is none; the claim expires, the task is offered again
//   killed before the ack      a result without an answer; the task is offered again, another consumer's ack succeeds
//   killed after the ack       a result without an answer; the task is gone, and no other ack can succeed (P5)
//
// So a result whose ack was answered is committed or not as the answer said, and one without an answer is committed
// exactly if no other ack of its task succeeded though the queue has done with it: see check.ts.

import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";

export interface ResultLine {
  readonly kind: "result";
  readonly id: string;
  readonly claim: string;
  readonly attempts: number;
  readonly sha256: string;
}

export interface AckLine {
  readonly kind: "ack";
  readonly claim: string;
  readonly ok: boolean;
}

export type JournalLine = ResultLine | AckLine;

export class Journal {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  /** On disk when it returns. */
  write(lines: readonly JournalLine[]): void {
    writeSync(this.#file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    fdatasyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** A last line without an end was being written when its writer was killed: what it says had not happened yet. */
export function readJournal(path: string): JournalLine[] {
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as JournalLine);
}
