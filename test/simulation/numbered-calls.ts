// A run of the simulation of numbered calls (P10): clients that number what they send and repeat what they hear nothing of, two of
// them under one name, at one queue in a world with its faults. Each call is made once for as long as its producer is remembered.

import { SeededRuns, type Classes, type RunResult } from "./run.ts";
import type { Random } from "./random.ts";
import { NO_FAULTS, type World } from "./world.ts";

const QUEUE = "a";
const DEDUPE_MS = 300_000;
/** A client repeats a call for as long as it is remembered in any case, and has no repeat under way when that ends. */
const PATIENCE_MS = DEDUPE_MS - 10_000;
const CALLS = 8;
const OPEN_CALLS = 3;
/** After all clients have finished, so that some late copies arrive. */
const LATE_STEPS = 60;
const MOST_STEPS = 20_000;

interface Call {
  readonly client: string;
  readonly producer: string;
  readonly number: number;
  readonly from: number;
  readonly firstSentAt: number;
  readonly operation: "enqueue" | "modify";
  readonly input: unknown;
  readonly size: number;
}

interface Outcome {
  readonly kind: string;
  readonly from?: number | null;
}

export class NumberedCalls extends SeededRuns {
  constructor(classes: Classes) {
    super(classes, [QUEUE], live);
  }
}

/** Tasks stay until they are counted, however late the last copy comes. */
async function prepare(world: World): Promise<void> {
  const answers: unknown[] = [];
  const answered = (outcome: unknown): void => void answers.push(outcome);
  const failed = (): void => void world.violations.push("the queue could not be made");
  const input = { settings: { retentionMs: null, dedupeMs: DEDUPE_MS } };
  const on = { committed: () => {}, answered, failed };
  world.request(QUEUE, "configure", (object) => object.operate("configure", input), on);
  while (answers.length === 0 && world.violations.length === 0) await world.step();
}

async function live(world: World, random: Random): Promise<RunResult> {
  await prepare(world);
  const level = random.pick([0, 0.03, 0.1, 0.3]);
  world.faults = {
    cut: level,
    lostRequest: level,
    lostAnswer: random.pick([level, 0.4]),
    lateCopy: random.pick([0, 0.3, 0.6]),
    lostAlarm: random.pick([0, 0.3]),
    lateAlarm: random.pick([0, 0.3]),
    repeatedAlarm: random.pick([0, 0.2]),
  };
  const ledger = new CallLedger();
  const clients = [
    new Client(world, ledger, "one", "00000000000000a1", true),
    new Client(world, ledger, "two", "00000000000000b2", false),
    // Claims the name of the second.
    new Client(world, ledger, "three", "00000000000000b2", false),
  ];
  for (const client of clients) client.start();
  let steps = 0;
  const failed = (): boolean => world.violations.length + ledger.violations.length > 0;
  for (; clients.some(({ isDone }) => !isDone) && !failed() && steps < MOST_STEPS; steps += 1) {
    if (random.chance(level / 4)) world.kill(QUEUE);
    await world.step();
  }
  for (let late = 0; late < LATE_STEPS && !failed(); late += 1) await world.step();
  steps += LATE_STEPS;
  world.faults = NO_FAULTS;
  if (steps >= MOST_STEPS) ledger.violations.push("not come to an end");
  if (!failed()) ledger.count(tasksIn(world));
  return { violations: [...world.violations, ...ledger.violations], steps, log: world.log };
}

class Client {
  readonly #world: World;
  readonly #ledger: CallLedger;
  readonly #name: string;
  readonly #producer: string;
  readonly #isAlone: boolean;
  readonly #open = new Set<number>();
  #last = 0;

  /** @param isAlone whether nobody else has its name */
  constructor(world: World, ledger: CallLedger, name: string, producer: string, isAlone: boolean) {
    this.#world = world;
    this.#ledger = ledger;
    this.#name = name;
    this.#producer = producer;
    this.#isAlone = isAlone;
  }

  get isDone(): boolean {
    return this.#last === CALLS && this.#open.size === 0;
  }

  start(): void {
    const { random } = this.#world;
    while (this.#open.size < OPEN_CALLS && this.#last < CALLS) {
      const number = (this.#last += 1);
      this.#open.add(number);
      const from = Math.min(...this.#open);
      const size = random.pick([1, 1, 3]);
      const tasks = Array.from({ length: size }, (_, index) => ({
        payload: JSON.stringify({ by: `${this.#name} ${number}`, index }),
        ...(random.chance(0.3) && { delayMs: random.below(1_000) }),
      }));
      const operation = random.pick(["enqueue", "enqueue", "modify"] as const);
      const call = { producer: this.#producer, number, from };
      const input =
        operation === "enqueue"
          ? { tasks, call }
          : { insert: tasks.map((task) => ({ task, onConflict: "fail" })), change: [], delete: [], depend: [], call };
      this.#send({ ...call, client: this.#name, firstSentAt: this.#world.now, operation, input, size });
    }
  }

  #send(call: Call): void {
    const world = this.#world;
    world.request(
      QUEUE,
      `${call.operation} ${call.client} ${call.number}`,
      (object) => object.operate(call.operation, structuredClone(call.input)),
      {
        committed: (outcome) => this.#ledger.committed(call, outcome, world.now),
        answered: (outcome) => {
          this.#ledger.answered(call, outcome, this.#isAlone);
          this.#finished(call);
        },
        failed: () => this.#repeat(call),
      },
    );
  }

  /** Again in a moment, or in minutes; given up when its number may be forgotten. */
  #repeat(call: Call): void {
    const { random, now } = this.#world;
    const delayMs = random.chance(0.7) ? random.below(1_000) : random.below(4 * 60_000);
    if (now + delayMs - call.firstSentAt >= PATIENCE_MS) return this.#finished(call);
    this.#world.later(delayMs, () => this.#send(call));
  }

  #finished({ number }: Call): void {
    this.#open.delete(number);
    this.start();
  }
}

