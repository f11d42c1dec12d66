// The producers that a queue remembers: which calls each has made (P10). The one owner of their rows. A turn's calls are written
// at its end, in its commit, one row for each producer.

import { LIMITS } from "../../core/limits.ts";
import type { NumberedCall } from "../../core/numbered-call.ts";
import type { ProducerStatements } from "../../store/producer-statements.ts";
import { OwnerCounts } from "./owner-counts.ts";
import { CallWindow, type CallAnswer, type TakenCall } from "./call-window.ts";

interface Producer {
  readonly name: string;
  readonly owner: string;
  readonly window: CallWindow;
  endsAt: number;
  /** As its row says it; null: it has none yet. */
  storedEndsAt: number | null;
  /** In this turn. */
  isChanged: boolean;
}

export type Found =
  | { readonly kind: "new" }
  | { readonly kind: "taken"; readonly call: TakenCall }
  /** It has left the window, which begins at `from`; null: so has its producer, which was to be known. */
  | { readonly kind: "forgotten"; readonly from: number | null };

/** A call of a producer of which nothing is remembered. */
export function unknown({ known }: NumberedCall): Found {
  return known === true ? { kind: "forgotten", from: null } : NEW;
}

const NEW: Found = { kind: "new" };

export class Producers {
  readonly #rows: ProducerStatements;
  /** Those that called last come last: they are moved once a turn, since a busy producer's calls come many at a time. */
  readonly #recent = new Map<string, Producer>();
  /** Whose call came last, and most likely comes next. */
  #last: Producer | null = null;
  #changed = new Set<Producer>();
  /** How many each owner has; null: not counted since the queue was opened. */
  #counts: OwnerCounts | null = null;

  constructor(rows: ProducerStatements) {
    this.#rows = rows;
  }

  /** What is known of a call. Reads one row at most. */
  find(call: NumberedCall, now: number): Found {
    const { producer, number } = call;
    const known = this.#known(producer, now);
    if (known === null) return unknown(call);
    if (number > known.window.highest) return NEW;
    const taken = known.window.find(number);
    if (taken !== undefined) return { kind: "taken", call: taken };
    const { from } = known.window;
    return number < from ? { kind: "forgotten", from } : NEW;
  }

  /**
   * Remembers a call that was made in this turn, and that `find` had not found.
   *
   * @param fingerprint distinguishes it from other calls with its number
   * @param dedupeMs how long a producer is remembered that is silent: that long at least, and twice as long at most, since to
   *   move the end with each call would be an index entry more
   * @returns when the producer may be forgotten
   */
  take(call: NumberedCall, fingerprint: number, answer: CallAnswer, dedupeMs: number, now: number): number {
    const { producer: name, number, from, owner = EVERYBODY } = call;
    let producer = this.#recentOf(name);
    if (producer === undefined) {
      this.#makeRoomFor(name, owner);
      producer = { name, owner, window: new CallWindow(), endsAt: 0, storedEndsAt: null, isChanged: false };
      this.#recent.set(name, producer);
    }
    producer.window.take(number, fingerprint, answer, from);
    if (producer.endsAt < now + dedupeMs) producer.endsAt = now + 2 * dedupeMs;
    this.#last = producer;
    if (!producer.isChanged) {
      producer.isChanged = true;
      this.#changed.add(producer);
      if (this.#changed.size >= LIMITS.producersInMemory) this.write();
    }
    return producer.endsAt;
  }

  /** Writes what changed in a turn, at its end. */
  write(): void {
    const changed = this.#changed;
    if (changed.size > 0) this.#changed = new Set();
    for (const producer of changed) {
      producer.isChanged = false;
      const { name, owner, endsAt, window } = producer;
      const takenFrom = window.from;
      const calls = window.text();
      const fingerprints = window.fingerprints();
      if (producer.storedEndsAt === endsAt) this.#rows.setCalls(name, takenFrom, calls, fingerprints);
      else this.#rows.put({ producer: name, owner, endsAt, takenFrom, calls, fingerprints });
      producer.storedEndsAt = endsAt;
      this.#recent.delete(name);
      this.#recent.set(name, producer);
    }
    this.#trim();
  }

  /** When the first is forgotten; null: there is none. */
  firstEnd(): number | null {
    return this.#rows.firstEnd();
  }

  /** Forgets those that have been silent for too long, `limit` at most; answers with their number. */
  forgetEnded(now: number, limit: number): number {
    let forgotten = 0;
    for (const owner of this.#rows.endedOwners(now, limit))
      if (forgotten < limit) forgotten += this.#forget(owner, now, limit - forgotten);
    return forgotten;
  }

  /** The queue is deleted, and its producers' rows with it. */
  clear(): void {
    this.#last = null;
    this.#recent.clear();
    this.#changed.clear();
    this.#counts = new OwnerCounts();
  }

  #known(name: string, now: number): Producer | null {
    let producer = this.#recentOf(name);
    if (producer === undefined) {
      const row = this.#rows.get(name);
      if (row === undefined) return null;
      const { owner, endsAt, takenFrom, calls, fingerprints } = row;
      const window = new CallWindow(takenFrom, calls, fingerprints);
      producer = { name, owner, window, endsAt, storedEndsAt: endsAt, isChanged: false };
      this.#recent.set(name, producer);
      this.#trim();
    }
    if (producer.endsAt <= now) {
      this.#leave(producer);
      return null;
    }
    return producer;
  }

  #recentOf(name: string): Producer | undefined {
    return this.#last?.name === name ? this.#last : this.#recent.get(name);
  }

  /** It is in memory no longer. */
  #leave(producer: Producer | undefined): void {
    if (producer === undefined) return;
    if (this.#last === producer) this.#last = null;
    this.#recent.delete(producer.name);
  }

  /** What has changed stays, at the most as many again: their rows do not say it yet. */
  #trim(): void {
    if (this.#recent.size <= LIMITS.producersInMemory) return;
    for (const producer of this.#recent.values()) {
      if (this.#recent.size <= LIMITS.producersInMemory) break;
      if (!this.#changed.has(producer)) this.#leave(producer);
    }
  }

  /** A new producer of an owner: if there are too many, the one that ends first makes way, the owner's own before another's. */
  #makeRoomFor(name: string, owner: string): void {
    const counts = (this.#counts ??= new OwnerCounts(this.#rows.countByOwner()));
    // It has been silent for too long, and its row may be there still.
    const before = this.#rows.get(name);
    if (before !== undefined) this.#delete(before.owner, [name]);
    if (counts.of(owner) >= LIMITS.producersOfToken) this.#forget(owner, Number.MAX_SAFE_INTEGER, 1);
    else if (counts.all >= LIMITS.producers) this.#forget(counts.most(owner), Number.MAX_SAFE_INTEGER, 1);
    counts.add(owner, 1);
  }

  /** Those of an owner that end by then, the first first. */
  #forget(owner: string, byAt: number, limit: number): number {
    // Those of this turn have no rows yet.
    this.write();
    const names = this.#rows.firstOf(owner, byAt, limit);
    this.#delete(owner, names);
    return names.length;
  }

  #delete(owner: string, names: readonly string[]): void {
    this.#rows.delete(names);
    for (const name of names) this.#leave(this.#recent.get(name));
    this.#counts?.add(owner, -names.length);
  }
}

/** Those who come without a token. */
const EVERYBODY = "everybody";
