// Makes a queue what was exported, under a new life of its database: its tasks keep their ids, and no claim token or message
// number of before names anything in it.

import type { InputOf, OutcomeOf } from "../../core/operation.ts";
import { migrate, newestSchema } from "../../store/migrations.ts";
import type { BadRecord } from "../../store/stored-shapes.ts";
import { storedTables } from "../../store/stored-tables.ts";
import { beginLife } from "../begin-life.ts";
import { QueueState } from "../state.ts";
import { LATER } from "../turn.ts";
import type { ByName } from "./run.ts";

type Answer = OutcomeOf<"importQueue">;

/**
 * Takes in some of the records, in the order in which they were exported; those that it has already are passed over. Until the
 * last have come nothing of the queue changes; with them all of it does, in one commit.
 */
export const importQueue: ByName<"importQueue"> = (state, input, now, name) => {
  const { head, at, isLast, replace } = input;
  if (head.schema > newestSchema()) {
    const allowed = `at most ${newestSchema()}: it was exported by a later version`;
    return { kind: "invalid", field: "head.schema", given: head.schema, allowed };
  }
  migrate(state.sql, now);
  if (!replace && state.existing() !== null && holdsSomething(state)) return { kind: "queue-not-empty" };
  const { imports } = state;
  for (const [index, record] of input.records.entries()) {
    const bad = imports.badIn(record);
    if (bad !== null) return asRefusal(index, bad);
  }
  if (imports.get()?.head.export !== head.export) {
    if (at !== 0) return { kind: "invalid", field: "at", given: at, allowed: "0, for the first records of an import" };
    // What the one before has brought is set aside.
    if (state.aside.areFull) return LATER;
    imports.begin(head, now);
    // Those of the one before go, and new ones are made.
    state.scans.remade(2 * storedTables(state.sql).length);
  }
  const taken = imports.get()?.records ?? 0;
  if (at > taken)
    return { kind: "invalid", field: "at", given: at, allowed: `at most ${taken}: those before have not come` };
  const upTo = at + input.records.length;
  for (const [index, record] of input.records.entries()) {
    if (at + index < taken) continue;
    const bad = imports.write(record);
    // What was written of this request is in the way of nothing: the next one writes it again.
    if (bad !== null) return asRefusal(index, bad);
  }
  if (upTo > taken) imports.taken(upTo, now);
  if (!isLast) return { kind: "imported", records: Math.max(upTo, taken), isWhole: false };
  // What was set aside in this life is not the imported one's.
  if (state.aside.areThere) return LATER;
  return takePlace(state, input, now, name);
};

function asRefusal(index: number, { field, given, allowed }: BadRecord): Answer {
  return { kind: "invalid", field: `records[${index}].${field}`, given, allowed };
}

function takePlace(
  state: QueueState,
  { head, at, records }: InputOf<"importQueue">,
  now: number,
  name: string,
): Answer {
  if (!state.imports.holdsQueue()) {
    return {
      kind: "invalid",
      field: "records",
      given: records.length,
      allowed: "those of a whole queue, its own row too",
    };
  }
  state.writeGathered();
  const before = state.row;
  state.exports.end();
  state.imports.takePlace(head.queue === name);
  // The memory of the life that ends here knows nothing of these rows.
  state.isReplaced = true;
  const next = new QueueState(state.sql, state.chance, state.history, state.divided, state.standing);
  next.wake(now);
  const { row } = next;
  if (row === null) throw new Error("an import left no queue");
  const lastKey = Math.max(next.sequence.last, before?.lastKey ?? 0, state.sequence.last);
  // Not that of a life which this very queue had, and which the directory may know to have ended.
  const createdAt = before === null ? row.createdAt : Math.max(row.createdAt, before.createdAt + 1);
  beginLife(next, { ...row, name, deletedAt: null, createdAt, lastKey }, row.lastKey, now);
  return { kind: "imported", records: at + records.length, isWhole: true };
}

function holdsSomething({ sql }: QueueState): boolean {
  return ["tasks", "documents"].some((table) => sql.all(`SELECT 1 FROM ${table} LIMIT 1`).length > 0);
}
