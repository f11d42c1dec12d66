// The history of a torture: every call, answer and fault as a line of JSON, written before the call is sent and after its
// answer is heard, so that what a killed process had done is known. Whoever takes part writes a file of its own.

import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** `at` is the machine's monotonic clock in ms, the same in all its processes, whatever happens to anybody's wall clock. */
export type Event = { readonly at: number } & (
  | { readonly kind: "began"; readonly wall: number; readonly settings: Readonly<Record<string, QueueSettings>> }
  | Call
  | { readonly kind: "answer"; readonly n: string; readonly ok: unknown }
  /** Refused: nothing was changed, except perhaps after `internal`. */
  | { readonly kind: "problem"; readonly n: string; readonly code: string }
  /** The proxy sent this call a second time, and nobody heard the answer. */
  | { readonly kind: "repeated"; readonly n: string }
  | { readonly kind: "push"; readonly socket: string; readonly queue: string; readonly tasks: readonly unknown[] }
  /** A socket's connection has ended for one of its sides, or is about to. */
  | { readonly kind: "cut"; readonly socket: string }
  /** From now on the server's wall clock is off by this much. */
  | { readonly kind: "clock"; readonly offsetMs: number }
  | { readonly kind: "fault"; readonly name: string }
  /** What a queue holds when everything has been drained, by its own account. */
  | {
      readonly kind: "left";
      readonly queue: string;
      readonly tasks: readonly unknown[];
      readonly stats: Readonly<Record<string, unknown>>;
    }
);

export interface Call {
  readonly kind: "call";
  readonly n: string;
  readonly queue: string;
  readonly op: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The socket that it was asked over; absent: HTTP. */
  readonly socket?: string;
}

/** The settings that the judgement depends on. */
export interface QueueSettings {
  readonly claimTimeoutMs: number;
  readonly maxAttempts: number;
  readonly deadLetterQueue: string | null;
  readonly keys?: KeySettings;
}

/** What holds for each key of a queue by itself; null: nothing. */
export interface KeySettings {
  readonly order: "none" | "fifo" | "strict";
  readonly concurrency: number | null;
  readonly rate: { readonly limit: number; readonly periodMs: number; readonly burst: number } | null;
}

type WithoutTime<Of> = Of extends { readonly at: number } ? Omit<Of, "at"> : never;
export type Happening = WithoutTime<Event>;

export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export class HistoryFile {
  readonly #path: string;

  constructor(folder: string, name: string) {
    this.#path = join(folder, `${name}.jsonl`);
  }

  /** On disk, for all that a kill of this process matters, when it returns. */
  write(happening: Happening): void {
    appendFileSync(this.#path, `${JSON.stringify({ at: monotonicMs(), ...happening })}\n`);
  }
}

/** All that was written in a folder, in the order in which it happened. */
export function readHistory(folder: string): Event[] {
  const events: Event[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".jsonl"))) {
    // The last line of a process that was killed may be half a line.
    for (const line of readFileSync(join(folder, file), "utf8").split("\n").slice(0, -1))
      events.push(JSON.parse(line) as Event);
  }
  return events.sort((one, other) => one.at - other.at);
}
