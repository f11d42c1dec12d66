// A consumer of plain requests, which does everything that the API allows with a claim, and what it does not: late acks,
// second acks, modifies that must fail.

import type { Actor } from "./actor.ts";
import { post } from "./producers.ts";
import { KEYED, LANES, type QueueName } from "./queues.ts";

interface Held {
  readonly id: string;
  readonly claim: string;
  readonly version: number;
}

const TARGETS = ["orders", "work", "chain", "chain", ...KEYED] as const satisfies readonly QueueName[];
/** Claims that are tried again when they are long lost. */
const KEPT_CLAIMS = 100;

export async function consumeOverHttp(actor: Actor): Promise<void> {
  const { url, random } = actor;
  const old: { readonly queue: QueueName; readonly claim: string }[] = [];
  for (;;) {
    const queue = random.pick(TARGETS);
    const base = `${url}/v1/queues/${queue}`;
    const answer = await post(
      `${base}/claim`,
      JSON.stringify({
        max: 1 + random.below(10),
        claimTimeoutMs: 300 + random.below(1_500),
        lanes: random.chance(0.5) ? { any: LANES } : LANES,
        ...(random.chance(0.4) ? { waitMs: 500 } : {}),
      }),
    );
    const held = ((answer as { readonly tasks?: readonly Held[] } | null)?.tasks ?? []).slice();
    // Some of what it holds it forgets, as a worker does that hangs.
    for (const task of held.filter(() => random.chance(0.9))) {
      if (old.length < KEPT_CLAIMS) old.push({ queue, claim: task.claim });
      await settle(actor, base, queue, task);
    }
    if (random.chance(0.1)) {
      const lost = old[random.below(old.length || 1)];
      if (lost !== undefined)
        await post(`${url}/v1/queues/${lost.queue}/ack`, JSON.stringify({ claims: [lost.claim] }));
    }
    await actor.pause(20);
  }
}

async function settle(actor: Actor, base: string, queue: QueueName, { claim }: Held): Promise<void> {
  const { random } = actor;
  const send = (operation: string, body: object): Promise<unknown> =>
    post(`${base}/${operation}`, JSON.stringify(body));
  const fate = random.next();
  if (fate < 0.45) await send("ack", { claims: [claim] });
  else if (fate < 0.52) await send("nack", { claims: [{ claim, delayMs: random.below(400), error: "later" }] });
  else if (fate < 0.56) await send("nack", { claims: [claim] });
  else if (fate < 0.58) await send("nack", { claims: [{ claim, release: true }] });
  else if (fate < 0.6) await send("nack", { claims: [{ claim, snooze: true, delayMs: random.below(400) }] });
  else if (fate < 0.62) await send("nack", { claims: [{ claim, dead: true }] });
  else if (fate < 0.7) {
    await send("extend", { claims: [claim], claimTimeoutMs: 200 + random.below(2_000) });
    await actor.pause(300);
    await send("ack", { claims: [claim] });
  } else if (fate < 0.75) {
    await send("modify", { change: [{ claim, keepClaim: true, claimTimeoutMs: 800, priority: 1 }] });
    await send("ack", { claims: [claim] });
  } else if (fate < 0.78) await send("modify", { change: [{ claim, lane: "bulk" }] });
  else if (fate < 0.82) {
    // Refused: it depends on what is not there, so nothing of it may be seen.
    const missing = { id: "no-such-task", version: 1 };
    await send("modify", { delete: [{ claim }], insert: [child(actor)], depend: [missing] });
    await send("ack", { claims: [claim] });
  } else {
    const onward = queue === "chain" ? [] : [{ ...child(actor), queue: "chain" }, child(actor)];
    const isCopied = queue !== "chain" && random.chance(0.3);
    await send("modify", { delete: [{ claim }], insert: onward });
    // The same once more, as after a lost answer: its claim is gone, and so it changes nothing.
    if (isCopied) await send("modify", { delete: [{ claim }], insert: [child(actor)] });
  }
}

function child(actor: Actor): { readonly payload: { readonly t: string } } {
  return { payload: { t: actor.token() } };
}
