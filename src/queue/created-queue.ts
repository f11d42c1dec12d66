// How a queue comes to be: by the first write to it, and again by the first after it was deleted.

import { DEFAULT_SETTINGS } from "../core/settings.ts";
import { newTag } from "../core/task-id.ts";
import { migrate } from "../store/migrations.ts";
import type { QueueRow } from "../store/queue-statements.ts";
import { DIRECTORY } from "./mail/directory.ts";
import type { QueueState } from "./state.ts";

/** The queue, made by this write if it was not there. Registering it with the directory is part of the same transaction. */
export function createdQueue(state: QueueState, name: string, now: number): QueueRow {
  const existing = state.existing();
  if (existing !== null) return existing;
  migrate(state.sql, now);
  state.levels.stored();
  const { row: former } = state;
  // No two lives of a queue began at one instant, by which the directory, and senders of pushes, distinguish them.
  const createdAt = Math.max(now, (former?.createdAt ?? 0) + 1);
  const row: QueueRow = {
    name,
    tag: former?.tag ?? newTag(() => state.chance.random()),
    former: former?.former ?? [],
    createdAt,
    deletedAt: null,
    settings: DEFAULT_SETTINGS,
    lastKey: former?.lastKey ?? 0,
    purges: former?.purges ?? 0,
    purgesSwept: former?.purgesSwept ?? 0,
  };
  state.put(row);
  const body = JSON.stringify({ name, createdAt });
  state.outbox.send({ receiver: DIRECTORY, kind: "register", body, payload: null }, now);
  return row;
}
