// Short words for the operations of a queue, so that a test says what it is about and nothing else.

import { parseClaimToken, type ClaimRef } from "../../src/core/claim-token.ts";
import type { BrowseInput, ClaimInput, NackItem, NewTask, OutcomeOf, Stats } from "../../src/core/operation.ts";
import type { SettingsPatch } from "../../src/core/settings.ts";
import type { BrowsedTask, ClaimedTask, TaskState } from "../../src/core/task.ts";
import type { QueueDriver } from "./queue-driver.ts";

type Kinds = { readonly kind: string };

/** The outcome, if it is of the kind that the test expects. */
export function expectKind<Outcome extends Kinds, Kind extends Outcome["kind"]>(
  outcome: Outcome,
  kind: Kind,
): Extract<Outcome, { readonly kind: Kind }> {
  if (outcome.kind !== kind) throw new Error(`expected ${kind}, found ${JSON.stringify(outcome)}`);
  return outcome as Extract<Outcome, { readonly kind: Kind }>;
}

/** A task whose payload is the given JSON value. */
export function task(payload: unknown, options: Omit<NewTask, "payload"> = {}): NewTask {
  return { ...options, payload: JSON.stringify(payload) };
}

export async function enqueue(queue: QueueDriver, ...tasks: readonly NewTask[]) {
  return expectKind(await queue.operate("enqueue", { tasks }), "enqueued").tasks;
}

export async function claim(queue: QueueDriver, options: Partial<ClaimInput> = {}): Promise<ClaimedTask[]> {
  const input: ClaimInput = { max: 1, lanes: { inOrder: ["main"] }, ...options };
  return expectKind(await queue.operate("claim", input), "claimed").tasks;
}

/** Claims one task, which must be there. */
export async function claimOne(queue: QueueDriver, options: Partial<ClaimInput> = {}): Promise<ClaimedTask> {
  const [first] = await claim(queue, options);
  if (first === undefined) throw new Error("expected a ready task, found none");
  return first;
}

export function ref(token: string): ClaimRef {
  const parsed = parseClaimToken(token);
  if (parsed === null) throw new Error(`not a claim token: ${token}`);
  return parsed;
}

/** Acks; answers "ok" or the code of each. */
export async function ack(queue: QueueDriver, ...tasks: readonly ClaimedTask[]): Promise<string[]> {
  const outcome = await queue.operate("ack", { claims: tasks.map(({ claim: token }) => ref(token)) });
  return expectKind(outcome, "acked").results.map((result) => (result.ok ? "ok" : result.code));
}

export async function nack(
  queue: QueueDriver,
  held: ClaimedTask,
  options: Omit<NackItem, "claim"> = {},
): Promise<string> {
  const outcome = await queue.operate("nack", { claims: [{ ...options, claim: ref(held.claim) }] });
  const [result] = expectKind(outcome, "nacked").results;
  return result?.ok === true ? "ok" : (result?.code ?? "nothing");
}

export async function extend(queue: QueueDriver, claimTimeoutMs: number, ...tasks: readonly ClaimedTask[]) {
  const outcome = await queue.operate("extend", {
    claims: tasks.map(({ claim: token }) => ref(token)),
    claimTimeoutMs,
  });
  return expectKind(outcome, "extended").results;
}

export async function configure(queue: QueueDriver, settings: SettingsPatch): Promise<void> {
  expectKind(await queue.operate("configure", { settings }), "queue");
}

export async function stats(queue: QueueDriver): Promise<Stats> {
  return expectKind(await queue.operate("getQueue", null), "queue").queue.stats;
}

/** Ready, delayed, claimed and dead, in this order. */
export async function counts(queue: QueueDriver): Promise<[number, number, number, number]> {
  const { ready, delayed, claimed, dead } = await stats(queue);
  return [ready, delayed, claimed, dead];
}

export async function get(queue: QueueDriver, id: string): Promise<BrowsedTask> {
  return expectKind(await queue.operate("getTask", { id }), "task").task;
}

/** Every task in a state, however many pages they take. */
export async function browseAll(queue: QueueDriver, state?: TaskState, limit = 100): Promise<BrowsedTask[]> {
  const found: BrowsedTask[] = [];
  let after: BrowseInput["after"] | null = 0;
  while (after !== null) {
    const input = state === undefined ? { limit, after } : { limit, after, state };
    const page: Extract<OutcomeOf<"browse">, { kind: "page" }> = expectKind(
      await queue.operate("browse", input),
      "page",
    );
    found.push(...page.tasks);
    after = page.after;
  }
  return found;
}

export function payloads(tasks: readonly { readonly payload: string | Uint8Array }[]): unknown[] {
  return tasks.map(({ payload }) => (typeof payload === "string" ? (JSON.parse(payload) as unknown) : payload));
}
