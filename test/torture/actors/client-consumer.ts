// A consumer as users write it, with the published package: handlers that finish, fail, bury, and run past their claims.

import { Queue } from "../../../src/client/index.ts";
import { consume, deadLetter, retryAfter } from "../../../src/consumer/index.ts";
import type { Actor } from "./actor.ts";
import { LANES } from "./queues.ts";

export async function consumeWithClient(actor: Actor, socket: boolean): Promise<void> {
  const { url, random, name } = actor;
  const handle = async (): Promise<void> => {
    const fate = random.next();
    await actor.pause(fate < 0.05 ? 2_500 : 10);
    if (fate > 0.97) throw deadLetter("cannot succeed");
    if (fate > 0.93) throw retryAfter(100 + random.below(500));
    if (fate > 0.85) throw new Error("does not succeed now");
  };
  const consumers = (["orders", "work", "ledger"] as const).map((queue) =>
    consume(handle, {
      queue: new Queue(queue, { url, timeoutMs: 4_000 }),
      concurrency: 8,
      prefetch: 4,
      claimTimeoutMs: 1_000,
      extendEveryMs: 400,
      waitMs: 1_000,
      claimant: name,
      lanes: random.chance(0.5) ? { any: [...LANES] } : [...LANES],
      breaker: false,
      logger: null,
      socket,
    }),
  );
  await Promise.all(consumers.map((consumer) => consumer.finished));
}
