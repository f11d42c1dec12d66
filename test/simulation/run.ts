// One run of the simulation: a world with its faults, then without them until all work is done, then the count.

import { SteadyClock } from "../../src/core/steady-clock.ts";
import { Ledger } from "./ledger.ts";
import { Orders, ORDERS } from "./orders.ts";
import { Pipeline, QUEUES } from "./pipeline.ts";
import { Random } from "./random.ts";
import { isMade, tokensIn } from "./stored-tokens.ts";
import { NO_FAULTS, World, type ObjectClass } from "./world.ts";

export interface Classes {
  readonly QueueObject: ObjectClass;
  readonly DirectoryObject: ObjectClass;
}

export interface RunResult {
  readonly violations: readonly string[];
  readonly steps: number;
  readonly log: readonly string[];
}

/** More than any run has needed by far; a run that gets here does not come to its end. */
const MOST_STEPS = 20_000;

/** Plays one seed after another, each in a world as new. */
export class SeededRuns {
  /** Cut points hit over all runs. */
  readonly cuts = new Map<string, number>();
  readonly #hosts: ReturnType<typeof World.hosts>;
  readonly #play: (world: World, random: Random) => Promise<RunResult>;

  constructor(
    { QueueObject, DirectoryObject }: Classes,
    queues: readonly string[],
    play: (world: World, random: Random) => Promise<RunResult>,
  ) {
    const classes = new Map<string, ObjectClass>(queues.map((name) => [name, QueueObject]));
    this.#hosts = World.hosts(classes.set("@directory", DirectoryObject));
    this.#play = play;
  }

