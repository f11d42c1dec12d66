// A consumer of frames, written from docs/socket.md without the published client: credit, pushes, and settlements in any order.

import type { Actor } from "./actor.ts";
import { KEYED, LANES, type QueueName } from "./queues.ts";

interface Message {
  readonly id?: number;
  readonly op?: string;
  readonly tasks?: readonly { readonly claim: string }[];
}

const TARGETS = ["orders", "work", "chain", ...KEYED] as const satisfies readonly QueueName[];
/** A connection is left after about this long, whatever it holds. */
const LIFE_MS = 8_000;

export async function consumeOverFrames(actor: Actor): Promise<void> {
  for (;;) {
    await oneSocket(actor, actor.random.pick(TARGETS));
    await actor.pause(200);
  }
}

function oneSocket(actor: Actor, queue: QueueName): Promise<void> {
  const { random, url } = actor;
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/v1/queues/${queue}/socket`);
  let last = 0;
  const ask = (op: string, body: object): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ id: (last += 1), op, body }));
  };
  const credit = {
    n: 5 + random.below(30),
    claimTimeoutMs: 400 + random.below(1_200),
    release: random.chance(0.3),
    lanes: random.chance(0.5) ? { any: LANES } : LANES,
  };
  return new Promise((fulfil) => {
    let leaving = 0;
    const leave = (): void => {
      // Some leave with pushes under way, some only when none can be.
      if (random.chance(0.3)) socket.close();
      else {
        ask("credit", { ...credit, n: 0 });
        leaving = last;
      }
    };
    const overdue = setTimeout(leave, LIFE_MS * (0.5 + random.next()));
    const insisted = setTimeout(() => socket.close(), 2 * LIFE_MS);
    socket.addEventListener("open", () => ask("credit", credit));
    socket.addEventListener("error", () => socket.close());
    socket.addEventListener("close", () => {
      clearTimeout(overdue);
      clearTimeout(insisted);
      fulfil();
    });
    socket.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(String(data)) as Message | readonly Message[];
      for (const message of Array.isArray(frame) ? (frame as readonly Message[]) : [frame as Message]) {
        if (leaving > 0 && message.id === leaving) socket.close();
        else if (message.op === "sync") socket.send(JSON.stringify(message));
        else if (message.op === "lapsed" && leaving === 0) ask("credit", credit);
        else if (message.op === "tasks") for (const { claim } of message.tasks ?? []) void settle(actor, ask, claim);
      }
    });
  });
}

async function settle(actor: Actor, ask: (op: string, body: object) => void, claim: string): Promise<void> {
  const { random } = actor;
  await actor.pause(random.chance(0.05) ? 1_500 : 15);
  const fate = random.next();
  if (fate < 0.8) ask("ack", { claims: [claim] });
  else if (fate < 0.88) ask("nack", { claims: [{ claim, delayMs: random.below(300) }] });
  else if (fate < 0.92) ask("nack", { claims: [{ claim, release: true }] });
  else if (fate < 0.97) {
    ask("extend", { claims: [claim], claimTimeoutMs: 1_000 });
    await actor.pause(200);
    ask("ack", { claims: [claim] });
  } else if (fate < 0.99) ask("modify", { delete: [{ claim }] });
}
