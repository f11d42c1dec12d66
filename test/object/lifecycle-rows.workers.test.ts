// The rows that docs/lifecycle.md gives for each transition of a task, counted on a real object by what the client asks (P14).

import { exports } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import lifecycle from "../../docs/lifecycle.md?raw";
import { Queue, type ClaimedTask } from "../../src/client/index.ts";
import type { QueueService, QueueServiceProps } from "../../src/index.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, newQueueName, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

const HOUR_MS = 3_600_000;

interface Subject {
  readonly object: ObjectQueue;
  readonly queue: Queue;
  readonly dead: Queue;
}

function clientOf(name: string): Queue {
  const props: QueueServiceProps = { queues: ["*"], can: ["enqueue", "claim", "browse", "manage"] };
  const entrypoint = exports.QueueService as unknown as (options: { props: unknown }) => Service<typeof QueueService>;
  return new Queue(name, { binding: entrypoint({ props }), idempotent: false });
}

/** A queue that exists and is registered, so that no transition pays for its creation. */
async function opened(): Promise<Subject> {
  const object = new ObjectQueue(newQueueName());
  const subject = { object, queue: clientOf(object.name), dead: clientOf(`${object.name}-dead`) };
  await subject.queue.configure({ backoff: { minMs: 1_000, jitter: 0 }, dedupeMs: 1_000 });
  await delivered(object);
  return subject;
}

async function claimed({ queue }: Subject): Promise<ClaimedTask> {
  const [task] = await queue.claim({ claimTimeoutMs: HOUR_MS });
  if (task === undefined) throw new Error("expected a task, found none");
  return task;
}

async function oneClaimed(subject: Subject): Promise<ClaimedTask> {
  await subject.queue.enqueue("a");
  return claimed(subject);
}

async function oneDead(subject: Subject): Promise<ClaimedTask> {
  const task = await oneClaimed(subject);
  await subject.queue.nack(task, { dead: true });
  return task;
}

/**
 * @param row text of the row in docs/lifecycle.md that is measured
 * @param arrange how to get there
 * @param act the transition itself
 */
function measured<Ready>(
  row: string,
  arrange: (subject: Subject) => Promise<Ready>,
  act: (subject: Subject, ready: Ready) => Promise<unknown>,
): void {
  test.each([row])("%s", async () => {
    const subject = await opened();
    const ready = await arrange(subject);
    const rows = await subject.object.rowsWritten(() => act(subject, ready));
    const [, , , , , shown = ""] = (lifecycle.split("\n").find((line) => line.includes(row)) ?? "").split("|");
    expect(shown, `docs/lifecycle.md has no row with "${row}"`).not.toBe("");
    expect(rows).toBe(Number(/\d+/.exec(shown)?.[0]));
  });
}

const nothing = (): Promise<undefined> => Promise.resolve(undefined);

describe("a transition writes as many rows as docs/lifecycle.md says", () => {
  measured("| nothing | ready | enqueue |", nothing, ({ queue }) => queue.enqueue("a"));
  measured("enqueue with a lane or priority", nothing, ({ queue }) => queue.enqueue("a", { priority: 1 }));
  measured("enqueue with `delayMs` or `visibleAt`", nothing, ({ queue }) => queue.enqueue("a", { delayMs: 1_000 }));
  measured(
    "enqueue with a known id",
    ({ queue }) => queue.enqueue("a", { id: "1" }),
    ({ queue }) => queue.enqueue("a", { id: "1" }),
  );
  measured("| ready | claimed |", ({ queue }) => queue.enqueue("a"), claimed);
  measured("| claimed | claimed |", oneClaimed, ({ queue }, task) => queue.extend(task, 2 * HOUR_MS));
  measured("ack; delete in a modify", oneClaimed, ({ queue }, task) => queue.ack(task));
  measured("nack: after the backoff", oneClaimed, ({ queue }, task) => queue.nack(task));
  measured("the claim expires", oneClaimed, async ({ object }) => {
    object.advance(HOUR_MS);
    await object.sweep();
  });
  measured("| snooze |", oneClaimed, ({ queue }, task) => queue.nack(task, { snooze: true, delayMs: 1_000 }));
  measured("give back (`release: true`)", oneClaimed, ({ queue }, task) => queue.nack(task, { release: true }));
  measured("an operator takes the claim away", oneClaimed, ({ queue }, { id }) => queue.release(id));
  measured("change in a modify: the work so far", oneClaimed, ({ queue }, { claim }) =>
    queue.modify({ change: [{ claim, payload: "b", delayMs: 1_000 }] }),
  );
  measured("the last allowed attempt ends", oneClaimed, ({ queue }, task) => queue.nack(task, { dead: true }));
  measured(
    "the same, with a dead-letter queue",
    async (subject) => {
      await subject.queue.configure({ deadLetterQueue: subject.dead.name });
      // Numbers for messages are reserved once in an instance's life.
      await oneDead(subject);
      await delivered(subject.object);
      return oneClaimed(subject);
    },
    async ({ object, queue }, task) => {
      await queue.nack(task, { dead: true });
      await delivered(object);
    },
  );
  measured(
    "redrive, to the queue it came from",
    async ({ object, queue, dead }) => {
      // The dead-letter queue is the subject here: what dies goes to it, and comes back from it.
      await dead.configure({ deadLetterQueue: queue.name });
      for (const payload of ["first", "second"]) {
        await dead.enqueue(payload);
        const [task] = await dead.claim();
        if (task !== undefined) await dead.nack(task, { dead: true });
        await vi.waitUntil(async () => (await queue.stats()).ready === 1, { timeout: 20_000, interval: 20 });
        if (payload === "first") await queue.redrive();
        await delivered(object);
      }
      // The newest task of a queue that nobody claims from would leave one row more, for its key.
      await queue.enqueue("newer");
    },
    async ({ object, queue }) => {
      await queue.redrive();
      await delivered(object);
    },
  );
  measured("redrive, in its own queue", oneDead, ({ queue }) => queue.redrive());
  measured(
    "| ready or delayed | ready or delayed |",
    ({ queue }) => queue.enqueue("a"),
    ({ queue }, { id, version }) => queue.change(id, version, { payload: "b" }),
  );
  measured(
    "cancel; delete in a modify; purge",
    async ({ queue }) => {
      const first = await queue.enqueue("a");
      await queue.enqueue("newer");
      return first;
    },
    ({ queue }, { id }) => queue.cancel(id),
  );
});
