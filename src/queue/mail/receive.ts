// Takes in what other queues send: inserts, dead letters, and tasks that come back from a dead-letter queue. Each exactly
// once and in order, however often, late or broken off its delivery was (P9).

import { LIMITS } from "../../core/limits.ts";
import { takeDeadLetter } from "./dead-letter.ts";
import { TaskInserts, type TimedTask } from "../arrivals/insert-tasks.ts";
import { forget, knownIds } from "../tasks/known-ids.ts";
import { WITHDRAWAL, type Message, type ReceiveOutcome } from "./message.ts";
import { sentTask } from "./sent-task.ts";
import type { QueueState } from "../state.ts";
import { LATER } from "../turn.ts";

/**
 * Takes each message of a sender once, in order: those at or below the last one taken were taken before, and are passed.
 * The first that is refused ends the call.
 * A deleted queue takes nothing, and is not made again by others: what is sent to it waits at its sender, for the queue to be
 * made by its owner or to be sent elsewhere. Dead letters are taken whatever the backlog, since refusing them would only keep
 * them where nobody looks for them; they count in it, so that producers are refused the sooner.
 */
export function receive(
  state: QueueState,
  name: string,
  sender: string,
  messages: readonly Message[],
  now: number,
): ReceiveOutcome | typeof LATER {
  return state.transaction(() => {
    if ((state.existing()?.settings.maxBacklog ?? null) !== null && !state.isCounted(now)) return LATER;
    const [first] = messages;
    if (first?.kind === WITHDRAWAL) return withdraw(state, name, sender, first.seq, now);
    const before = state.row === null ? 0 : state.inbox.from(sender).lastSeq;
    let upTo = before;
    let refused: { seq: number; reason: string } | null = null;
    const intake = new Intake(state, name, now);
    for (const message of messages) {
      if (message.seq <= upTo) continue;
      const reason = intake.take(message);
      if (reason !== null) {
        refused = { seq: message.seq, reason };
        break;
      }
      upTo = message.seq;
    }
    intake.end();
    if (upTo > before) state.inbox.taken(sender, upTo);
    return refused === null ? { kind: "received", upTo } : { kind: "refused", upTo, ...refused };
  });
}

/**
 * A sender that has been refused too often takes its message back. Since a copy of the message may still be on its way,
 * the sender may only believe that it was not taken once this side has made sure that it never will be.
 */
function withdraw(state: QueueState, name: string, sender: string, seq: number, now: number): ReceiveOutcome {
  if (state.row === null) state.created(name, now);
  const { lastSeq, withdrawn } = state.inbox.from(sender);
  if (seq > lastSeq) state.inbox.withdrawn(sender, seq);
  else if (seq !== withdrawn) return { kind: "received", upTo: lastSeq };
  return { kind: "withdrawn", seq };
}

/** What one call brings. The queue is made by the first message that is taken. */
class Intake {
  readonly #state: QueueState;
  readonly #name: string;
  readonly #now: number;
  readonly #maxBacklog: number | null;
  /** How many more tasks the queue takes in: counted once, however many messages there are. */
  #room: number;
  #inserts: TaskInserts | null = null;

  constructor(state: QueueState, name: string, now: number) {
    this.#state = state;
    this.#name = name;
    this.#now = now;
    this.#maxBacklog = state.existing()?.settings.maxBacklog ?? null;
    this.#room = this.#maxBacklog === null ? Number.POSITIVE_INFINITY : this.#maxBacklog - state.counts.live;
  }

  /** Takes one message in; or changes nothing and says why. */
  take(message: Message): string | null {
    switch (message.kind) {
      case "dead-letter":
      case "redrive": {
        const reason = this.#whyShut();
        if (reason !== null) return reason;
        takeDeadLetter(this.#state, this.#state.created(this.#name, this.#now), message, this.#now);
        return null;
      }
      case "insert":
        return this.#takeInsert(sentTask(message.body, message.payload));
      default:
        return `a message of kind ${JSON.stringify(message.kind)} is not understood here`;
    }
  }

  /** Call after the last message. */
  end(): void {
    this.#inserts?.end();
  }

  /** Why nothing at all is taken in: what is sent waits at its sender meanwhile. */
  #whyShut(): string | null {
    const { row, sql } = this.#state;
    if (row !== null && row.deletedAt !== null) return "the queue is deleted";
    return sql.isLargerThan(LIMITS.storageBytes)
      ? `the queue is full: its limit is ${LIMITS.storageBytes} bytes`
      : null;
  }

  #takeInsert(task: TimedTask): string | null {
    const state = this.#state;
    if (state.row !== null && state.row.deletedAt !== null) return "the queue is deleted";
    const ids = knownIds(state, task.id === undefined ? [] : [task.id], this.#now);
    // The id is the producer's idempotency key (P10): what is here already need not come again.
    if (ids.taken.size > 0) return null;
    if (this.#room <= 0) return `the queue is full: its limit is ${this.#maxBacklog} tasks`;
    if (!state.levels.hasRoomFor([task]))
      return `the queue is full: its limit is ${LIMITS.lanes} lanes that hold tasks`;
    if (state.sql.isLargerThan(LIMITS.storageBytes))
      return `the queue is full: its limit is ${LIMITS.storageBytes} bytes`;
    this.#inserts ??= new TaskInserts(state, state.created(this.#name, this.#now), this.#now);
    forget(state, ids);
    this.#inserts.insert(task);
    this.#room -= 1;
    return null;
  }
}
