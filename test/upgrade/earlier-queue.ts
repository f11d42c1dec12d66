// A queue of an earlier commit: its code from the history of git, over node:sqlite, with a clock that is moved by hand.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { SqlRow, SqlValue } from "../../src/store/sql.ts";
import type { Message } from "../../src/queue/queue.ts";

const PROJECT = resolve(import.meta.dirname, "../..");

export const START_AT = 1_800_000_000_000;

export interface EarlierSql {
  all(statement: string, ...parameters: readonly SqlValue[]): SqlRow[];
}

/** What all commits have in common. What they are asked and what they answer differs: it is checked by who asks. */
export interface EarlierQueue {
  readonly sql: EarlierSql;
  now(): number;
  advance(ms: number): void;
  operate(operation: string, input: unknown): Promise<{ readonly kind: string }>;
  receive(sender: string, messages: readonly Message[]): Promise<void>;
}

export interface EarlierCode {
  open(name: string): Promise<EarlierQueue>;
  remove(): void;
}

/** Takes the sources of a commit out of git's history. */
export function earlierCode(commit: string): EarlierCode {
  const folder = mkdtempSync(join(tmpdir(), "edgeq-earlier-"));
  const archive = execFileSync("git", ["archive", commit, "src", "test/node"], {
    cwd: PROJECT,
    maxBuffer: 64 * 1024 ** 2,
  });
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
  const hasDoor = execFileSync("git", ["ls-tree", commit, "src/queue/queue.ts"], { cwd: PROJECT }).length > 0;
  return {
    open: (name) => (hasDoor ? openByDoor(folder, name) : openWithoutDoor(folder, name)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface DoorModule {
  readonly Queue: new (
    sql: EarlierSql,
    host: object,
  ) => {
    operate(operation: string, input: unknown): Promise<{ kind: string }>;
    receive(sender: string, messages: readonly Message[]): Promise<unknown>;
  };
}

async function openByDoor(folder: string, name: string): Promise<EarlierQueue> {
  const { Queue } = (await import(join(folder, "src/queue/queue.ts"))) as DoorModule;
  const { MemorySql } = (await import(join(folder, "src/testing/memory-sql.ts"))) as SqlModule;
  const sql = new MemorySql();
  const clock = new Clock();
  const queue = new Queue(sql, {
    ...chanceOf(name),
    now: () => clock.now,
    name: () => name,
    soon: (turn: () => void) => queueMicrotask(turn),
    later: () => () => {},
    alarmAt: () => {},
    // Nobody is there but the directory: what is sent stays in the outbox.
    deliver: async (receiver: string, messages: readonly Message[]) => {
      if (receiver !== "@directory") throw new Error(`${receiver} cannot be reached`);
      return Promise.resolve({ kind: "received", upTo: messages.at(-1)?.seq ?? 0 });
    },
    tell: () => Promise.resolve(true),
    background: (work: Promise<void>) => void work,
    report: () => {},
    abort: (error: unknown) => {
      throw error;
    },
  });
  return {
    sql,
    now: () => clock.now,
    advance: (ms) => void (clock.now += ms),
    operate: async (operation, input) => settled(queue.operate(operation, input)),
    receive: async (sender, messages) => void (await settled(queue.receive(sender, messages))),
  };
}

interface BeforeDoorModules {
  readonly operations: {
    operate(this: void, state: object, operation: string, input: unknown, now: number, name: string): { kind: string };
  };
  readonly state: {
    readonly QueueState: new (
      sql: EarlierSql,
      chance: object,
    ) => { wake(now: number): void; transaction(change: () => unknown): unknown };
  };
  readonly receiving: {
    receive(
      this: void,
      state: object,
      name: string,
      sender: string,
      messages: readonly Message[],
      now: number,
    ): unknown;
  };
}

/** Before a queue had one door, and turns. */
async function openWithoutDoor(folder: string, name: string): Promise<EarlierQueue> {
  const { operate } = (await import(join(folder, "src/queue/operations.ts"))) as BeforeDoorModules["operations"];
  const { QueueState } = (await import(join(folder, "src/queue/state.ts"))) as BeforeDoorModules["state"];
  const { receive } = (await import(join(folder, "src/queue/receive.ts"))) as BeforeDoorModules["receiving"];
  const { MemorySql } = (await import(join(folder, "test/node/memory-sql.ts"))) as SqlModule;
  const sql = new MemorySql();
  const clock = new Clock();
  const state = new QueueState(sql, chanceOf(name));
  state.wake(clock.now);
  return {
    sql,
    now: () => clock.now,
    advance: (ms) => void (clock.now += ms),
    operate: (operation, input) => Promise.resolve(operate(state, operation, input, clock.now, name)),
    receive: (sender, messages) => {
      state.transaction(() => receive(state, name, sender, messages, clock.now));
      return Promise.resolve();
    },
  };
}

interface SqlModule {
  readonly MemorySql: new () => EarlierSql;
}

class Clock {
  now = START_AT;
}

/** The answer, after what it left to be sent has been tried. */
async function settled<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const value = await answer;
  await new Promise((resume) => setImmediate(resume));
  return value;
}

/** The same in each run. Far from the nonces of test/node/memory-queue.ts, which goes on with such a database. */
function chanceOf(name: string): { random(): number; nonce(): string } {
  let nonces = 0xedce_0000;
  let tags = name.length;
  return {
    random: () => (tags = (tags * 7 + 3) % 36) / 36,
    nonce: () => (nonces += 1).toString(16).padStart(16, "0"),
  };
}
