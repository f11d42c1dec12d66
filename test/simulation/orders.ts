// The other work that the simulation does: producers number their calls, send them again when no answer comes, and spread their tasks
// over hundreds of lanes, which come and go. Each task is there once, however often its call arrives (P10).

import type { NumberedCall } from "../../src/core/numbered-call.ts";
import type { InputOf, NewTask, OutcomeOf } from "../../src/core/operation.ts";
import { parseClaimToken } from "../../src/core/claim-token.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { MAX_ATTEMPTS, type Ledger } from "./ledger.ts";
import { Subscriber } from "./subscriber.ts";
import type { World } from "./world.ts";

export const ORDERS = "f";
const LANES = 300;
const CLAIM_TIMEOUT_MS = 2_000;

type Answer = OutcomeOf<"enqueue"> | OutcomeOf<"modify">;

export class Orders {
  readonly #world: World;
  readonly #ledger: Ledger;
  /** What each order's task was called, by the calls that were answered and by the claims that took it. */
  readonly #ids = new Map<string, string>();
  readonly #done = new Set<string>();
  readonly #laneOf = new Map<string, string>();
  /** Orders that are not done. */
  readonly #open = new Set<string>();
  #unanswered = 0;
  #sent = 0;

  constructor(world: World, ledger: Ledger) {
    this.#world = world;
    this.#ledger = ledger;
  }

  get isDone(): boolean {
    return this.#unanswered === 0 && this.#done.size === this.#sent;
  }

