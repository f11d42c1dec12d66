// The work that the simulation does: tokens flow through queues a, b and c by modify, each step one commit that takes the
// task out, counts it and sends it on; side streams go by dead letters, redrives, and a queue that is deleted and made again.

import { parseClaimToken, type ClaimRef } from "../../src/core/claim-token.ts";
import type { ModifyInput } from "../../src/core/modify.ts";
import type { InputOf, OperationName, OutcomeOf } from "../../src/core/operation.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import { MAX_ATTEMPTS, type Ledger } from "./ledger.ts";
import { Subscriber } from "./subscriber.ts";
import type { World } from "./world.ts";

/** `d` takes the dead letters of `a`; `e` is deleted now and then, with all that is in it. */
export const QUEUES = ["a", "b", "c", "d", "e"] as const;
type Queue = (typeof QUEUES)[number];
const STAGES = ["a", "b", "c"] as const;
type Stage = (typeof STAGES)[number];

interface Token {
  readonly token: number;
  /** How many tokens its sender had sent when it sent this one. */
  readonly move: number;
}

const CLAIM_TIMEOUT_MS = 2_000;

export class Pipeline {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #tokens: number;
  /** Most tokens go where they may be refused, and those who meddle and mend are busy. */
  readonly #isRefusing: boolean;
  /** Each stage has a consumer on a socket, too, or nothing else. */
  readonly #hasSockets: boolean;
  /** Nothing goes wrong any more, and everything is to come to its end. */
  isHealing = false;
  #tickets = 0;

  constructor(world: World, ledger: Ledger, tokens: number, isRefusing: boolean, hasSockets: boolean) {
    this.#hasSockets = hasSockets;
    this.#world = world;
    this.#ledger = ledger;
    this.#tokens = tokens;
    this.#isRefusing = isRefusing;
  }

