// Offers dead tasks again: those that died here in place, dead letters back where they died. Looks at heads; payloads go from
// row to row in the database.

import { LIMITS } from "../../core/limits.ts";
import type { OutcomeOf, RedriveInput, RedrivePlace } from "../../core/operation.ts";
import { INDEXED_FROM, instantOf, keyOf } from "../../core/sequence.ts";
import { taskKeyOf } from "../../core/stored-lane.ts";
import { DEAD, DONE, LIVE, type MeasuredHead } from "../../store/task-row.ts";
import { asRedrive } from "../mail/dead-letter.ts";
import { endSomeExpired } from "../claims/end-attempt.ts";
import { unblockKey } from "../keys/blocked-key.ts";
import { findHead } from "../tasks/find-task.ts";
import { originOf } from "../tasks/origin.ts";
import { takeOut } from "../tasks/take-out.ts";
import type { QueueState } from "../state.ts";
import { idOf } from "../tasks/task-view.ts";
import { LATER } from "../turn.ts";
import type { OnQueue } from "./run.ts";

/** Heads read at a time. */
const WINDOW = 500;

type Answer = OutcomeOf<"redrive">;

/**
 * At most `limit` tasks, all that are dead or the named ones. A redriven task begins again: no attempts, no TTL, visible
 * now. Claimed dead letters are left to their claimants, and those that were changed are left unless `changedTo` names
 * where they came from. One call looks at LIMITS.pageScan rows and moves LIMITS.claimBytes of payloads, about.
 */
export const redrive: OnQueue<"redrive"> = (state, input, now, queue) => {
  if (state.scans.isUsedUp) return LATER;
  endSomeExpired(state, queue, now);
  const call = new Redrive(state, input, now);
  return input.ids === undefined ? call.all(input.after) : call.named(input.ids, (id) => findHead(state, queue, id));
};

/** Redrives named tasks that a search has found, one after another. */
export function redriver(state: QueueState, now: number): (head: MeasuredHead) => "redriven" | "left" | "no-room" {
  const call = new Redrive(state, { limit: LIMITS.batchTasks }, now);
  return (head) => call.one(head);
}

/** One that died later than now did so in an earlier life of the object, before the clock was set back. */
export function hasDiedBy({ diedAt }: Pick<MeasuredHead, "diedAt">, startedAt: number, now: number): boolean {
  return diedAt === null || diedAt <= startedAt || diedAt > now;
}

/** One call. */
class Redrive {
  readonly #state: QueueState;
  readonly #input: RedriveInput;
  readonly #now: number;
  readonly #upTo: number;
  readonly #leftChanged = new Set<string>();
  #tasks = 0;
  #bytes = 0;
  #looked = 0;

  constructor(state: QueueState, input: RedriveInput, now: number) {
    this.#state = state;
    this.#input = input;
    this.#now = now;
    this.#upTo = input.after?.upTo ?? state.sequence.take(now);
  }

