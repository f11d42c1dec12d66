// What a queue with keys has answered, held against the rules of keys while the world runs: each answer once it is on disk. It
// knows which task may be given out, by a model of the rules, and counts what a key was given by itself. What cannot be known from
// answers, such as the place of a task whose claim ran out while settings changed, is read from the disk.

import type { InputOf, NewTask, OutcomeOf } from "../../src/core/operation.ts";
import type { Rate } from "../../src/core/rate.ts";
import { keyOf } from "../../src/core/sequence.ts";
import { laneOf, taskKeyOf } from "../../src/core/stored-lane.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import { DEAD } from "../../src/store/task-row.ts";
import { KeyedModel, type KeyedTask } from "./keyed-model.ts";
import { KeyTurns } from "./key-turns.ts";
import type { Message } from "./world.ts";

/** What is stored of a task; undefined: nothing. */
export type ReadTask = (id: string) => Record<string, unknown> | undefined;

/** All lanes that the tasks of these worlds are in. */
const LANES = ["main", "x"] as const;

interface Charge {
  readonly at: number;
  readonly cost: number;
}

export class KeyLedger {
  readonly violations: string[] = [];
  readonly model = new KeyedModel();
  readonly #turns = new KeyTurns();
  readonly #read: ReadTask;
  readonly #maxAttempts: number;
  /** The last dead letter that has come back. */
  #lastTaken = 0;
  /** By key, since its rate was last another. */
  readonly #charges = new Map<string, { readonly rate: string; readonly charges: Charge[] }>();
  /** Tasks that may have been given back, since the socket has closed that they were pushed to. */
  readonly #unsure = new Set<string>();
  /** The latest time that the queue has gone by. One that wakes after the clock was set back goes by an earlier one. */
  #seenTo = 0;
  /** Keys whose rate or rest was past once and is not any longer: the queue may have forgotten it. Until when that matters. */
  readonly #forgotten = new Map<string, number>();
  /** The keys of which not all is known, as they were when a claim was answered. */
  #unsureKeys = new Set<string | null>();

  constructor(read: ReadTask, maxAttempts: number) {
    this.#read = read;
    this.#maxAttempts = maxAttempts;
  }

  /**
   * The object has lost its memory: turns begin anew.
   *
   * @param before the time that it went by in its last life. It may go by an earlier one now, and not know again what it has ended.
   */
  awoke(before: number): void {
    this.#turns.clear();
    this.#adoptEnded((task) => this.#isLapsed(task, before));
  }

