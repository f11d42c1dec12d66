// Takes in what other queues send: inserts, dead letters, and tasks that come back from a dead-letter queue. Each exactly
// once and in order, however often, late or broken off its delivery was (P9).

import type { ObjectBytes } from "../../core/held-bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import { openLetter, takeLetter } from "./dead-letter.ts";
import { createdQueue } from "../created-queue.ts";
import { TaskInserts, type TimedTask } from "../arrivals/insert-tasks.ts";
import { forget, giveUpIds, knownIds } from "../tasks/known-ids.ts";
import { messageBytes, WITHDRAWAL, type Message, type ReceiveOutcome } from "./message.ts";
import { sentTask } from "./sent-task.ts";
import { NOTHING_TAKEN } from "../../store/inbox-statements.ts";
import type { QueueState } from "../state.ts";
import { LATER } from "../turn.ts";

/**
 * Holds messages in memory until `take` has ended. Rejects, with nothing done, when there is no room for them: the sender keeps
 * them, and sends them again a second later or more.
 */
export function whileHeld<Answer>(
  held: ObjectBytes,
  messages: readonly Message[],
  take: () => Promise<Answer>,
): Promise<Answer> {
  const bytes = messageBytes(messages);
  if (!held.received.hasRoomFor(bytes))
    return Promise.reject(new Error("Too many messages wait for their turn already"));
  held.received.hold(bytes);
  const taken = take();
  const release = (): void => held.received.release(bytes);
  taken.then(release, release);
  // The sender hears of it no later than those who were given what it sent: what a turn answers is answered in order.
  return taken;
}

/** What comes of a message that is not as this version reads it. Of a full disk, or a database that is away, the messages know nothing. */
const UNREADABLE = /constraint failed|datatype mismatch/i;

/**
 * Has a message that cannot be read refused, as if there were no room for it: its sender sets it aside in the end, and sends those after it.
 * A call that failed for ever would keep them from going for ever.
 *
 * @param take in a turn, which is run again if it throws
 * @returns what is done in the turn, and the answer if that throws by itself too; null: the messages are not the reason
 */
export function eitherReadOrRefused(
  messages: readonly Message[],
  take: (some: readonly Message[]) => ReceiveOutcome | typeof LATER,
): [taken: () => ReceiveOutcome | typeof LATER, instead: (error: unknown) => ReceiveOutcome | null] {
  let some = messages;
  const taken = (): ReceiveOutcome | typeof LATER => {
    try {
      return take(some);
    } catch (error) {
      // The first alone: when those before it have been taken, it shows which of them cannot be read.
      some = messages.slice(0, 1);
      throw error;
    }
  };
  const instead = (error: unknown): ReceiveOutcome | null => {
    const [first] = messages;
    const isTheirs = error instanceof TypeError || error instanceof SyntaxError || UNREADABLE.test(String(error));
    const reason = `it cannot be read here: ${String(error)}`.slice(0, LIMITS.errorLength).toWellFormed();
    return first === undefined || !isTheirs ? null : { kind: "refused", upTo: 0, seq: first.seq, reason };
  };
  return [taken, instead];
}

/**
 * Takes each message of a sender once, in order: those at or below the last one taken were taken before, and are passed.
 * The first that is refused ends the call.
 * A deleted queue takes nothing, and other queues cannot bring it back; a full one takes nothing until it has room. Both hold
 * for dead letters as for inserts: what is refused waits at its sender, where its owner sees it and why.
 */