  start(): void {
    const settings = { maxAttempts: MAX_ATTEMPTS, dedupeMs: 7 * 86_400_000, backoff: { minMs: 10, maxMs: 5_000 } };
    this.#unanswered += 1;
    const configure = (): void =>
      this.#ask("configure", { settings }, (outcome) => {
        if (outcome === null) return configure();
        this.#unanswered -= 1;
        this.#begins();
      });
    configure();
  }

  #begins(): void {
    const { random } = this.#world;
    for (const producer of ["anna", "bert"]) {
      const calls = 1 + random.below(6);
      this.#unanswered += calls;
      for (let number = 1; number <= calls; number += 1) {
        const orders = Array.from({ length: 1 + random.below(40) }, (_, index) => `${producer} ${number} ${index}`);
        this.#sent += orders.length;
        for (const order of orders) {
          this.#open.add(order);
          this.#laneOf.set(order, random.chance(0.1) ? "main" : `lane-${random.below(LANES)}`);
        }
        this.#world.later(random.below(10_000), () => this.#call({ producer, number }, orders, random.chance(0.3)));
      }
    }
    for (let n = 0; n < 3; n += 1) this.#work();
    this.#redrive();
    const wish = (): { lanes: string[]; claimTimeoutMs: number } => ({
      lanes: this.#someLanes(),
      claimTimeoutMs: CLAIM_TIMEOUT_MS,
    });
    new Subscriber(this.#world, this.#ledger, ORDERS, wish, (task) => this.#begin(task)).connect();
  }

  /** What is wrong at the end. */
  violations(): string[] {
    return this.#done.size === this.#sent ? [] : [`${this.#done.size} orders of ${this.#sent} are done (P2)`];
  }

  /** Until it is answered; its copies still arrive after that. */
  #call(call: NumberedCall, orders: readonly string[], isModify: boolean): void {
    const tasks = orders.map((order): NewTask => ({
      payload: JSON.stringify(order),
      lane: this.#laneOf.get(order) ?? "main",
    }));
    const insert = tasks.map((task) => ({ task, onConflict: "fail" as const }));
    const input: InputOf<"enqueue"> | InputOf<"modify"> = isModify
      ? { insert, change: [], delete: [], depend: [], call }
      : { tasks, call };
    this.#world.request(
      ORDERS,
      isModify ? "numbered modify" : "numbered enqueue",
      (object) => object.operate(isModify ? "modify" : "enqueue", structuredClone(input)),
      {
        committed: (outcome) => this.#answered(call, orders, outcome as Answer),
        answered: () => (this.#unanswered -= 1),
        failed: () => this.#world.later(this.#world.random.below(1_000), () => this.#call(call, orders, isModify)),
      },
    );
  }

  #answered({ producer, number }: NumberedCall, orders: readonly string[], outcome: Answer): void {
    const name = `call ${number} of ${producer}`;
    if (outcome.kind !== "enqueued" && outcome.kind !== "modified") {
      this.#ledger.violations.push(`${name} was refused: ${outcome.kind}`);
      return;
    }
    const made = outcome.kind === "enqueued" ? outcome.tasks : outcome.inserted;
    for (const [index, task] of made.entries()) {
      this.#isOnce(orders[index] ?? "no order", "id" in task ? task.id : "no id", name);
    }
  }

  /** Every order is one task. */
  #isOnce(order: string, id: string, where: string): void {
    const known = this.#ids.get(order);
    this.#ids.set(order, id);
    if (known === undefined || known === id) return;
    this.#ledger.violations.push(`order ${order} is ${id} by ${where}, and was ${known} (P10)`);
  }

  #work(): void {
    const { random } = this.#world;
    const input: InputOf<"claim"> = {
      max: 1 + random.below(10),
      lanes: { any: this.#someLanes() },
      claimTimeoutMs: CLAIM_TIMEOUT_MS,
    };
    this.#ask("claim", input, (outcome) => {
      if (outcome?.kind === "claimed") for (const task of outcome.tasks) this.#begin(task);
      this.#world.later(random.below(500) + 10, () => this.#work());
    });
  }

  /** Offers again what has run out of attempts. */
  #redrive(): void {
    this.#ask("redrive", { limit: 100 }, () =>
      this.#world.later(this.#world.random.below(10_000) + 1_000, () => this.#redrive()),
    );
  }

  #begin(task: ClaimedTask): void {
    const { random } = this.#world;
    const order = JSON.parse(String(task.payload)) as string;
    this.#isOnce(order, task.id, "a claim");
    if (this.#done.has(order)) this.#ledger.violations.push(`order ${order} was claimed after it was acked (P5)`);
    // Some are left to run out.
    if (!this.isHealing && random.chance(0.05)) return;
    this.#world.later(random.below(300), () => this.#ack(task, order));
  }

  /** Nothing goes wrong any more. */
  isHealing = false;

  #ack({ claim: token }: ClaimedTask, order: string): void {
    const claim = parseClaimToken(token);
    if (claim === null) throw new Error(`not a claim token: ${token}`);
    const acked = (outcome: OutcomeOf<"ack">): void => {
      if (outcome.kind !== "acked" || outcome.results[0]?.ok !== true) return;
      this.#done.add(order);
      this.#open.delete(order);
    };
    this.#ask("ack", { claims: [claim] }, () => {}, acked);
  }

  #ask<Name extends "claim" | "ack" | "redrive" | "configure">(
    operation: Name,
    input: InputOf<Name>,
    heard: (outcome: OutcomeOf<Name> | null) => void,
    committed: (outcome: OutcomeOf<Name>) => void = () => {},
  ): void {
    this.#world.request(ORDERS, `${operation} orders`, (object) => object.operate(operation, structuredClone(input)), {
      committed: (outcome) => {
        this.#ledger.committed(ORDERS, { operation, input, outcome } as never, this.#world.now);
        committed(outcome as OutcomeOf<Name>);
      },
      answered: (outcome) => heard(structuredClone(outcome) as OutcomeOf<Name>),
      failed: () => heard(null),
    });
  }

  /** As many as one claim may name, of those that hold orders, as a producer would tell its consumers. */
  #someLanes(): string[] {
    const { random } = this.#world;
    const lanes = new Set(["main"]);
    const open = [...new Set(Array.from(this.#open, (order) => this.#laneOf.get(order) ?? "main"))];
    const first = random.below(Math.max(1, open.length));
    for (const lane of [...open.slice(first), ...open.slice(0, first)]) {
      if (lanes.size < LIMITS.claimLanes) lanes.add(lane);
    }
    return [...lanes];
  }
}
