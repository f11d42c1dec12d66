// Which tasks are claimed, by which claim call, until when: in memory, rebuilt on wake from the claims rows. Decides nothing.

import type { ClaimRef } from "../../core/claim-token.ts";
import { LIVE } from "../../store/task-row.ts";
import { keyOf } from "../../core/sequence.ts";
import type { ClaimEntry, ClaimRow, LiveEntry } from "../../store/claim-statements.ts";
import { heldOf, slotOf, type Claim, type Slot } from "./claim.ts";
import { ClaimHolders } from "./claim-holders.ts";
import { ClaimPlaces } from "./claim-places.ts";
import { DeadlineHeap } from "./deadline-heap.ts";
import type { Run } from "../arrivals/runs.ts";

export class ClaimTable {
  readonly holders = new ClaimHolders();
  readonly places = new ClaimPlaces();
  readonly #byKey = new Map<number, Claim>();
  readonly #free: number[] = [];
  /** Rows whose tasks are gone while what they remember of rates still matters, by until when it does. */
  readonly #resting = new DeadlineHeap<number>();
  /** Rows that say which tasks were acked while the rows of those are still there; of what rates, once their claims have ended. */
  readonly #telling = new Map<number, Slot["charged"] | null>();
  readonly #ended: (claim: Claim) => void;
  #nextSlot = 1;
  /** One entry a slot: early if its claims have been extended since, never late. */
  readonly #deadlines = new DeadlineHeap<Slot>({
    get: (slot) => slot.deadline ?? undefined,
    set: (slot, entry) => (slot.deadline = entry),
    delete: (slot) => (slot.deadline = null),
  });

  /** @param ended hears where a claim has ended, however it did */
  constructor(ended: (claim: Claim) => void) {
    this.#ended = ended;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Rows that are needed for what they remember of rates alone. */
  get resting(): number {
    return this.#resting.size;
  }

  /** Rows of claims that exist, whether their tasks are gone or not. */
  get slotCount(): number {
    return this.#nextSlot - 1;
  }

  /** Rebuilds the table on wake. Entries whose task has moved on are not in `entries`. */
  load(
    rows: readonly Omit<ClaimRow, "acked" | "entries">[],
    entries: Iterable<LiveEntry & { readonly inRun: Run | null }>,
  ): void {
    const slots = new Map<number, Slot>();
    for (const row of rows) {
      slots.set(row.slot, slotOf(row));
      this.#nextSlot = Math.max(this.#nextSlot, row.slot + 1);
    }
    for (const entry of entries) {
      const slot = slots.get(entry.slot);
      if (slot === undefined) continue;
      this.#put({
        ...entry,
        place: this.places.of(entry.lane, entry.priority),
        state: LIVE,
        slot,
        hasId: entry.hasId === 1,
        expiresAt: entry.expiresAt ?? slot.expiresAt,
        turnMs: 0,
        before: null,
        after: null,
      });
    }
    for (let slot = 1; slot < this.#nextSlot; slot += 1) {
      const loaded = slots.get(slot);
      if (loaded === undefined || loaded.first === null) this.#restOrFree(slot, loaded?.charged ?? []);
      else this.#deadlines.set(loaded, deadlineOf(loaded));
    }
  }

  /** The claim on a task, by its row's seq. */
  get(seq: number): Claim | undefined {
    return this.#byKey.get(keyOf(seq));
  }

  /** Whether its claim is past its deadline, and only has not been ended yet. */
  hasRunOut(seq: number, now: number): boolean {
    return (this.get(seq)?.expiresAt ?? Number.POSITIVE_INFINITY) <= now;
  }

  /** Whether the task of this key is claimed, by whomever. */
  hasKey(key: number): boolean {
    return this.#byKey.has(key);
  }

  /** The claim a token names, if it is still held: neither ended nor past its deadline (P4). */
  held(ref: ClaimRef, now: number): Claim | undefined {
    const claim = this.#byKey.get(ref.key);
    if (claim === undefined || claim.slot.slot !== ref.slot || claim.slot.nonce !== ref.nonce) return undefined;
    return claim.expiresAt > now ? claim : undefined;
  }

  /** The slot that the next claim call will take: a row whose tasks are all gone, or a new one. */
  peekSlot(now: number): number {
    for (let rested = this.#resting.peek(); rested !== undefined && rested.at <= now; rested = this.#resting.peek()) {
      this.#resting.pop();
      this.#free.push(rested.item);
    }
    return this.#free.at(-1) ?? this.#nextSlot;
  }

  /** Records a claim call, its own slot still empty, whose row has been written under `peekSlot(now)`. */
  add(call: Slot, claims: readonly Claim[]): void {
    if (this.#free.length > 0) this.#free.pop();
    else this.#nextSlot += 1;
    for (const claim of claims) this.#put(claim);
    this.#deadlines.set(call, call.expiresAt);
  }

  /** The slot's row says which tasks were acked: it is not overwritten before the rows of those are gone. */
  tells(slot: number): void {
    if (!this.#telling.has(slot)) this.#telling.set(slot, null);
  }

  /** The rows of all tasks that were acked are gone. */
  ackedAreGone(): void {
    const telling = [...this.#telling];
    this.#telling.clear();
    for (const [slot, charged] of telling) if (charged !== null) this.#restOrFree(slot, charged);
  }

  /** A row of no claim, for what it remembers of rates. @returns its slot */
  rest(charged: Slot["charged"]): number {
    const slot = this.#free.pop() ?? this.#nextSlot;
    this.#nextSlot = Math.max(this.#nextSlot, slot + 1);
    this.#restOrFree(slot, charged);
    return slot;
  }

  /** What the rows remember of rates is about to be written elsewhere. */
  endRests(): void {
    for (const slot of this.#resting.items()) this.#free.push(slot);
    this.#resting.clear();
  }

  /** No row says any longer what was used of rates. */
  forgetCharges(): void {
    for (const { slot } of this.#byKey.values()) slot.charged = [];
    for (const [slot, charged] of this.#telling) if (charged !== null) this.#telling.set(slot, []);
    this.endRests();
  }

  /** The task is no longer claimed. */
  remove(seq: number): void {
    const claim = this.get(seq);
    if (claim !== undefined) this.end(claim);
  }

  /** The same, of a claim that is known to be held. */
  end(claim: Claim): void {
    const { slot, before, after } = claim;
    this.#byKey.delete(keyOf(claim.seq));
    if (before === null) slot.first = after;
    else before.after = after;
    if (after === null) slot.last = before;
    else after.before = before;
    this.holders.remove(claim);
    this.places.remove(claim.place);
    if (slot.first === null) {
      this.#deadlines.delete(slot);
      this.#restOrFree(slot.slot, slot.charged);
    }
    this.#ended(claim);
  }

  /** A later deadline is found when the slot's present one comes; only a sooner one moves the slot. */
  extend(claim: Claim, expiresAt: number): void {
    claim.expiresAt = expiresAt;
    const deadline = this.#deadlines.at(claim.slot);
    if (deadline !== undefined && expiresAt < deadline) this.#deadlines.set(claim.slot, expiresAt);
  }

  /** The claimed task's row has changed while the claim is kept. */
  changed(claim: Claim, row: Pick<Claim, "seq" | "version" | "lane" | "priority" | "visibleAt">): void {
    this.places.remove(claim.place);
    Object.assign(claim, row, { place: this.places.of(row.lane, row.priority), inRun: null });
    this.places.add(claim.place);
  }

  /** What a slot's row must hold for the tasks still claimed under it, beside how far reading and keys have come. */
  rowOf(slot: Slot, progress: Pick<ClaimRow, "readTo" | "lastKey" | "rateAt">): ClaimRow {
    if (this.#telling.has(slot.slot)) throw new Error(`row ${slot.slot} would no longer say which tasks were acked`);
    const entries = entriesOf([...heldOf(slot)], slot.expiresAt);
    const { nonce, claimant, holder, expiresAt, claimedAt, charged } = slot;
    return { slot: slot.slot, nonce, claimant, holder, expiresAt, claimedAt, ...progress, charged, acked: [], entries };
  }

  /** The earliest instant at which a claim may run out; null: none is held. May be early, never late. */
  nextDeadline(): number | null {
    return this.#deadlines.peek()?.at ?? null;
  }

  /** At most `limit` claims whose deadline has come. They stay in the table until removed. */
  expired(now: number, limit: number): Claim[] {
    const found: Claim[] = [];
    const looked: Slot[] = [];
    for (;;) {
      const first = this.#deadlines.peek();
      if (first === undefined || first.at > now || found.length >= limit) break;
      this.#deadlines.pop();
      looked.push(first.item);
      for (const claim of heldOf(first.item)) {
        if (found.length >= limit) break;
        if (claim.expiresAt <= now) found.push(claim);
      }
    }
    // A slot may hold more: those extended, and those beyond the limit.
    for (const slot of looked) this.#deadlines.set(slot, deadlineOf(slot));
    return found;
  }

  values(): IterableIterator<Claim> {
    return this.#byKey.values();
  }

  clear(): void {
    this.#byKey.clear();
    this.holders.clear();
    this.places.clear();
    this.#free.length = 0;
    this.#resting.clear();
    this.#telling.clear();
    this.#nextSlot = 1;
    this.#deadlines.clear();
  }

  #put(claim: Claim): void {
    const { slot } = claim;
    this.#byKey.set(keyOf(claim.seq), claim);
    claim.before = slot.last;
    if (slot.last === null) slot.first = claim;
    else slot.last.after = claim;
    slot.last = claim;
    this.holders.add(claim);
    this.places.add(claim.place);
  }

  #restOrFree(slot: number, charged: Slot["charged"]): void {
    if (this.#telling.size > 0 && this.#telling.has(slot)) {
      this.#telling.set(slot, charged);
      return;
    }
    let restsUntil = 0;
    for (const [, at] of charged) restsUntil = Math.max(restsUntil, at);
    if (restsUntil > 0) this.#resting.set(slot, restsUntil);
    else this.#free.push(slot);
  }
}

function deadlineOf(slot: Slot): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (const claim of heldOf(slot)) earliest = Math.min(earliest, claim.expiresAt);
  return earliest;
}

/** Claimed tasks as a row holds them: those that follow one another in a run as one entry. */
export function entriesOf(
  claims: readonly Pick<Claim, "seq" | "version" | "inRun" | "expiresAt">[],
  expiresAt: number,
): ClaimEntry[] {
  const entries: [number, number, (number | null)?, number?][] = [];
  let last: (typeof claims)[number] | undefined;
  for (const claim of claims) {
    const entry = entries.at(-1);
    const own = claim.expiresAt === expiresAt ? null : claim.expiresAt;
    const follows =
      claim.inRun !== null &&
      last?.inRun === claim.inRun &&
      last.seq === claim.seq - 1 &&
      last.expiresAt === claim.expiresAt;
    if (follows && entry !== undefined) entry[3] = (entry[3] ?? 0) + 1;
    else if (claim.inRun !== null) entries.push([claim.seq, claim.version, own, 1]);
    else entries.push(own === null ? [claim.seq, claim.version] : [claim.seq, claim.version, own]);
    last = claim;
  }
  return entries;
}