/** A time in which a producer is remembered without a gap. */
interface ProducerLife {
  number: number;
  lastMadeAt: number;
  from: number;
  /** Of all its lives: after a gap it may still be remembered. */
  highestFrom: number;
}

/** What the queue has answered, once that is on disk, whether or not anybody heard it. */
class CallLedger {
  readonly violations: string[] = [];
  /** The answers to each call, the last one last, and the life of its producer in which it was made. */
  readonly #made = new Map<string, { readonly call: Call; readonly answers: string[]; life: number }>();
  readonly #producers = new Map<string, ProducerLife>();
  /** Which clients have made a call of a producer's number. */
  readonly #holders = new Map<string, Set<string>>();

  committed(call: Call, outcome: Outcome, now: number): void {
    const { client, producer, number, from } = call;
    const name = `${client} ${number}`;
    const life = this.#lifeOf(producer, now);
    if (outcome.kind === "call-reused") {
      const holders = this.#holders.get(`${producer} ${number}`);
      if (holders === undefined || [...holders].every((holder) => holder === client))
        this.violations.push(`${name} is refused for what nobody else has made (P10)`);
      return;
    }
    if (outcome.kind === "call-forgotten") {
      if (number >= life.highestFrom) this.violations.push(`${name} left the window too early (P10)`);
      return;
    }
    if (outcome.kind !== "enqueued" && outcome.kind !== "modified") {
      this.violations.push(`${name} was answered with ${outcome.kind}`);
      return;
    }
    const answer = JSON.stringify(outcome);
    const made = this.#made.get(name) ?? { call, answers: [], life: -1 };
    this.#made.set(name, made);
    if (made.answers.at(-1) === answer) return;
    if (made.life === life.number) this.violations.push(`${name} was made again, though it is remembered (P10)`);
    if (number < life.from) this.violations.push(`${name} was made below its window (P10)`);
    made.answers.push(answer);
    made.life = life.number;
    const key = `${producer} ${number}`;
    this.#holders.set(key, (this.#holders.get(key) ?? new Set()).add(client));
    life.from = Math.max(life.from, from);
    life.highestFrom = Math.max(life.highestFrom, from);
    life.lastMadeAt = now;
  }

  /** A new one begins when the producer may have been forgotten. */
  #lifeOf(producer: string, now: number): ProducerLife {
    const known = this.#producers.get(producer) ?? { number: 0, lastMadeAt: now, from: 1, highestFrom: 1 };
    this.#producers.set(producer, known);
    if (now - known.lastMadeAt >= DEDUPE_MS)
      Object.assign(known, { number: known.number + 1, lastMadeAt: now, from: 1 });
    return known;
  }

  /** A client has heard an answer: it is of this call, and was on disk. */
  answered(call: Call, outcome: Outcome, isAlone: boolean): void {
    const name = `${call.client} ${call.number}`;
    if (outcome.kind === "call-reused" || outcome.kind === "call-forgotten") {
      if (isAlone) this.violations.push(`${name} of a client alone was refused: ${outcome.kind} (P10)`);
      return;
    }
    if (this.#made.get(name)?.answers.includes(JSON.stringify(outcome)) !== true)
      this.violations.push(`${name} was answered with what is not on disk (P1)`);
  }

  /** Each call's tasks are there as often as it was made, and no others (P1, P10). @param tasks by whom each was sent */
  count(tasks: readonly string[]): void {
    for (const [name, { call, answers }] of this.#made) {
      const found = tasks.filter((by) => by === name).length;
      const expected = call.size * answers.length;
      if (found !== expected) this.violations.push(`${name} has ${found} tasks in place of ${expected} (P1, P10)`);
    }
    const strangers = tasks.filter((by) => !this.#made.has(by));
    if (strangers.length > 0) this.violations.push(`tasks of calls that were not made: ${strangers.join(", ")} (P10)`);
  }
}

function tasksIn(world: World): string[] {
  const storage = world.storageOf(QUEUE);
  if (storage.rows(`SELECT 1 FROM sqlite_master WHERE name = 'tasks'`).length === 0) return [];
  return storage
    .rows("SELECT payload FROM tasks")
    .flatMap(({ payload }) => String(payload).split("\n"))
    .map((line) => (JSON.parse(line) as { by: string }).by);
}
