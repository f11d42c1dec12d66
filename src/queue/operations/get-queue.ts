// A queue's settings and stats.

import { statsOf } from "../stats.ts";
import { LATER } from "../turn.ts";
import type { OnQueue } from "./run.ts";

export const getQueue: OnQueue<"getQueue"> = (state, _input, now, queue) => {
  if (!state.isCounted(now)) return LATER;
  const { name, createdAt, settings } = queue;
  return { kind: "queue", queue: { name, createdAt, settings, stats: statsOf(state, now) } };
};