  named(ids: readonly string[], find: (id: string) => MeasuredHead | undefined): Answer {
    const notFound: string[] = [];
    let at = this.#input.after?.seq ?? 0;
    for (const id of ids.slice(at)) {
      const here = { upTo: this.#upTo, endsAt: null, seq: at };
      if (this.#isFull) return this.#answer(here, notFound);
      const head = find(id);
      this.#look(1);
      const outcome = head === undefined ? "left" : this.one(head);
      if (outcome === "no-room") return this.#stop(here, notFound);
      if (outcome === "left") notFound.push(id);
      at += 1;
    }
    return this.#answer(null, notFound);
  }

  all(after: RedrivePlace | undefined): Answer {
    let { endsAt, seq } = after ?? { endsAt: 0, seq: 0 };
    const here = (): RedrivePlace => ({ upTo: this.#upTo, endsAt, seq });
    for (;;) {
      const heads = this.#headsAfter(endsAt, seq);
      this.#look(heads.length);
      for (const head of heads) {
        const isOfThis = endsAt === null ? this.#isLetter(head) : hasDiedBy(head, instantOf(this.#upTo), this.#now);
        if (isOfThis && this.#isFull) return this.#answer(here());
        if (isOfThis && this.one(head) === "no-room") return this.#stop(here());
        if (endsAt !== null) endsAt = head.endsAt ?? 0;
        ({ seq } = head);
      }
      const isEnd = heads.length < WINDOW || (endsAt === null && keyOf(seq) > this.#upTo);
      if (isEnd && endsAt === null) return this.#answer(null);
      if (isEnd) [endsAt, seq] = [null, 0];
      else if (this.#looked >= LIMITS.pageScan) return this.#answer(here());
    }
  }

  /** The dead by their index; then those that wait, among the indexed tasks, as every dead letter does. */
  #headsAfter(endsAt: number | null, seq: number): MeasuredHead[] {
    const { tasks } = this.#state;
    if (endsAt === null) return tasks.headsAfter(Math.max(seq, INDEXED_FROM - 1), WINDOW);
    return tasks.deadAfter(endsAt, seq, WINDOW);
  }

  #isLetter({ state, origin, seq }: MeasuredHead): boolean {
    return state === LIVE && origin !== null && keyOf(seq) <= this.#upTo;
  }

  get #isFull(): boolean {
    return this.#tasks >= this.#input.limit || this.#bytes > LIMITS.claimBytes - LIMITS.payloadBytes;
  }

  /** Says where to go on; or that the outbox is full, if that is why nothing was moved. */
  #stop(here: RedrivePlace, notFound: string[] = []): Answer {
    if (this.#tasks > 0 || notFound.length > 0) return this.#answer(here, notFound);
    return { kind: "queue-full", what: "messages", limit: LIMITS.outboxMessages };
  }

  #look(rows: number): void {
    this.#looked += rows;
    this.#state.scans.looked(rows);
  }

  /** Left: it is not dead, claimed, or a dead letter that was changed. No room: in the outbox, for a dead letter that goes home. */
  one(head: MeasuredHead): "redriven" | "left" | "no-room" {
    const state = this.#state;
    const now = this.#now;
    if (head.state === DONE || state.claims.get(head.seq) !== undefined) return "left";
    // A dead letter goes home also if it died here too: its origin decides.
    const origin = originOf(head);
    if (origin !== null) {
      if (origin.isChanged === true && this.#input.changedTo?.includes(origin.queue) !== true) {
        if (this.#leftChanged.size < LIMITS.redriveOrigins) this.#leftChanged.add(origin.queue);
        return "left";
      }
      if (!state.outbox.hasRoomFor(1)) return "no-room";
      state.outbox.sendStored(
        { receiver: origin.queue, kind: "redrive", body: asRedrive(head, origin) },
        head.seq,
        null,
        now,
      );
      takeOut(state, [{ ...head, hasId: false, inRun: null }], now, "moved");
    } else if (head.state === DEAD) this.#revive(head);
    else return "left";
    this.#tasks += 1;
    this.#bytes += origin === null ? 0 : head.bytes;
    state.scans.moved(origin === null ? 0 : head.bytes);
    return "redriven";
  }

  /** Of a strict key before its tasks that came after it, which have waited for it. */
  #revive(head: MeasuredHead): void {
    const state = this.#state;
    const isStrict = taskKeyOf(head.lane) !== null && state.keys.settings.order === "strict";
    const visibleAt = isStrict ? instantOf(head.seq) : this.#now;
    // Its retention begins again, wherever its place is.
    state.tasks.revive(head.seq, visibleAt, isStrict ? this.#now : null);
    state.facts.say("redriven", head, { ...head, state: LIVE, visibleAt });
    state.levels.added(head.lane, head.priority, visibleAt, head.seq);
    unblockKey(state, taskKeyOf(head.lane), idOf(state.lives, head), this.#now);
  }

  #answer(after: RedrivePlace | null, notFound: string[] = []): Answer {
    return { kind: "redriven", tasks: this.#tasks, notFound, after, leftChanged: [...this.#leftChanged] };
  }
}
