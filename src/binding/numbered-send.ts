// Sends tasks from this Worker to a queue's object, and once more when the answer is lost: each isolate is a producer that numbers
// its calls to a queue, so the object makes each once (P10).

import { Numbering } from "../client/numbering.ts";
import type { NumberedCall } from "../core/numbered-call.ts";
import type { NewTask, OutcomeOf } from "../core/operation.ts";
import type { QueueStub } from "../object/queue-stub.ts";
import { BINDINGS } from "./call-operation.ts";

/** Times a call is made at most: an object that restarts is there again at once, one that has no room is left alone. */
const ATTEMPTS = 3;
/** Upper bound of the wait before the second, four times as long before the third. ms */
const WAIT_MS = 100;

/** By the name of the queue. */
const producers = new Map<string, Numbering>();
/** Queues of one isolate: a binding has one, and another name is a new producer's. */
const PRODUCERS_KEPT = 1_000;

/**
 * Rejects with the platform's error when no answer came to any attempt, or the object is overloaded.
 *
 * @param stubOf asked for each attempt: a stub whose object has failed is broken
 */
export async function sendNumbered(
  queue: string,
  stubOf: () => QueueStub,
  tasks: NewTask[],
): Promise<OutcomeOf<"enqueue">> {
  const producer = producerOf(queue);
  const call = await producer.begin();
  try {
    return await sent(stubOf, tasks, { ...call, owner: BINDINGS });
  } finally {
    producer.end(call);
  }
}

async function sent(stubOf: () => QueueStub, tasks: NewTask[], call: NumberedCall): Promise<OutcomeOf<"enqueue">> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await stubOf().operate("enqueue", { tasks, call });
    } catch (error) {
      if (attempt === ATTEMPTS || (error as { readonly overloaded?: boolean }).overloaded === true) throw error;
    }
    await scheduler.wait(Math.random() * WAIT_MS * 4 ** (attempt - 1));
  }
}

/** One with room: a request must not wait for another's promise, so that a full one is left to those who are in it. */
function producerOf(queue: string): Numbering {
  const known = producers.get(queue);
  if (known?.hasRoom === true) return known;
  if (producers.size >= PRODUCERS_KEPT) producers.clear();
  const added = new Numbering();
  producers.set(queue, added);
  return added;
}
