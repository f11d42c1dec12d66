// A queue's settings and stats.

import type { OutcomeOf } from "../../core/operation.ts";
import type { QueueRow } from "../../store/queue-statements.ts";
import type { QueueState } from "../state.ts";
import { statsOf } from "../stats.ts";
import { LATER } from "../turn.ts";

export function getQueue(state: QueueState, _input: null, now: number): OutcomeOf<"getQueue"> | typeof LATER {
  const queue = state.existing();
  return queue === null ? { kind: "queue-not-found" } : queueView(state, queue, now);
}

export function queueView(state: QueueState, queue: QueueRow, now: number): OutcomeOf<"getQueue"> | typeof LATER {
  if (!state.isCounted(now)) return LATER;
  const { name, createdAt, settings } = queue;
  return { kind: "queue", queue: { name, createdAt, settings, stats: statsOf(state, now) } };
}
