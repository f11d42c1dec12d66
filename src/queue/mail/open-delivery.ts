// The delivery of a queue: what it reads and writes of the queue's outbox, and what it takes from the world. Decides nothing.

import { LIMITS } from "../../core/limits.ts";
import type { OutboxRow, OutboxStatements } from "../../store/outbox-statements.ts";
import type { QueueHost } from "../queue-host.ts";
import type { QueueState } from "../state.ts";
import { Courier } from "./courier.ts";
import { Delivery } from "./delivery.ts";

/** @param state asked for each time: a failed turn opens the queue anew */
export function openDelivery(state: () => QueueState, host: QueueHost, now: () => number): Delivery {
  const outbox = (): OutboxStatements => state().outbox;
  const courier = new Courier({
    pendingFor: (receiver: string): OutboxRow[] =>
      outbox().pendingFor(receiver, LIMITS.outboxBatch, LIMITS.outboxBatchBytes),
    taken: (receiver, upTo) => outbox().deleteUpTo(receiver, upTo),
    refused: (receiver, seq, reason) => outbox().refused(receiver, seq, reason),
    failed: (receiver, seq, error) => outbox().failed(receiver, seq, error),
    park: (receiver, seq, reason) => {
      outbox().park(receiver, seq);
      host.report(`a message to ${receiver} was refused ${LIMITS.outboxRefusals} times and is parked`, reason);
    },
    deliver: (receiver, messages) => host.deliver(receiver, messages),
    later: (ms, action) => host.later(ms, action),
    random: () => host.random(),
    now,
  });
  return new Delivery(courier, {
    take: () => {
      const receivers = [...state().outgoing];
      state().outgoing.clear();
      return receivers;
    },
    isThere: () => state().outgoing.size > 0,
  });
}
