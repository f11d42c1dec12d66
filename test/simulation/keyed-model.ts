// What a queue with keys must do, said as rules over a list of tasks: which one may be given out now, and which must not wait.
// In which order keys take turns is no part of it.

import type { KeySettings } from "../../src/core/settings.ts";
import type { NewTask } from "../../src/core/operation.ts";
import type { Rate } from "../../src/core/rate.ts";

export interface KeyedTask {
  readonly id: string;
  /** Rises with each task. */
  arrival: number;
  readonly arrivedAt: number;
  readonly cost: number;
  readonly maxAttempts: number;
  key: string | null;
  lane: string;
  priority: number;
  /** Its place in the order. */
  visibleAt: number;
  /** Not offered before, in its place; 0: it waits for nothing. */
  retryAt: number;
  attempts: number;
  isDead: boolean;
  claim: { readonly token: string; until: number } | null;
}

interface KeyState {
  concurrency?: number | undefined;
  rate?: Rate | undefined;
  paused?: boolean | undefined;
  /** No rule of which task may be given out looks at it. */
  weight?: number | undefined;
  restsUntil: number;
  usedUntil: number;
  readonly blockedBy: Set<string>;
}

export class KeyedModel {
  readonly tasks = new Map<string, KeyedTask>();
  settings: KeySettings = { order: "none", concurrency: null, rate: null, fairness: "robin" };
  rate: Rate | null = null;
  #usedUntil = 0;
  readonly #keys = new Map<string, KeyState>();

  key(name: string): KeyState {
    const known = this.#keys.get(name) ?? { restsUntil: 0, usedUntil: 0, blockedBy: new Set<string>() };
    this.#keys.set(name, known);
    return known;
  }

  keys(): Iterable<readonly [name: string, state: Readonly<KeyState>]> {
    return this.#keys;
  }

  /** The queue has taken in a task. */
  enqueued(known: Pick<KeyedTask, "id" | "arrival" | "maxAttempts">, asked: Partial<NewTask>, now: number): void {
    this.tasks.set(known.id, {
      ...known,
      arrivedAt: now,
      cost: asked.cost ?? 1,
      key: asked.key ?? null,
      lane: asked.lane ?? "main",
      priority: asked.priority ?? 0,
      visibleAt: now + (asked.delayMs ?? 0),
      retryAt: 0,
      attempts: 0,
      isDead: false,
      claim: null,
    });
  }

  endExpired(now: number): void {
    for (const task of this.tasks.values()) {
      if (task.claim !== null && task.claim.until <= now) this.end(task, task.claim.until, true);
    }
  }

  held(token: string, now: number): KeyedTask | undefined {
    return [...this.tasks.values()].find(({ claim }) => claim?.token === token && claim.until > now);
  }

  /** A claim ends without an ack. An ordered task keeps its place. */
  end(task: KeyedTask, at: number, isAttempt: boolean, isFatal = false): void {
    task.claim = null;
    if (!isAttempt) task.attempts -= 1;
    if (isAttempt && (isFatal || task.attempts >= task.maxAttempts)) {
      task.isDead = true;
      if (task.key !== null && this.settings.order === "strict") this.key(task.key).blockedBy.add(task.id);
    } else if (task.key !== null && this.settings.order !== "none") task.retryAt = at;
    else task.visibleAt = at;
  }

  remove(task: KeyedTask): void {
    task.claim = null;
    this.tasks.delete(task.id);
    if (task.key !== null) this.key(task.key).blockedBy.delete(task.id);
  }

