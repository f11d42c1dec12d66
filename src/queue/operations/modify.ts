// EntroQ's update: inserts, changes, deletes and dependencies, over all lanes and documents, whole or not at all (P6). First
// everything that stands against it is found, then everything is written.

import { LIMITS } from "../../core/limits.ts";
import type { ModifyInput, ModifyInsert } from "../../core/modify.ts";
import type { NewTask, OutcomeOf, Refusal } from "../../core/operation.ts";
import { traced, type TraceContext } from "../../core/trace-context.ts";
import { DEAD } from "../../store/task-row.ts";
import { endSomeExpired } from "../claims/end-attempt.ts";
import { roomFor } from "./enqueue.ts";
import { fingerprintOf } from "../producers/fingerprint.ts";
import { findReferences, type Found } from "./modify-references.ts";
import { writeModify } from "./modify-writes.ts";
import { madeBefore, remember } from "./once.ts";
import { grownBy, storageRefusal } from "./storage-room.ts";
import type { QueueState } from "../state.ts";
import { giveUpIds } from "../tasks/known-ids.ts";
import { LATER } from "../turn.ts";
import type { ByName } from "./run.ts";

type Outcome = OutcomeOf<"modify">;

/**
 * @param name the queue's name: a modify that inserts creates its queue
 * @returns what was written; `dependency-failed` with every reference that failed; or another refusal. Nothing is written
 *   but by the first.
 */
export const modify: ByName<"modify"> = (state, { call, trace, ...input }, now, name) => {
  const tracedInput = trace === undefined ? input : tracedInserts(input, trace);
  if (call === undefined) return make(state, tracedInput, now, name);
  const fingerprint = fingerprintOf(input);
  const before = madeBefore(state, call, input, fingerprint, now);
  if (before !== null) {
    if (before.kind !== "made") return before;
    const { whole } = Object(before.answer) as { readonly whole?: Outcome };
    // What is remembered answers no such call, as only an import can have it.
    return whole?.kind === "modified" ? whole : { kind: "call-forgotten", number: call.number, from: null };
  }
  const outcome = make(state, tracedInput, now, name);
  if (outcome !== LATER && outcome.kind === "modified") remember(state, call, fingerprint, { whole: outcome }, now);
  return outcome;
};

function tracedInserts(input: ModifyInput, trace: TraceContext): ModifyInput {
  const insert = input.insert.map((item) => ("document" in item ? item : { ...item, task: traced(item.task, trace) }));
  return { ...input, insert };
}

function make(state: QueueState, input: ModifyInput, now: number, name: string): Outcome | typeof LATER {
  const queue = state.existing();
  if ((queue?.settings.maxBacklog ?? null) !== null && !state.isBacklogCounted(now)) return LATER;
  if (queue !== null) endSomeExpired(state, queue, now);
  const inputAtHome = { ...input, insert: input.insert.map((insert) => atHome(insert, name)) };
  const found = findReferences(state, inputAtHome, now);
  if (found.kind !== "found") return hasRunOut(found, now) ? LATER : found;
  const refusal = refusalOf(state, inputAtHome, found, now);
  if (refusal !== null) return refusal;
  if (giveUpIds(state, found.ids, now)) return LATER;
  return { kind: "modified", ...writeModify(state, inputAtHome, found, now, name) };
}

/** Whether it fails for a claim that is past its deadline, and that only this turn had no room to end. */
function hasRunOut(refusal: Refusal, now: number): boolean {
  if (refusal.kind !== "dependency-failed") return false;
  return refusal.failures.some(({ reason, claimedUntil }) => reason === "claimed" && (claimedUntil ?? 0) <= now);
}

/** An insert into the queue that is asked is no message to itself. */
function atHome(insert: ModifyInsert, name: string): ModifyInsert {
  if ("document" in insert || insert.queue !== name) return insert;
  const { queue: _name, ...rest } = insert;
  return rest;
}

/** Why what is asked has no room here, or null. Reads only. */
function refusalOf(state: QueueState, input: ModifyInput, found: Found, now: number): Refusal | null {
  const moved = input.change.findIndex(
    (item) => !("document" in item) && item.keepClaim !== undefined && item.change.key !== undefined,
  );
  if (moved >= 0) {
    return {
      kind: "invalid",
      field: `change[${moved}].key`,
      given: "a key",
      allowed: "absent while the claim is kept",
    };
  }
  const late = lateField(input, now);
  if (late !== null) return late;
  const sent = input.insert.filter((item) => !("document" in item) && item.queue !== undefined).length;
  if (sent > 0 && !state.outbox.hasRoomFor(sent)) {
    return { kind: "queue-full", what: "messages", limit: LIMITS.outboxMessages };
  }
  const tooLarge = storageRefusal(state, () => grownBy(state, input, found));
  if (tooLarge !== null) return tooLarge;

  const inserted = input.insert.flatMap((item): NewTask[] => {
    if ("document" in item || item.queue !== undefined) return [];
    return item.task.id !== undefined && found.ids.taken.has(item.task.id) ? [] : [item.task];
  });
  const changed = input.change.flatMap((item) => {
    const task = found.tasks.get(item);
    return "document" in item || task === undefined ? [] : [{ ...task.head, ...item.change }];
  });
  const deleted = input.delete.filter((item) => (found.tasks.get(item)?.head.state ?? DEAD) !== DEAD).length;
  return roomFor(state, [...inserted, ...changed], inserted.length - deleted);
}

/** The first time that lies further ahead than a delay may reach. */
function lateField({ insert, change }: ModifyInput, now: number): Refusal | null {
  const times = [
    ...insert.map((item, index) => ["document" in item ? undefined : item.task.visibleAt, `insert[${index}]`] as const),
    ...change.map(
      (item, index) => ["document" in item ? undefined : item.change.visibleAt, `change[${index}]`] as const,
    ),
  ];
  for (const [visibleAt, path] of times) {
    if (visibleAt === undefined || visibleAt <= now + LIMITS.delayMs) continue;
    const allowed = `at most ${LIMITS.delayMs} ms from now`;
    return { kind: "invalid", field: `${path}.visibleAt`, given: visibleAt, allowed };
  }
  return null;
}
