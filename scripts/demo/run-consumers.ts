// The consumers of the demo: started, one of them killed in the middle, the others ended when the queue is empty.

import { fork, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { exitCodeOf, exitOf, type Exit } from "../../src/serve/child-exit.ts";
import { CommandError } from "../../src/serve/command-error.ts";
import type { Report } from "../demo-consumer.ts";
import { Progress } from "./progress.ts";
import type { QueueAddress, QueueApi } from "./queue-api.ts";

/** The kill comes with the claim that begins the second third, some random time into it. */
const KILL_AFTER = 1 / 3;
const KILL_WITHIN_MS = 40;
/** Small enough that each consumer has several claims of even a small folder. */
const MOST_CLAIM_TASKS = 200;
const LEAST_CLAIMS = 20;
const POLL_MS = 100;
/** A minute in which no task is done means that something is wrong. */
const STALL_MS = 60_000;

const PROGRAM = resolve(import.meta.dirname, "../demo-consumer.ts");

interface QueueAnswer {
  readonly stats: { readonly ready: number; readonly delayed: number; readonly claimed: number; readonly dead: number };
}

interface Consumer {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
}

interface ConsumersInput {
  readonly api: QueueApi;
  readonly address: QueueAddress;
  /** What the tasks' paths are relative to. */
  readonly folder: string;
  /** One file for each consumer, which writes down in it what it does. */
  readonly journals: readonly string[];
  readonly tasks: number;
}

/**
 * Fulfilled when the queue holds no task any more and every consumer has ended.
 *
 * @returns how long the queue took, in ms
 * @throws when a consumer ends that was neither killed nor told to, or nothing moves for a minute
 */
export async function runConsumers(input: ConsumersInput): Promise<number> {
  const { api, address, folder, journals, tasks } = input;
  const batch = Math.min(MOST_CLAIM_TASKS, Math.ceil(tasks / LEAST_CLAIMS));
  const progress = new Progress(tasks);
  const startedAt = performance.now();
  let claimed = 0;
  let acked = 0;
  let victim: Consumer | null = null;
  const hear = (consumer: Consumer, name: string, report: Report): void => {
    if ("acked" in report) acked += report.acked;
    else claimed += report.claimed;
    if (victim !== null || claimed < KILL_AFTER * tasks) return;
    victim = consumer;
    setTimeout(() => {
      consumer.child.kill("SIGKILL");
      progress.say(`killed ${name} with SIGKILL, ${acked.toLocaleString("en")} acks into the run`);
    }, Math.random() * KILL_WITHIN_MS);
  };
  const consumers = journals.map((journal, index): Consumer => {
    const name = `consumer-${index + 1}`;
    const child = fork(PROGRAM, [folder, journal, address.url, address.queue, name, String(batch)]);
    const consumer = { child, exited: exitOf(child) };
    child.on("message", (report: Report) => hear(consumer, name, report));
    return consumer;
  });

  const isVictim = (consumer: Consumer): boolean => consumer === victim;
  try {
    await Promise.race([
      untilEmpty(api, () => {
        progress.show(acked);
        return acked;
      }),
      ...consumers.map((consumer) => untimelyEnd(consumer, isVictim)),
    ]);
    const elapsedMs = performance.now() - startedAt;
    progress.show(tasks);
    progress.say("the queue is empty");
    await Promise.all(consumers.filter(isVictim).map(({ exited }) => exited));
    return elapsedMs;
  } finally {
    for (const { child } of consumers) if (child.connected) child.disconnect();
    await Promise.all(consumers.map(({ exited }) => exited));
  }
}

/** @param progressed called at each look; returns the number of tasks done so far */
async function untilEmpty(api: QueueApi, progressed: () => number): Promise<void> {
  let done = -1;
  let movedAt = performance.now();
  for (;;) {
    const { ready, delayed, claimed, dead } = (await api.get<QueueAnswer>()).stats;
    const now = progressed();
    if (ready + delayed + claimed + dead === 0) return;
    if (now > done) movedAt = performance.now();
    else if (performance.now() - movedAt > STALL_MS) throw new CommandError(`nothing was done for ${STALL_MS} ms`);
    done = now;
    await wait(POLL_MS);
  }
}

/** Rejected when the consumer ends by itself, pending when it is killed as planned. */
async function untimelyEnd(consumer: Consumer, isVictim: (consumer: Consumer) => boolean): Promise<never> {
  const exit = await consumer.exited;
  if (isVictim(consumer) && exit.signal === "SIGKILL") return new Promise<never>(() => {});
  throw new CommandError(`a consumer ended by itself, with status ${exitCodeOf(exit)}`);
}
