// The delivery of a queue: what it reads and writes of the queue's outbox, and what it takes from the world. Decides nothing.

import type { ObjectBytes } from "../../core/held-bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import type { QueueHost } from "../queue-host.ts";
import type { QueueState } from "../state.ts";
import { Courier } from "./courier.ts";
import { Delivery } from "./delivery.ts";

/** @param state asked for each time: a failed turn opens the queue anew */
export function openDelivery(state: () => QueueState, host: QueueHost, held: ObjectBytes, now: () => number): Delivery {
  const courier = new Courier({
    pendingFor: (receiver) => state().outbox.pendingFor(receiver),
    taken: (receiver, upTo) => state().outbox.taken(receiver, upTo),
    refused: (receiver, seq, reason) => state().outbox.refused(receiver, seq, reason),
    failed: (receiver, seq, error) => state().outbox.failed(receiver, seq, error),
    park: (receiver, seq, reason) => {
      state().outbox.park(receiver, seq);
      host.report(`a message to ${receiver} was refused ${LIMITS.outboxRefusals} times and is parked`, reason);
    },
    deliver: (receiver, messages) => host.deliver(receiver, messages),
    report: (what, error) => host.report(what, error),
    // The last message of a batch may be one of the largest.
    hasRoom: () => held.sent.hasRoomFor(LIMITS.outboxBatchBytes + LIMITS.payloadBytes),
    hold: (bytes) => held.sent.hold(bytes),
    release: (bytes) => held.sent.release(bytes),
    later: (ms, action) => host.later(ms, action),
    random: () => host.random(),
    now,
  });
  return new Delivery(courier, {
    take: () => state().outbox.takeReceivers(),
    isThere: () => state().outbox.hasReceivers,
  });
}