  async run(seed: number, isLogging = false): Promise<RunResult> {
    const random = new Random(seed);
    const world = new World(random, this.cuts, this.#hosts);
    world.isLogging = isLogging;
    world.reset();
    const restore = intercept(world, random);
    try {
      return await this.#play(world, random);
    } finally {
      restore();
    }
  }
}

export class Simulation extends SeededRuns {
  constructor(classes: Classes) {
    super(classes, [...QUEUES, ORDERS], live);
  }
}

async function live(world: World, random: Random): Promise<RunResult> {
  const ledger = new Ledger();
  world.onTaken = (receiver, sender, messages, outcome) => ledger.taken(receiver, sender, messages, outcome);
  const tokens = 1 + random.below(4);
  const isRefusing = random.chance(0.25);
  const pipeline = new Pipeline(world, ledger, tokens, isRefusing, random.chance(0.4));
  const orders = random.chance(0.1) ? new Orders(world, ledger) : null;
  // Most runs have a few cuts, some none, some so many that hardly anything gets through.
  const level = random.pick([0, 0.01, 0.03, 0.1, 0.3]);
  const some = (): number => (random.chance(0.5) ? level : 0);
  world.faults = {
    cut: level,
    lostRequest: some(),
    lostAnswer: some(),
    lateCopy: isRefusing ? 0.4 : random.pick([0, level, 0.5]),
    lostAlarm: random.pick([0, 0.1, 0.5]),
    lateAlarm: random.pick([0, 0.1, 0.3]),
    repeatedAlarm: random.pick([0, 0.2]),
  };
  pipeline.start();
  orders?.start();
  const names = orders === null ? QUEUES : [...QUEUES, ORDERS];
  const broken = isRefusing ? 500 : random.pick([40, 120, 300]);
  let steps = 0;
  for (; steps < broken && ledger.violations.length === 0; steps += 1) {
    if (random.chance(level / 4)) world.kill(random.pick(names));
    if (random.chance(0.05)) world.hibernate(random.pick(names));
    await world.step();
  }
  world.faults = NO_FAULTS;
  pipeline.heal();
  if (orders !== null) orders.isHealing = true;
  const isAllDone = (): boolean => isDone(world, tokens) && orders?.isDone !== false;
  // Looking whether all is done takes as long as several steps.
  while ((steps % 10 !== 0 || !isAllDone()) && ledger.violations.length === 0 && steps < MOST_STEPS) {
    await world.step();
    steps += 1;
  }
  const violations = [...world.violations, ...ledger.violations];
  if (violations.length === 0) violations.push(...count(world, ledger, tokens), ...(orders?.violations() ?? []));
  return { violations, steps, log: world.log };
}

function isDone(world: World, tokens: number): boolean {
  if (counterOf(world, "a") < tokens || counterOf(world, "b") < tokens) return false;
  return QUEUES.every((name) => name === "e" || (tokensIn(world, name).length === 0 && outboxOf(world, name) === 0));
}

/** Every token is in one place, and was moved and counted once at each step (P2, P5, P6, P9). */
function count(world: World, ledger: Ledger, tokens: number): string[] {
  const violations: string[] = [];
  const done = documentsOf(world, "c")
    .filter(({ key }) => key.startsWith("done:"))
    .map(({ key }) => Number(key.slice("done:".length)));
  const aside = tokensIn(world, "e");
  const places = [...done, ...aside];
  const rest = QUEUES.filter((name) => name !== "e").flatMap((name) =>
    tokensIn(world, name).map((token) => `${name} ${token}`),
  );
  if (rest.length > 0) violations.push(`not come to an end: ${rest.join(", ")}`);
  for (const name of QUEUES) {
    if (name !== "e" && outboxOf(world, name) > 0)
      violations.push(`the outbox of ${name} holds ${outboxOf(world, name)}`);
  }
  if (new Set(places).size < places.length) violations.push(`a token is in two places: ${places.join(", ")} (P9)`);
  // What `e` took may have been deleted with it; what it did not take must not be gone.
  for (let token = 1; token <= tokens; token += 1) {
    if (!done.includes(token) && !ledger.arrived.has(`e ${token}`)) violations.push(`token ${token} is lost (P2, P9)`);
  }
  for (const stage of ["a", "b"]) {
    const counted = counterOf(world, stage);
    if (counted !== tokens) violations.push(`${stage} counted ${counted} moves of ${tokens} tokens (P6)`);
  }
  if (counterOf(world, "c") !== done.length) {
    violations.push(`c counted ${counterOf(world, "c")}, and ${done.length} are done (P6)`);
  }
  return violations;
}

/** What is on its way to other queues; the directory is not waited for. */
function outboxOf(world: World, name: string): number {
  if (!isMade(world, name)) return 0;
  return world.storageOf(name).rows(`SELECT 1 FROM outbox WHERE receiver <> '@directory'`).length;
}

function documentsOf(world: World, name: string): { key: string; value: string }[] {
  if (!isMade(world, name)) return [];
  return world.storageOf(name).rows(`SELECT key, value FROM documents`) as { key: string; value: string }[];
}

function counterOf(world: World, name: string): number {
  return Number(documentsOf(world, name).find(({ key }) => key === "count")?.value ?? 0);
}

/** The world's clock, timers and chance in place of the machine's, until what is returned is called. */
function intercept(world: World, random: Random): () => void {
  const { setTimeout, clearTimeout } = globalThis;
  const { now } = Date;
  // oxlint-disable-next-line typescript/unbound-method
  const read = SteadyClock.prototype.now;
  const { random: chance } = Math;
  const { error } = console;
  Object.assign(globalThis, {
    setTimeout: (action: () => void, delayMs = 0) => world.setTimer(action, delayMs),
    clearTimeout: (id: number) => world.clearTimer(id),
  });
  Date.now = () => world.clock;
  SteadyClock.prototype.now = function (this: SteadyClock) {
    const time = read.call(this);
    world.goesBy(time);
    return time;
  };
  Math.random = () => random.next();
  // What queues tell their owners is part of what happened.
  console.error = (...words: unknown[]) => void (world.isLogging && world.log.push(words.join(" ")));
  return () => {
    Object.assign(globalThis, { setTimeout, clearTimeout });
    Date.now = now;
    SteadyClock.prototype.now = read;
    Math.random = chance;
    console.error = error;
  };
}