  start(): void {
    const dedupeMs = 7 * 86_400_000;
    const common = { maxAttempts: MAX_ATTEMPTS, dedupeMs, backoff: { minMs: 10, maxMs: 5_000 } };
    this.#persist("a", "configure", { settings: { ...common, deadLetterQueue: "d" } }, () => {
      if (this.#world.random.chance(0.5)) this.#produceRun();
      else for (let token = 1; token <= this.#tokens; token += 1) this.#produce(token);
    });
    for (const queue of ["b", "c", "d", "e"] as const) this.#persist(queue, "configure", { settings: common });
    for (const stage of STAGES) {
      if (this.#hasSockets) this.#subscribe(stage);
      // Some stages have nobody who asks.
      if (this.#hasSockets && this.#world.random.chance(0.3)) continue;
      this.#work(stage);
      if (this.#world.random.chance(0.5)) this.#work(stage);
    }
    this.#operate();
    this.#meddle();
  }

  #produce(token: number): void {
    const { random } = this.#world;
    const task = {
      payload: JSON.stringify({ token, move: token } satisfies Token),
      id: `token-${token}`,
      ...(random.chance(0.3) ? { delayMs: random.below(3_000) } : {}),
      ...(random.chance(0.2) ? { priority: 1 } : {}),
    };
    this.#world.later(random.below(3_000), () => this.#persist("a", "enqueue", { tasks: [task] }));
  }

  /** All tokens at once, as nothing but payloads: they share a row. Sent again only if they are known not to be there. */
  #produceRun(): void {
    const tasks = Array.from({ length: this.#tokens }, (_, index) => ({
      payload: JSON.stringify({ token: index + 1, move: index + 1 } satisfies Token),
    }));
    let isThere = false;
    this.#world.request(
      "a",
      "enqueue run",
      (object) => object.operate("enqueue", { tasks }),
      {
        committed: () => (isThere = true),
        answered: () => {},
        failed: () => {
          if (!isThere) this.#produceRun();
        },
      },
      false,
    );
  }

  /** One worker of a stage, for ever: claims, by polling or by waiting, and works on what it gets. */
  #work(stage: Stage, idle = 0): void {
    const { random } = this.#world;
    const input: InputOf<"claim"> = {
      max: 1 + random.below(2),
      lanes: random.chance(0.5) ? { inOrder: ["main", "side"] } : { any: ["side", "main"] },
      claimTimeoutMs: CLAIM_TIMEOUT_MS,
    };
    const on = (outcome: OutcomeOf<"claim"> | null): void => {
      const tasks = outcome?.kind === "claimed" ? outcome.tasks : [];
      for (const task of tasks) this.#begin(stage, task);
      // Who finds nothing looks less often, or most of the simulation would be looking.
      const next = tasks.length > 0 ? 0 : Math.min(idle + 1, 9);
      this.#world.later(random.below(200 * 2 ** next) + 10, () => this.#work(stage, next));
    };
    if (random.chance(0.5)) this.#ask(stage, "claim", input, on);
    else this.#park(stage, input, on);
  }

  #subscribe(stage: Stage): void {
    const wish = { lanes: ["main", "side"], claimTimeoutMs: CLAIM_TIMEOUT_MS };
    new Subscriber(
      this.#world,
      this.#ledger,
      stage,
      () => wish,
      (task) => this.#begin(stage, task),
    ).connect();
  }

  #begin(stage: Stage, task: ClaimedTask): void {
    const { random } = this.#world;
    const claim = refOf(task.claim);
    const fate = this.isHealing ? 1 : random.next();
    this.#world.later(random.below(fate < 0.1 ? 3 * CLAIM_TIMEOUT_MS : 400), () => {
      if (fate < 0.06) return;
      if (fate < 0.14) this.#ask(stage, "nack", { claims: [{ claim, delayMs: random.below(500), error: "no" }] });
      else if (fate < 0.155) this.#ask(stage, "nack", { claims: [{ claim, release: true }] });
      else if (fate < 0.17) this.#ask(stage, "nack", { claims: [{ claim, snooze: true, delayMs: random.below(500) }] });
      else if (fate < 0.2) this.#ask(stage, "nack", { claims: [{ claim, dead: true }] });
      else if (fate < 0.25) this.#ask(stage, "extend", { claims: [claim], claimTimeoutMs: CLAIM_TIMEOUT_MS });
      else if (fate < 0.33) this.#touch(stage, task, claim, fate < 0.28);
      else this.#move(stage, task, claim);
    });
  }

  /** Changes a claimed task: keeps it, and goes on to move it; or gives it back into another lane. */
  #touch(stage: Stage, task: ClaimedTask, claim: ClaimRef, isGivenBack: boolean): void {
    const change = { headers: { touched: "yes" }, lane: this.#world.random.pick(["main", "side"]) };
    const item = isGivenBack
      ? { task: { claim }, change: this.#world.random.pick([{}, { delayMs: 200 }, { ...change, delayMs: 50 }]) }
      : { task: { claim }, change, keepClaim: { claimTimeoutMs: CLAIM_TIMEOUT_MS } };
    this.#ask(stage, "modify", { ...EMPTY, change: [item] }, (outcome) => {
      if (outcome?.kind === "modified" && !isGivenBack) this.#move(stage, task, claim);
    });
  }

  /** The step itself: the task out, the counter up by one, the token on to the next queue, in one commit (P6). */
  #move(stage: Stage, task: ClaimedTask, claim: ClaimRef, tries = 0): void {
    const { token } = JSON.parse(String(task.payload)) as Token;
    this.#ask(stage, "getDocument", { key: "count" }, (found) => {
      if (found === null || tries > 20) return;
      const count = found.kind === "document" ? Number(found.document.value) + 1 : 1;
      const counter: Pick<ModifyInput, "insert" | "change"> =
        found.kind === "document"
          ? {
              insert: [],
              change: [{ document: { key: "count", version: found.document.version }, value: String(count) }],
            }
          : { insert: [{ document: { key: "count", value: String(count) } }], change: [] };
      const payload = JSON.stringify({ token, move: count } satisfies Token);
      const input: ModifyInput = {
        ...counter,
        insert: [...counter.insert, this.#next(stage, token, payload)],
        delete: [{ task: { claim } }],
        depend: [],
      };
      const send = (isRepeat: boolean): void =>
        this.#ask(stage, "modify", input, (outcome) => {
          // Not heard: asked once more, as a client does; the claim token makes it harmless.
          if (outcome === null && !isRepeat) send(true);
          if (outcome?.kind !== "dependency-failed") return;
          const isStale = outcome.failures.every(({ key }) => key === "count");
          if (isStale) this.#move(stage, task, claim, tries + 1);
          // A copy of the same request may have come first; but then the task is gone too.
          const isGone = outcome.failures.some(({ operation }) => operation === "delete");
          if (!isGone && outcome.failures.some(({ key }) => key?.startsWith("done:") === true)) {
            this.#ledger.violations.push(`token ${token} was done before (P5)`);
          }
        });
      send(false);
    });
  }

  #next(stage: Stage, token: number, payload: string): ModifyInput["insert"][number] {
    const { random } = this.#world;
    if (stage === "c") return { document: { key: `done:${token}`, value: payload } };
    const queue = stage === "a" ? "b" : random.chance(this.#isRefusing ? 0.9 : 0.2) ? "e" : "c";
    // No id: nothing but the outbox stands between one delivery and two.
    const task = {
      payload,
      ...(random.chance(0.3) ? { lane: "side" } : {}),
      ...(random.chance(0.2) ? { delayMs: random.below(1_000) } : {}),
    };
    return { task, queue, onConflict: "skip" };
  }

  /** Somebody who looks after the queues: offers dead tasks again, sends again what was parked. */
  #operate(): void {
    const { random } = this.#world;
    const queue = this.#isRefusing && !this.isHealing ? "b" : random.pick(QUEUES);
    if (random.chance(this.#isRefusing && !this.isHealing ? 0.1 : 0.5)) this.#ask(queue, "redrive", { limit: 10 });
    else this.#retryParked(queue);
    // Late copies of what the meddler asked still arrive.
    if (this.isHealing && random.chance(0.1)) this.heal();
    this.#world.later(random.below(this.#isRefusing ? 3_000 : 20_000) + 100, () => this.#operate());
  }

  #retryParked(queue: Queue): void {
    this.#ask(queue, "listOutbox", { limit: 100, after: null }, (found) => {
      if (found?.kind !== "outbox" || !found.messages.some(({ state }) => state === "parked")) return;
      this.#ask(queue, "retryOutbox", { limit: 100 });
    });
  }

  /** Somebody who does not: makes queues full, pauses them, deletes one. */
  #meddle(): void {
    const { random } = this.#world;
    if (this.isHealing) return;
    const queue = random.pick(["b", "c"] as const);
    const settings = random.pick([{ maxBacklog: 1 }, { maxBacklog: null }, { paused: true }, { paused: false }]);
    const choice = random.next();
    if (choice < (this.#isRefusing ? 0.5 : 0.3)) this.#ask("e", "deleteQueue", null);
    else if (choice < (this.#isRefusing ? 0.9 : 0.5)) this.#ask("e", "configure", { settings: {} });
    else this.#ask(queue, "configure", { settings });
    const pauseMs = this.#isRefusing ? 15_000 : random.chance(0.3) ? 2 * 3_600_000 : 6_000;
    this.#world.later(random.below(pauseMs) + 100, () => this.#meddle());
  }

  /** From here on nothing refuses. */
  heal(): void {
    this.isHealing = true;
    for (const queue of ["b", "c", "e"] as const) {
      this.#persist(queue, "configure", { settings: { maxBacklog: null, paused: false } });
    }
  }

  /** Asks until it is answered. */
  #persist<Name extends OperationName>(
    queue: Queue,
    operation: Name,
    input: InputOf<Name>,
    then: () => void = () => {},
  ): void {
    this.#ask(queue, operation, input, (outcome) => {
      if (outcome !== null) then();
      else this.#world.later(this.#world.random.below(1_000), () => this.#persist(queue, operation, input, then));
    });
  }

  #ask<Name extends OperationName>(
    queue: Queue,
    operation: Name,
    input: InputOf<Name>,
    heard: (outcome: OutcomeOf<Name> | null) => void = () => {},
  ): void {
    this.#world.request(queue, operation, (object) => object.operate(operation, structuredClone(input)), {
      committed: (outcome) => this.#ledger.committed(queue, { operation, input, outcome } as never, this.#world.now),
      answered: (outcome) => heard(structuredClone(outcome) as OutcomeOf<Name>),
      failed: () => heard(null),
    });
  }

  #park(queue: Queue, input: InputOf<"claim">, heard: (outcome: OutcomeOf<"claim"> | null) => void): void {
    this.#tickets += 1;
    const ticket = `ticket-${this.#tickets}`;
    this.#world.request(queue, "park", (object) => object.operate("claim", { ...input, waitMs: 1_000, ticket }), {
      committed: (outcome) =>
        this.#ledger.committed(queue, { operation: "claim", input, outcome } as never, this.#world.now),
      answered: (outcome) => heard(outcome as OutcomeOf<"claim">),
      failed: () => heard(null),
    });
  }
}

const EMPTY: ModifyInput = { insert: [], change: [], delete: [], depend: [] };

function refOf(token: string): ClaimRef {
  const ref = parseClaimToken(token);
  if (ref === null) throw new Error(`not a claim token: ${token}`);
  return ref;
}
