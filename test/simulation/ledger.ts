// What the queues have answered, held against the promises while the world runs: each answer once it is on disk, whether or
// not anybody heard it. Knows nothing of how queues work.

import type { InputOf, ItemResult, NackItem, OperationName, OutcomeOf } from "../../src/core/operation.ts";
import { parseClaimToken, type ClaimRef } from "../../src/core/claim-token.ts";
import type { Message } from "./world.ts";

/** The attempts that every queue of the simulation allows. */
export const MAX_ATTEMPTS = 3;

interface TaskLife {
  attempts: number;
  version: number;
  /** `hasRunOut`: once, by a clock that was set back since; the queue may have ended it. */
  claim: { readonly nonce: string; readonly slot: number; until: number; hasRunOut?: boolean } | null;
  /** The socket that it was pushed to has closed: it may have been given back, and the attempt with it. */
  mayBeGivenBack: boolean;
}

export type Committed = {
  [Name in OperationName]: {
    readonly operation: Name;
    readonly input: InputOf<Name>;
    readonly outcome: OutcomeOf<Name>;
  };
}[OperationName];

export class Ledger {
  readonly violations: string[] = [];
  readonly #tasks = new Map<string, TaskLife>();
  readonly #ids = new Map<string, string>();
  readonly #lastTaken = new Map<string, number>();
  readonly #lastMoved = new Map<string, number>();
  /** Tokens that were taken by a queue, as "queue token". */
  readonly arrived = new Set<string>();
  /** Moves that were refused at some time, as "sender → receiver move": they may have been parked. */
  readonly #refused = new Set<string>();

  committed(queue: string, answer: Committed, now: number): void {
    switch (answer.operation) {
      case "claim":
        if (answer.outcome.kind === "claimed") for (const task of answer.outcome.tasks) this.#claimed(queue, task, now);
        return;
      case "ack":
        if (answer.outcome.kind === "acked") this.#acked(queue, answer.input.claims, answer.outcome.results, now);
        return;
      case "nack":
        if (answer.outcome.kind === "nacked") this.#nacked(queue, answer.input.claims, answer.outcome.results, now);
        return;
      case "settle":
        if (answer.outcome.kind !== "settled") return;
        this.#acked(queue, answer.input.acks, answer.outcome.acks, now);
        this.#nacked(queue, answer.input.nacks, answer.outcome.nacks, now);
        return;
      case "extend":
        if (answer.outcome.kind !== "extended") return;
        for (const [index, result] of answer.outcome.results.entries()) {
          if (result.ok) this.#kept(queue, answer.input.claims[index], result.claimedUntil, now);
        }
        return;
      case "modify":
        if (answer.outcome.kind === "modified") this.#modified(queue, answer.input, answer.outcome, now);
        return;
      case "enqueue":
      case "getTask":
      case "changeTask":
      case "cancelTask":
      case "releaseTask":
      case "browse":
      case "search":
      case "apply":
      case "getQueue":
      case "configure":
      case "deleteQueue":
      case "purge":
      case "redrive":
      case "getDocument":
      case "putDocument":
      case "deleteDocument":
      case "listDocuments":
      case "listKeys":
      case "getKey":
      case "setKey":
      case "resetKey":
      case "unblockKey":
      case "getCost":
      case "getHistory":
      case "listConsumers":
      case "listOutbox":
      case "retryOutbox":
      case "exportQueue":
      case "importQueue":
      case "reincarnate":
    }
  }

  /** A queue wakes, and may go by an earlier time than `before`, the last of its life until now. */
  awoke(queue: string, before: number): void {
    for (const [key, { claim }] of this.#tasks) {
      if (key.startsWith(`${queue} `) && claim !== null && claim.until <= before) claim.hasRunOut = true;
    }
  }

  /** The object has heard that the socket is closed which these were pushed to. */
  givenBack(claims: readonly string[], queue: string): void {
    for (const token of claims) {
      const ref = parseClaimToken(token);
      const key = ref === null ? undefined : this.#ids.get(`${queue} ${ref.slot} ${ref.nonce} ${ref.key}`);
      const life = key === undefined ? undefined : this.#tasks.get(key);
      if (ref !== null && life?.claim?.nonce === ref.nonce && life.claim.slot === ref.slot) life.mayBeGivenBack = true;
    }
  }

