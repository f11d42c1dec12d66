// The entrypoint by which edgeq feeds a `queue(batch, env, ctx)` handler written for Cloudflare Queues. It runs in the
// consumer's own Worker, which exports it; nothing of edgeq but this and the batch is needed there.

import { WorkerEntrypoint } from "cloudflare:workers";
import { errorText, type PushedBatch, type PushOutcome, type PushTarget } from "../push/batch.ts";
import { MessageBatch } from "../push/message-batch.ts";

/** A Worker's default export, or any object with its `queue` handler. */
type QueueHandler<Env, Body> = Pick<ExportedHandler<Env, Body>, "queue">;

/** Says nothing of the Worker's own environment, which it need not export. */
type QueueConsumer = new (ctx: ExecutionContext, env: never) => WorkerEntrypoint<unknown> & PushTarget;

/**
 * An entrypoint class that runs the handler on each batch that edgeq pushes. Export it from the Worker, and name it in the
 * `entrypoint` of a service binding of edgeq's Worker (docs/migrate-from-cloudflare-queues.md).
 *
 * @throws {TypeError} when there is no `queue` handler
 */
export function queueConsumer<Env, Body>(handler: QueueHandler<Env, Body>): QueueConsumer {
  if (typeof handler.queue !== "function")
    throw new TypeError("queueConsumer: the handler has no queue(batch, env, ctx)");
  return class extends WorkerEntrypoint<Env> implements PushTarget {
    /** Acks what the handler acked or left; answers with what is to be retried. Rejects for nothing that the handler does. */
    async deliver(pushed: PushedBatch): Promise<PushOutcome> {
      const messages = new MessageBatch(pushed);
      const left = new LeftWork(this.ctx);
      try {
        await handler.queue?.(messages.batch as MessageBatchOf<Body>, this.env, left.ctx);
        await left.done();
        return messages.outcome(null);
      } catch (error) {
        console.error(`edgeq: the queue handler failed on a batch of ${pushed.messages.length}:`, error);
        return messages.outcome(errorText(error));
      }
    }
  };
}

type MessageBatchOf<Body> = Parameters<ExportedHandlerQueueHandler<unknown, Body>>[0];

/** What the handler leaves to `waitUntil`: its batch is done when that is, and fails with it. */
class LeftWork {
  readonly ctx: ExecutionContext;
  #left: Promise<unknown>[] = [];

  constructor(ctx: ExecutionContext) {
    const waitUntil = (work: Promise<unknown>): void => {
      ctx.waitUntil(work);
      this.#left.push(work);
    };
    this.ctx = new Proxy(ctx, {
      get: (target, name) => {
        if (name === "waitUntil") return waitUntil;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }

  /** Work may leave more work. Rejects with the first failure, once all has ended. */
  async done(): Promise<void> {
    const failures: unknown[] = [];
    while (this.#left.length > 0) {
      const round = this.#left;
      this.#left = [];
      for (const result of await Promise.allSettled(round)) {
        if (result.status === "rejected") failures.push(result.reason);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