  enqueued(tasks: readonly NewTask[], outcome: OutcomeOf<"enqueue">, now: number): void {
    if (outcome.kind !== "enqueued") return;
    for (const [index, { id, duplicate }] of outcome.tasks.entries()) {
      const asked = tasks[index];
      const row = this.#read(id);
      // A copy of the call, or one that is done in the same turn.
      if (duplicate || asked === undefined || row === undefined) continue;
      const arrival = keyOf(Number(row["seq"]));
      this.model.enqueued({ id, arrival, maxAttempts: asked.maxAttempts ?? this.#maxAttempts }, asked, now);
    }
  }

  claimed(input: InputOf<"claim">, outcome: OutcomeOf<"claim">, now: number): void {
    if (outcome.kind !== "claimed") return;
    const { model } = this;
    if (now < this.#seenTo) this.#turns.clear();
    this.#endLapsed(now);
    this.#turns.look(now);
    this.#unsureKeys = new Set(Array.from(this.#unsure, (id) => model.tasks.get(id)?.key ?? null));
    this.#lookForForgotten(now);
    const busy = model.claimedKeys();
    const lanes = "any" in input.lanes ? input.lanes.any : input.lanes.inOrder;
    // What was pushed to two sockets in one turn may be heard in another order.
    const isAsked = input.claimTimeoutMs !== undefined;
    for (const held of outcome.tasks) {
      const offered = this.#offered(lanes, busy, now);
      if (isAsked) this.#isOfHighest(held, offered);
      this.#given(held, offered, now);
    }
    this.settled(now);
    if (outcome.tasks.length === input.max) return;
    const left = this.#offered(lanes, busy, now).filter(({ cost }) => !this.#isPaced(cost, now));
    if (left.length > 0) this.#violation(`${namesOf(left)} may be given out and was not (K3)`);
    if (outcome.tasks.length === 0 && typeof outcome.nextAt === "number")
      this.#isNotSooner(lanes, busy, outcome.nextAt);
  }

  /** After each answer: notes the claims that have ended, and the keys that cannot be served any longer. */
  settled(now: number): void {
    this.#turns.look(now);
    this.#turns.keepOnly(this.#offered(LANES, this.model.claimedKeys(), now));
  }

  ended(token: string, how: "ack" | InputOf<"nack">["claims"][number], now: number): void {
    const { model } = this;
    const task = model.held(token, now);
    if (task === undefined) return;
    this.#unsure.delete(task.id);
    if (how === "ack") return model.remove(task);
    const at = now + (how.delayMs ?? 0);
    if (how.limitKey === true && task.key !== null) {
      const state = model.key(task.key);
      state.restsUntil = Math.max(state.restsUntil, at);
    }
    const isAttempt = !(how.snooze === true || how.release === true || how.limitKey === true);
    model.end(task, at, isAttempt, how.dead === true);
    // One that is given back again and again waits a moment.
    if (how.release === true) this.#adopt(task);
  }

  extended(token: string, until: number, now: number): void {
    const task = this.model.held(token, now);
    if (task?.claim) task.claim.until = until;
  }

  /** The object has heard that the socket is closed which these were pushed to. */
  givenBack(tokens: readonly string[]): void {
    for (const token of tokens) {
      const task = [...this.model.tasks.values()].find(({ claim }) => claim?.token === token);
      if (task !== undefined) this.#unsure.add(task.id);
    }
    this.#turns.clear();
  }

  configured(outcome: OutcomeOf<"configure">, now: number): void {
    if (outcome.kind !== "queue") return;
    // Claims that have run out end by what is set when the queue ends them.
    this.#adoptEnded((task) => this.#isLapsed(task, now));
    this.model.configured(outcome.queue.settings.keys, outcome.queue.settings.rate, now);
    this.#turns.clear();
  }

  set(key: string, patch: InputOf<"setKey">["patch"] | null, outcome: OutcomeOf<"setKey">, now: number): void {
    if (outcome.kind !== "key") return;
    const none = { concurrency: undefined, rate: undefined, paused: undefined, weight: undefined };
    const given = Object.entries(patch ?? none).map(([name, value]) => [name, value ?? undefined]);
    this.model.set(key, Object.fromEntries(given) as typeof none, now);
    this.#turns.compareAnew();
  }

  unblocked(key: string, blockedBy: readonly string[], now: number): void {
    // Claims that have run out may have been ended before or after.
    this.#adoptEnded((task) => task.key === key && this.#isLapsed(task, now));
    const state = this.model.key(key);
    state.restsUntil = 0;
    state.blockedBy.clear();
    for (const id of blockedBy) state.blockedBy.add(id);
  }

  cancelled(id: string): void {
    const task = this.model.tasks.get(id);
    this.#unsure.delete(id);
    if (task !== undefined) this.model.remove(task);
  }

  /** What it is now is read from the disk: that it is offered in its place from now on is what is checked. */
  changed(id: string): void {
    const task = this.model.tasks.get(id);
    if (task !== undefined) this.#adopt(task);
  }

  /** All that are dead here. */
  redriven(now: number): void {
    this.#endLapsed(now);
    for (const task of this.model.tasks.values()) if (task.isDead) this.#revive(task, task.arrivedAt, now);
  }

  /** Dead letters that come back. */
  taken(messages: readonly Message[], outcome: unknown, now: number): void {
    const { upTo } = outcome as { readonly upTo?: number };
    for (const { seq, kind, body } of messages) {
      // A copy of what was taken before.
      if (kind !== "redrive" || upTo === undefined || seq > upTo || seq <= this.#lastTaken) continue;
      this.#lastTaken = seq;
      const { id } = JSON.parse(body) as { readonly id: string };
      const task = this.model.tasks.get(id);
      // It has come back, so it had died, and its claim run out.
      if (task?.claim && this.#isLapsed(task, now) && task.attempts >= task.maxAttempts)
        this.model.end(task, task.claim.until, true);
      if (task?.isDead !== true) continue;
      const row = this.#read(id);
      if (row !== undefined) task.arrival = keyOf(Number(row["seq"]));
      this.#revive(task, task.arrivedAt - 1, now);
    }
  }

  #revive(task: KeyedTask, placeOfStrict: number, now: number): void {
    const isStrict = task.key !== null && this.model.settings.order === "strict";
    Object.assign(task, { isDead: false, attempts: 0, retryAt: 0, visibleAt: isStrict ? placeOfStrict : now });
    if (task.key !== null) this.model.key(task.key).blockedBy.delete(task.id);
  }

  #isOfHighest({ id, lane, priority }: ClaimedTask, offered: readonly KeyedTask[]): void {
    const higher = offered.filter((other) => other.lane === lane && other.priority > priority);
    if (higher.length > 0) this.#violation(`${id} is given out before the higher priority of ${namesOf(higher)} (K4)`);
  }

  #given(held: ClaimedTask, offered: readonly KeyedTask[], now: number): void {
    const { model } = this;
    const task = model.tasks.get(held.id);
    if (task === undefined) return this.#violation(`${held.id} is given out and was never taken in (P2)`);
    const isUnsure = this.#unsureKeys.has(task.key);
    if (!isUnsure && !offered.includes(task)) {
      this.#violation(`${held.id} of key ${task.key} is given out beside ${namesOf(offered)} (K1, K2)`);
    }
    if (model.isPaced(task.cost, now)) this.#violation(`${held.id} is given out beyond the rate of the queue (K1)`);
    if (isUnsure && task.claim !== null) Object.assign(task, { claim: null, attempts: held.attempts - 1 });
    this.#unsure.delete(task.id);
    this.#isInTurn(task, offered, now);
    model.give(task, held.claim, now, held.claimedUntil);
    this.#turns.gave(task, now);
    const { key } = task;
    const forgottenUntil = key === null ? undefined : this.#forgotten.get(key);
    if (key !== null && forgottenUntil !== undefined) {
      this.#forgotten.set(key, Math.max(forgottenUntil, model.key(key).usedUntil));
      this.#charges.delete(key);
    }
    if (held.attempts !== task.attempts && !isUnsure)
      this.#violation(`${held.id} is at attempt ${held.attempts}, expected ${task.attempts} (P8)`);
    if (task.key !== null) this.#isWithinRate(task.key, task.cost, now);
  }

  /** What was past may be forgotten, and is not past any longer if the time went back. */
  #lookForForgotten(now: number): void {
    for (const [key, { usedUntil, restsUntil }] of this.model.keys()) {
      const isForgotten = [usedUntil, restsUntil].some((until) => until > now && until <= this.#seenTo);
      if (isForgotten) this.#forgotten.set(key, Math.max(this.#seenTo, this.#forgotten.get(key) ?? 0));
    }
    this.#seenTo = Math.max(this.#seenTo, now);
    for (const [key, until] of this.#forgotten) {
      if (until > now) this.#unsureKeys.add(key);
      else this.#forgotten.delete(key);
    }
  }

  /** By turns; or by age (K4). */
  #isInTurn(task: KeyedTask, offered: readonly KeyedTask[], now: number): void {
    const { model } = this;
    const beside = offered.filter(({ lane, priority }) => lane === task.lane && priority === task.priority);
    const { fairness } = model.settings;
    if (fairness === "none") {
      // One that has waited in its place for a retry, while its key had an order, is not looked for when the key has none any
      // longer: it comes when its key does.
      const isOlder = (other: KeyedTask): boolean =>
        other.visibleAt < task.visibleAt && (other.retryAt === 0 || model.settings.order !== "none");
      if (!beside.some(isOlder)) return;
      return this.#violation(`${task.id} is given out before the older of ${namesOf(beside)} (K4)`);
    }
    const weightOf = (key: string): number => model.key(key).weight ?? 1;
    const more = this.#turns.served(task, beside, weightOf, fairness === "share" ? "ms" : "task");
    if (more !== null) this.#violation(`at ${now} ${task.id} of key ${task.key} is given out after ${more} (K4)`);
  }

  /** Over any window no more than the rate allows (K1): counted, not by the formula of the queue. */
  #isWithinRate(key: string, cost: number, now: number): void {
    const rate: Rate | null = this.model.key(key).rate ?? this.model.settings.rate;
    const name = JSON.stringify(rate);
    let known = this.#charges.get(key);
    if (known?.rate !== name) this.#charges.set(key, (known = { rate: name, charges: [] }));
    if (rate === null) return;
    let spent = 0;
    for (const { at, cost: before } of known.charges.toReversed()) {
      spent += before;
      const allowed = ((now - at) * rate.limit) / rate.periodMs + Math.max(0, rate.burst - cost);
      if (spent > allowed + 1e-6) this.#violation(`key ${key} spent ${spent + cost} in ${now - at} ms of ${name} (K1)`);
    }
    known.charges.push({ at: now, cost });
  }