  /** A receiver has answered a sender: what it took, it took in the order in which it was sent (P9). */
  taken(receiver: string, sender: string, messages: readonly Message[], outcome: unknown): void {
    const { upTo, seq: refused } = outcome as { upTo?: number; seq?: number };
    const pair = `${sender} → ${receiver}`;
    let last = this.#lastTaken.get(pair) ?? 0;
    for (const { seq, kind, payload } of messages) {
      if (kind !== "insert" || typeof payload !== "string") continue;
      const { token, move } = JSON.parse(payload) as { token: number; move: number };
      if (seq === refused) this.#refused.add(`${pair} ${move}`);
      if (upTo === undefined || seq > upTo || seq <= last) continue;
      last = seq;
      this.arrived.add(`${receiver} ${token}`);
      // What was parked and sent again comes behind; all else in the order of the sender's commits.
      if (move <= (this.#lastMoved.get(pair) ?? 0) && !this.#refused.has(`${pair} ${move}`)) {
        this.#violation(`${pair}: move ${move} came after move ${this.#lastMoved.get(pair)} (P9)`);
      }
      this.#lastMoved.set(pair, Math.max(move, this.#lastMoved.get(pair) ?? 0));
    }
    this.#lastTaken.set(pair, last);
  }

  #claimed(
    queue: string,
    task: { id: string; claim: string; attempts: number; version: number; claimedUntil: number },
    now: number,
  ): void {
    const ref = parseClaimToken(task.claim);
    if (ref === null) return;
    const key = `${queue} ${task.id}`;
    this.#ids.set(`${queue} ${ref.slot} ${ref.nonce} ${ref.key}`, key);
    const life = this.#tasks.get(key) ?? { attempts: 0, version: 0, claim: null, mayBeGivenBack: false };
    const isHeld = life.claim !== null && life.claim.until > now && life.claim.hasRunOut !== true;
    if (isHeld && !life.mayBeGivenBack) this.#violation(`${key} is claimed twice at once (P3)`);
    if (task.version <= life.version)
      this.#violation(`${key} went from version ${life.version} to ${task.version} (P4)`);
    // After its last attempt it was dead, and is here again only because it was redriven.
    const expected = life.attempts >= MAX_ATTEMPTS ? 1 : life.attempts + 1;
    const isGivenBack = life.mayBeGivenBack && task.attempts === life.attempts;
    life.mayBeGivenBack = false;
    if (task.attempts !== expected && !isGivenBack)
      this.#violation(`${key} is at attempt ${task.attempts}, expected ${expected} (P8)`);
    life.attempts = task.attempts;
    life.version = task.version;
    life.claim = { nonce: ref.nonce, slot: ref.slot, until: task.claimedUntil };
    this.#tasks.set(key, life);
  }

  #acked(queue: string, claims: readonly ClaimRef[], results: readonly ItemResult[], now: number): void {
    for (const [index, result] of results.entries()) if (result.ok) this.#ended(queue, claims[index], now);
  }

  #nacked(queue: string, items: readonly NackItem[], results: readonly ItemResult[], now: number): void {
    for (const [index, result] of results.entries()) {
      const item = items[index];
      const life = result.ok ? this.#ended(queue, item?.claim, now) : null;
      if (life === null) continue;
      if (item?.release === true || item?.snooze === true || item?.limitKey === true) life.attempts -= 1;
      // Dead: it comes back, if it does, as one that begins again.
      if (item?.dead === true) life.attempts = MAX_ATTEMPTS;
    }
  }

  #modified(
    queue: string,
    input: InputOf<"modify">,
    outcome: Extract<OutcomeOf<"modify">, { kind: "modified" }>,
    now: number,
  ): void {
    for (const item of input.delete)
      if ("task" in item && "claim" in item.task) this.#ended(queue, item.task.claim, now);
    for (const item of input.depend) {
      if ("task" in item && "claim" in item.task) this.#held(queue, item.task.claim, now);
    }
    for (const [index, item] of input.change.entries()) {
      if (!("task" in item) || !("claim" in item.task)) continue;
      const answer = outcome.changed[index];
      if (answer === undefined || "document" in answer) continue;
      if (item.keepClaim === undefined) {
        const life = this.#ended(queue, item.task.claim, now);
        if (life !== null) Object.assign(life, { attempts: 0, version: answer.version });
      } else {
        const life = this.#kept(queue, item.task.claim, answer.claimedUntil ?? 0, now);
        if (life !== null) life.version = answer.version;
      }
    }
  }

  /** The task of a claim that a queue has accepted: it must be the one that is held (P4, P5). */
  #held(queue: string, ref: ClaimRef | undefined, now: number): TaskLife | null {
    if (ref === undefined) return null;
    const key = this.#ids.get(`${queue} ${ref.slot} ${ref.nonce} ${ref.key}`) ?? "a task unknown";
    const life = this.#tasks.get(key);
    if (life?.claim?.nonce === ref.nonce && life.claim.slot === ref.slot && life.claim.until > now) return life;
    this.#violation(`${queue} accepted a lost claim of ${key} (P4)`);
    return null;
  }

  #ended(queue: string, ref: ClaimRef | undefined, now: number): TaskLife | null {
    const life = this.#held(queue, ref, now);
    if (life !== null) Object.assign(life, { claim: null, mayBeGivenBack: false });
    return life;
  }

  #kept(queue: string, ref: ClaimRef | undefined, until: number, now: number): TaskLife | null {
    const life = this.#held(queue, ref, now);
    if (life?.claim) life.claim.until = until;
    return life;
  }

  #violation(text: string): void {
    this.violations.push(text);
  }
}