  purge(): void {
    this.tasks.clear();
    for (const { blockedBy } of this.#keys.values()) blockedBy.clear();
  }

  /** As many attempts as were used of a rate are used of the one that it is changed to; a new one is whole. */
  configured(settings: KeySettings, rate: Rate | null, now: number): void {
    this.#usedUntil = usedOf(this.rate, rate, this.#usedUntil, now);
    for (const state of this.#keys.values()) {
      if (state.rate === undefined) state.usedUntil = usedOf(this.settings.rate, settings.rate, state.usedUntil, now);
    }
    this.settings = settings;
    this.rate = rate;
  }

  /** Sets for one key what is given; undefined takes it away. */
  set(name: string, patch: Partial<Pick<KeyState, "concurrency" | "rate" | "paused" | "weight">>, now: number): void {
    const state = this.key(name);
    const before = state.rate ?? this.settings.rate;
    Object.assign(state, patch);
    state.usedUntil = usedOf(before, state.rate ?? this.settings.rate, state.usedUntil, now);
  }

  /** Keys that have claims before a claim call: where there is an order, they are offered nothing by it. */
  claimedKeys(): ReadonlySet<string | null> {
    return new Set(this.#claimed().map(({ key }) => key));
  }

  /** The first tasks of each lane, priority and key that may be given out now, but for the queue's own rate. */
  offered(lanes: readonly string[], busy: ReadonlySet<string | null>, now: number): KeyedTask[] {
    const heads = new Map<string, KeyedTask>();
    const isOrdered = this.settings.order !== "none";
    for (const task of [...this.tasks.values()].toSorted(
      (a, b) => a.visibleAt - b.visibleAt || a.arrival - b.arrival,
    )) {
      const place = JSON.stringify([task.lane, task.priority, task.key]);
      const isThere = !task.isDead && task.claim === null && task.visibleAt <= now && lanes.includes(task.lane);
      const mayBeFirst = isThere && (task.retryAt <= now || (task.key !== null && isOrdered));
      if (mayBeFirst && !heads.has(place)) heads.set(place, task);
    }
    return [...heads.values()].filter((task) => task.retryAt <= now && this.#mayGo(task, busy, now));
  }

  /** Whether the queue's own rate lets it pass. */
  isPaced(cost: number, now: number): boolean {
    return this.rate !== null && !isAllowed(this.rate, this.#usedUntil, cost, now);
  }

  give(task: KeyedTask, token: string, now: number, until: number): void {
    task.attempts += 1;
    task.claim = { token, until };
    if (this.rate !== null) this.#usedUntil = used(this.rate, this.#usedUntil, task.cost, now);
    if (task.key === null) return;
    const state = this.key(task.key);
    const rate = state.rate ?? this.settings.rate;
    if (rate !== null) state.usedUntil = used(rate, state.usedUntil, task.cost, now);
  }

  #mayGo({ key, cost }: KeyedTask, busy: ReadonlySet<string | null>, now: number): boolean {
    if (key === null) return true;
    const state = this.key(key);
    const { order, concurrency } = this.settings;
    if (state.paused === true || state.restsUntil > now) return false;
    if (order === "strict" && state.blockedBy.size > 0) return false;
    if (order !== "none" && busy.has(key)) return false;
    const most = state.concurrency ?? concurrency;
    if (most !== null && this.#claimed().filter((other) => other.key === key).length >= most) return false;
    const rate = state.rate ?? this.settings.rate;
    return rate === null || isAllowed(rate, state.usedUntil, cost, now);
  }

  #claimed(): KeyedTask[] {
    return [...this.tasks.values()].filter(({ claim }) => claim !== null);
  }
}

/** The bucket holds `burst` when it is full, and fills by `limit` a period; what costs more than it holds takes a full one. */
function isAllowed({ limit, periodMs, burst }: Rate, usedUntil: number, cost: number, now: number): boolean {
  const missing = (Math.max(0, usedUntil - now) * limit) / periodMs;
  return missing <= Math.max(0, burst - cost) + 1e-9;
}

/** At most the whole of the new one, and what cost more than the burst of its time. */
function usedOf(before: Rate | null, after: Rate | null, usedUntil: number, now: number): number {
  const isSame =
    before?.limit === after?.limit && before?.periodMs === after?.periodMs && before?.burst === after?.burst;
  if (after === null || isSame || usedUntil <= now) return usedUntil;
  if (before === null) return 0;
  const attempts = ((usedUntil - now) * before.limit) / before.periodMs;
  const kept = Math.min(attempts, after.burst + Math.max(0, attempts - before.burst));
  return now + (kept * after.periodMs) / after.limit;
}

function used({ limit, periodMs }: Rate, usedUntil: number, cost: number, now: number): number {
  return Math.max(usedUntil, now) + (cost * periodMs) / limit;
}
