// The interface by which a queue uses the world beside its database, so that it runs in an object, in a test and in a simulation alike.

import type { ClosedMinute } from "../core/queue-history.ts";
import type { QueueReport } from "../core/queue-report.ts";
import type { Message, ReceiveOutcome } from "./mail/message.ts";

/** What a queue takes from the world beside its database. */
export interface QueueHost {
  /** Milliseconds since the Unix epoch, by a clock that may be set. */
  now(): number;
  /** A number in [0, 1), for jitter and tags. */
  random(): number;
  /** 64 bits nobody can guess, as 16 hexadecimal digits. */
  nonce(): string;
  /** The queue's name. */
  name(): string;
  /** Runs `turn` after what has arrived meanwhile: each call arrives in an event of its own. */
  soon(turn: () => void): void;
  /** Runs `turn` after `ms` milliseconds, unless the returned function is called before. */
  later(ms: number, turn: () => void): () => void;
  /** In a turn's commit: the alarm is to ring at `at` or sooner, both by the clock that may be set. True: it was set, which writes a row. */
  alarmAt(at: number | null, now: number): boolean;
  /** Hands messages to another object. Rejects if it is not known whether they arrived. */
  deliver(receiver: string, messages: readonly Message[]): Promise<ReceiveOutcome>;
  /** Tells the directory how the queue is. False, or rejected: it may not know. */
  tell(report: QueueReport): Promise<boolean>;
  /** What happened in a minute is in the database. Absent: nobody else wants to know. Never throws. */
  closed?(minute: ClosedMinute): void;
  /** Work that outlives the turn. */
  background(work: Promise<void>): void;
  /** For the owner's log. */
  report(what: string, error: unknown): void;
  /** The database cannot be read: the object ends, and the next call finds a new one. */
  abort(error: unknown): void;
}

/** Hears what becomes of each turn. */
export interface TurnWatcher {
  /** The turn is durable as soon as its messages can leave: send them. */
  committed(): void;
  /** Nothing of the turn happened: drop what it left to say. Its jobs are run again. */
  rolledBack(): void;
}
