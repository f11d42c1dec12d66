// Which tasks are claimed, by which claim call, until when: in memory, rebuilt on wake from the claims rows. Decides nothing.

import type { ClaimRef } from "../core/claim-token.ts";
import type { ClaimEntry, ClaimRow, LiveEntry } from "../store/claim-statements.ts";
import { DeadlineHeap } from "./deadline-heap.ts";

/** A claimed task. `version` and `attempts` are the row's own, as they were when it was claimed. */
export interface Claim {
  readonly seq: number;
  readonly slot: Slot;
  version: number;
  readonly attempts: number;
  readonly maxAttempts: number | null;
  lane: string;
  priority: number;
  readonly hasId: boolean;
  expiresAt: number;
}

/** One claim call: its row in `claims`, and the tasks of it that are still held. */
export interface Slot {
  readonly slot: number;
  readonly nonce: string;
  readonly claimant: string | null;
  /** The deadline that the call gave all its tasks. */
  readonly expiresAt: number;
  readonly claims: Map<number, Claim>;
}

/** Stale deadlines kept before the heap is swept; below it a sweep costs more than it frees. */
const STALE_DEADLINES = 1_024;

export class ClaimTable {
  readonly #bySeq = new Map<number, Claim>();
  readonly #slots = new Map<number, Slot>();
  readonly #free: number[] = [];
  #nextSlot = 1;
  readonly #deadlines = new DeadlineHeap<Slot>();

  get size(): number {
    return this.#bySeq.size;
  }

  /** Rows of claims that exist, whether their tasks are gone or not. */
  get slotCount(): number {
    return this.#nextSlot - 1;
  }

  /** Rebuilds the table on wake. Entries whose task has moved on are not in `entries`. */
  load(rows: readonly Omit<ClaimRow, "entries">[], entries: readonly LiveEntry[]): void {
    for (const row of rows) {
      this.#slots.set(row.slot, { ...row, claims: new Map() });
      this.#nextSlot = Math.max(this.#nextSlot, row.slot + 1);
    }
    for (const entry of entries) {
      const slot = this.#slots.get(entry.slot);
      if (slot === undefined) continue;
      this.#put({ ...entry, slot, hasId: entry.hasId === 1, expiresAt: entry.expiresAt ?? slot.expiresAt });
    }
    for (let slot = 1; slot < this.#nextSlot; slot += 1) {
      const loaded = this.#slots.get(slot);
      if (loaded === undefined || loaded.claims.size === 0) this.#release(slot);
      else this.#pushDeadline(loaded);
    }
  }

  get(seq: number): Claim | undefined {
    return this.#bySeq.get(seq);
  }

  /** The claim a token names, if it is still held: neither ended nor past its deadline (P4). */
  held(ref: ClaimRef, now: number): Claim | undefined {
    const claim = this.#bySeq.get(ref.seq);
    if (claim === undefined || claim.slot.slot !== ref.slot || claim.slot.nonce !== ref.nonce) return undefined;
    return claim.expiresAt > now ? claim : undefined;
  }

  /** The slot that the next claim call will take: a row whose tasks are all gone, or a new one. */
  peekSlot(): number {
    return this.#free.at(-1) ?? this.#nextSlot;
  }

  /** Records a claim call whose row has been written under `peekSlot()`. */
  add(row: Omit<ClaimRow, "entries">, tasks: readonly Omit<Claim, "slot" | "expiresAt">[]): void {
    if (this.#free.length > 0) this.#free.pop();
    else this.#nextSlot += 1;
    const slot: Slot = { ...row, claims: new Map() };
    this.#slots.set(row.slot, slot);
    for (const task of tasks) this.#put({ ...task, slot, expiresAt: row.expiresAt });
    this.#pushDeadline(slot);
  }

  /** The task is no longer claimed. */
  remove(seq: number): void {
    const claim = this.#bySeq.get(seq);
    if (claim === undefined) return;
    this.#bySeq.delete(seq);
    claim.slot.claims.delete(seq);
    if (claim.slot.claims.size === 0) this.#release(claim.slot.slot);
    if (this.#deadlines.size > STALE_DEADLINES + 2 * this.#bySeq.size) {
      this.#deadlines.retain((_at, slot) => this.#slots.get(slot.slot) === slot);
    }
  }

  extend(claim: Claim, expiresAt: number): void {
    claim.expiresAt = expiresAt;
    this.#deadlines.push(expiresAt, claim.slot);
  }

  /** What a slot's row must hold for the tasks still claimed under it, beside how far reading and keys have come. */
  rowOf(slot: Slot, progress: Pick<ClaimRow, "readTo" | "lastKey">): ClaimRow {
    const entries = Array.from(slot.claims.values(), (claim): ClaimEntry =>
      claim.expiresAt === slot.expiresAt ? [claim.seq, claim.version] : [claim.seq, claim.version, claim.expiresAt],
    );
    const { nonce, claimant, expiresAt } = slot;
    return { slot: slot.slot, nonce, claimant, expiresAt, ...progress, entries };
  }

  /** The earliest instant at which a claim may run out; null: none is held. May be early, never late. */
  nextDeadline(): number | null {
    for (;;) {
      const first = this.#deadlines.peek();
      if (first === undefined) return null;
      if (this.#slots.get(first.item.slot) === first.item) return first.at;
      this.#deadlines.pop();
    }
  }

  /** At most `limit` claims whose deadline has come. They stay in the table until removed. */
  expired(now: number, limit: number): Claim[] {
    const found = new Set<Claim>();
    const seen = new Set<Slot>();
    while (found.size < limit) {
      const first = this.#deadlines.peek();
      if (first === undefined || first.at > now) break;
      this.#deadlines.pop();
      const slot = first.item;
      if (this.#slots.get(slot.slot) !== slot || seen.has(slot)) continue;
      seen.add(slot);
      for (const claim of slot.claims.values()) if (claim.expiresAt <= now) found.add(claim);
    }
    // A slot may hold more: those extended, and those beyond the limit.
    for (const slot of seen) this.#pushDeadline(slot);
    return [...found].slice(0, limit);
  }

  values(): IterableIterator<Claim> {
    return this.#bySeq.values();
  }

  clear(): void {
    this.#bySeq.clear();
    this.#slots.clear();
    this.#free.length = 0;
    this.#nextSlot = 1;
    this.#deadlines.retain(() => false);
  }

  #put(claim: Claim): void {
    this.#bySeq.set(claim.seq, claim);
    claim.slot.claims.set(claim.seq, claim);
  }

  #release(slot: number): void {
    this.#slots.delete(slot);
    this.#free.push(slot);
  }

  #pushDeadline(slot: Slot): void {
    let earliest = Number.POSITIVE_INFINITY;
    for (const claim of slot.claims.values()) earliest = Math.min(earliest, claim.expiresAt);
    if (earliest < Number.POSITIVE_INFINITY) this.#deadlines.push(earliest, slot);
  }
}