export function receive(
  state: QueueState,
  name: string,
  sender: string,
  messages: readonly Message[],
  now: number,
): ReceiveOutcome | typeof LATER {
  // Which of them an earlier life of the queue has taken is not known before.
  if (state.aside.holdsFor("inbox")) return LATER;
  return state.transaction(() => {
    if ((state.existing()?.settings.maxBacklog ?? null) !== null && !state.isBacklogCounted(now)) return LATER;
    const [first] = messages;
    if (first?.kind === WITHDRAWAL) return withdraw(state, name, sender, first.seq, now);
    const { lastSeq: before, withdrawn } = state.row === null ? NOTHING_TAKEN : state.inbox.from(sender);
    const takenBack = messages.findIndex(({ seq }) => withdrawn.includes(seq));
    if (takenBack !== -1) return takenBackBefore(messages, takenBack);
    let upTo = before;
    let refused: { seq: number; reason: string } | null = null;
    const receiving = new Receiving(state, name, now);
    for (const message of messages) {
      if (message.seq <= upTo) continue;
      const reason = receiving.take(message);
      if (reason !== null) {
        refused = { seq: message.seq, reason };
        break;
      }
      upTo = message.seq;
    }
    receiving.end();
    if (upTo > before) state.inbox.taken(sender, upTo);
    state.history.meter.charge("receive", 1);
    return refused === null ? { kind: "received", upTo } : { kind: "refused", upTo, ...refused };
  });
}

/**
 * A sender that has been refused too often takes its message back. Since a copy of the message may still be on its way,
 * the sender may only believe that it was not taken once this side has made sure that it never will be.
 */
function withdraw(state: QueueState, name: string, sender: string, seq: number, now: number): ReceiveOutcome {
  if (state.row === null) createdQueue(state, name, now);
  const { lastSeq, withdrawn } = state.inbox.from(sender);
  if (seq > lastSeq) state.inbox.withdrawn(sender, seq, withdrawn.slice(0, LIMITS.inboxWithdrawn - 1));
  else if (!withdrawn.includes(seq)) return { kind: "received", upTo: lastSeq };
  return { kind: "withdrawn", seq };
}

/**
 * A sender that was put back to an earlier moment knows nothing of what it took back since, and sends it again. It was not taken,
 * and so must not be passed with those that were: the sender puts it aside once more. As many are known as the inbox keeps.
 */
function takenBackBefore(messages: readonly Message[], index: number): ReceiveOutcome {
  const before = messages[index - 1];
  if (before !== undefined) return { kind: "received", upTo: before.seq };
  return { kind: "withdrawn", seq: messages[index]?.seq ?? 0 };
}

/** What one call brings. The queue is made by the first message that is taken. */
class Receiving {
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
        const letter = openLetter(message);
        const reason = this.#whyShut(letter);
        if (reason !== null) return reason;
        takeLetter(this.#state, createdQueue(this.#state, this.#name, this.#now), letter, this.#now);
        this.#room -= 1;
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

  /** Why a task that goes to this lane is not taken in, or null. */
  #whyShut(task: { readonly lane?: string }): string | null {
    const { row, sql, levels } = this.#state;
    if (row !== null && row.deletedAt !== null) return "the queue is deleted";
    if (this.#room <= 0) return `the queue is full: its limit is ${this.#maxBacklog} tasks`;
    if (!levels.hasRoomFor([task])) return `the queue is full: its limit is ${LIMITS.lanes} lanes that hold tasks`;
    return sql.isLargerThan(LIMITS.storageBytes)
      ? `the queue is full: its limit is ${LIMITS.storageBytes} bytes`
      : null;
  }

  #takeInsert(task: TimedTask): string | null {
    const state = this.#state;
    const ids = knownIds(state, task.id === undefined ? [] : [task.id], this.#now);
    // The id is the producer's idempotency key (P10): what is here already need not come again.
    if (ids.taken.size > 0) return null;
    const reason = this.#whyShut(task);
    if (reason !== null) return reason;
    this.#inserts ??= new TaskInserts(state, createdQueue(state, this.#name, this.#now), this.#now);
    // The one that came with this message's id, if there is one.
    giveUpIds(state, ids, this.#now);
    forget(state, ids);
    this.#inserts.insert(task);
    this.#room -= 1;
    return null;
  }
}