  /** Nothing may be offered before, if nothing happens until then. */
  #isNotSooner(lanes: readonly string[], busy: ReadonlySet<string | null>, nextAt: number): void {
    const sooner = this.#offered(lanes, busy, nextAt - 1).filter(({ cost }) => !this.#isPaced(cost, nextAt - 1));
    if (sooner.length > 0) this.#violation(`${namesOf(sooner)} may be given out before ${nextAt}`);
  }

  /** But those of keys of which not all is known. */
  #offered(lanes: readonly string[], busy: ReadonlySet<string | null>, now: number): KeyedTask[] {
    return this.model.offered(lanes, busy, now).filter(({ key }) => !this.#unsureKeys.has(key));
  }

  /** A dear task that waits for the queue's rate lets no cheap one go before it. */
  #isPaced(cost: number, now: number): boolean {
    if (this.model.rate === null) return false;
    return [...this.model.tasks.values()].some((task) => this.model.isPaced(Math.max(cost, task.cost), now));
  }

  #endLapsed(now: number): void {
    for (const id of this.#unsure) {
      const task = this.model.tasks.get(id);
      if (task?.claim && task.claim.until > now) continue;
      this.#unsure.delete(id);
      if (task !== undefined) this.#adopt(task);
    }
    this.model.endExpired(now);
  }

  #isLapsed({ claim }: KeyedTask, now: number): boolean {
    return claim !== null && claim.until <= now;
  }

  /** Those of them whose claim the queue has ended already are what the disk says. */
  #adoptEnded(mayBeEnded: (task: KeyedTask) => boolean): void {
    for (const task of this.model.tasks.values()) if (mayBeEnded(task) && this.#isEnded(task)) this.#adopt(task);
  }

  /** Whether the queue has ended its claim, which has run out. */
  #isEnded({ id, attempts }: KeyedTask): boolean {
    const row = this.#read(id);
    return row === undefined || row["state"] === DEAD || Number(row["attempts"]) >= attempts;
  }

  #adopt(task: KeyedTask): void {
    const row = this.#read(task.id);
    task.claim = null;
    task.isDead = row === undefined || row["state"] === DEAD;
    if (task.isDead && task.key !== null && this.model.settings.order === "strict")
      this.model.key(task.key).blockedBy.add(task.id);
    if (row === undefined) return;
    const stored = String(row["lane"]);
    task.lane = laneOf(stored);
    task.key = taskKeyOf(stored);
    task.priority = Number(row["priority"]);
    task.attempts = Number(row["attempts"]);
    task.visibleAt = Number(row["visible_at"]);
    task.retryAt = Number(row["retry_at"]);
  }

  #violation(text: string): void {
    this.violations.push(text);
  }
}

function namesOf(tasks: readonly KeyedTask[]): string {
  return tasks.map(({ id, key }) => `${id} (${key})`).join(", ") || "nothing";
}
