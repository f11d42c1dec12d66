// The life that an earlier version's queue has had when its database is kept: something in every table that its schema has,
// and tasks in every state. What later schemas brought is used from there on.

import type { Message } from "../../src/queue/queue.ts";
import type { EarlierQueue } from "./earlier-queue.ts";

/** The schemas that brought what the life uses. */
const DOCUMENTS_SINCE = 2;
const NUMBERED_CALLS_SINCE = 4;
const KEYS_SINCE = 5;
const EXPORT_SINCE = 6;

const CLAIM_FORM = /^([0-9a-z]+)-([0-9a-z]+)-([0-9a-f]+)-([0-9a-z]+)$/;

interface Claimed {
  readonly claim: string;
  readonly payload: unknown;
}

/** What consumers and senders of that time still hold, and may come with later. */
export interface Remains {
  /** Tokens of claims that last for six hours more. */
  readonly held: readonly string[];
  /** Tokens of claims whose deadline has passed, though nothing has ended them yet. */
  readonly expired: readonly string[];
  /** Tokens of claims that were acked or nacked. */
  readonly settled: readonly string[];
  /** What another queue sent, and sends again if it heard no answer. */
  readonly messages: readonly Message[];
  /** What a numbered call asked for, and was answered; null: there were none yet. */
  readonly call: { readonly input: unknown; readonly answer: unknown } | null;
}

export async function liveEarlier(schema: number, queue: EarlierQueue, other: EarlierQueue): Promise<Remains> {
  const keys = schema >= KEYS_SINCE ? { keys: { order: "strict" } } : {};
  const backoff = { minMs: 5_000, maxMs: 60_000, factor: 3, jitter: 0 };
  await asked(queue, "configure", {
    settings: { claimTimeoutMs: 60_000, maxAttempts: 3, dedupeMs: 7_200_000, backoff, ...keys },
  });
  await enqueued(queue, { payload: `"purged"` });
  await asked(queue, "purge", null);
  if (schema >= EXPORT_SINCE) await beginAnotherLife(queue);

  const held: string[] = [];
  const settled: string[] = [];
  // Plain tasks: a run of which the second task is done and the third has failed.
  await enqueued(queue, ...Array.from({ length: 6 }, (_, index) => ({ payload: `"run-${index}"` })));
  const ofRun = await claimed(queue, "main", 4, { claimant: "worker-1" });
  await settle(queue, "ack", { claims: [refOf(ofRun[1])] });
  await settle(queue, "nack", { claims: [{ claim: refOf(ofRun[2]), error: "no answer", delayMs: 120_000 }] });
  settled.push(tokenOf(ofRun[1]), tokenOf(ofRun[2]));
  held.push(tokenOf(ofRun[0]), tokenOf(ofRun[3]));

  // Ids of the producer's own: one is done and remembered, one waits.
  await enqueued(queue, { payload: `"first order"`, id: "order-1", lane: "ids" });
  const [first] = await claimed(queue, "ids", 1);
  await settle(queue, "ack", { claims: [refOf(first)] });
  settled.push(tokenOf(first));
  await enqueued(
    queue,
    {
      payload: "hello",
      contentType: "text/plain",
      id: "order-2",
      lane: "ids",
      priority: -3,
      headers: { trace: "7" },
      ttlMs: 86_400_000,
      maxAttempts: 9,
    },
    { payload: new Uint8Array([0, 255, 128]), contentType: "application/octet-stream", lane: "bytes" },
    { payload: `"later"`, delayMs: 3_600_000 },
  );

  // A task that has failed and is offered again, and two that are dead: one here, one on its way to another queue.
  await enqueued(queue, { payload: `"fails"`, lane: "fail" });
  await failed(queue, { error: "broken pipe", delayMs: 0 });
  await enqueued(queue, { payload: `"dies"`, lane: "dies", maxAttempts: 1 });
  await failed(queue, { error: "never" }, "dies");
  await asked(queue, "configure", { settings: { deadLetterQueue: "orders-dead" } });
  await enqueued(queue, { payload: `"leaves"`, lane: "dies", maxAttempts: 1, headers: { trace: "8" } });
  await failed(queue, { error: "never ever" }, "dies");
  await asked(queue, "configure", { settings: { deadLetterQueue: null } });

  // A dead letter of another queue, which sends its to this one.
  const messages = await deadLettersOf(other, "orders");
  await queue.receive("billing", messages);

  if (schema >= DOCUMENTS_SINCE) {
    await asked(queue, "putDocument", { key: "progress", value: "17" });
    const sent = { task: { payload: `"invoice"`, id: "invoice-1" }, queue: "invoices", onConflict: "fail" };
    const document = { document: { key: "totals/7", value: `{"n":1}` } };
    await asked(queue, "modify", { insert: [sent, document], change: [], delete: [], depend: [] });
  }
  let call: Remains["call"] = null;
  if (schema >= NUMBERED_CALLS_SINCE) {
    const input = { tasks: [{ payload: `"called"` }], call: { producer: "00000000000000a1", number: 4 } };
    call = { input, answer: await asked(queue, "enqueue", input) };
  }
  if (schema >= KEYS_SINCE) {
    await enqueued(
      queue,
      ...["keyed-0", "keyed-1"].map((text) => ({ payload: `"${text}"`, key: "tenant:7", cost: 2, lane: "keyed" })),
    );
    await asked(queue, "setKey", {
      key: "tenant:7",
      patch: { weight: 3, rate: { limit: 10, periodMs: 60_000, burst: 10 } },
    });
    const [keyed] = await claimed(queue, "keyed", 1, { claimTimeoutMs: 21_600_000 });
    held.push(tokenOf(keyed));
    await enqueued(queue, { payload: `"blocks"`, key: "tenant:8", lane: "blocked", maxAttempts: 1 });
    await failed(queue, { error: "blocked" }, "blocked");
    await enqueued(queue, { payload: `"behind"`, key: "tenant:8", lane: "blocked" });
  }

  await enqueued(queue, { payload: `"held"`, lane: "held" }, { payload: `"lapses"`, lane: "lapses" });
  const holder = schema >= DOCUMENTS_SINCE ? { holder: "socket-1" } : {};
  held.push(
    tokenOf((await claimed(queue, "held", 1, { claimTimeoutMs: 21_600_000, claimant: "worker-2", ...holder }))[0]),
  );
  const lapsed = await claimed(queue, "lapses", 1, { claimTimeoutMs: 1_000 });
  queue.advance(5_000);
  return { held, expired: [tokenOf(lapsed[0])], settled, messages, call };
}

async function asked(queue: EarlierQueue, operation: string, input: unknown): Promise<{ kind: string }> {
  const answer = await queue.operate(operation, input);
  if (!ANSWERS.has(answer.kind)) throw new Error(`${operation} was refused: ${JSON.stringify(answer)}`);
  return answer;
}

const ANSWERS: ReadonlySet<string> = new Set([
  "acked",
  "claimed",
  "document",
  "enqueued",
  "exported",
  "imported",
  "key",
  "modified",
  "nacked",
  "purged",
  "queue",
]);

function enqueued(queue: EarlierQueue, ...tasks: readonly object[]): Promise<unknown> {
  return asked(queue, "enqueue", { tasks });
}

async function claimed(queue: EarlierQueue, lane: string, max: number, options: object = {}): Promise<Claimed[]> {
  const input = { max, lanes: { inOrder: [lane] }, claimTimeoutMs: 21_600_000, ...options };
  const { tasks } = (await asked(queue, "claim", input)) as unknown as { tasks: Claimed[] };
  if (tasks.length !== max) throw new Error(`expected ${max} tasks of lane ${lane}, found ${tasks.length}`);
  return tasks;
}

async function settle(queue: EarlierQueue, operation: "ack" | "nack", input: object): Promise<void> {
  const { results } = (await asked(queue, operation, input)) as unknown as { results: { ok: boolean }[] };
  if (!results.every(({ ok }) => ok)) throw new Error(`${operation}: ${JSON.stringify(results)}`);
}

async function failed(queue: EarlierQueue, how: object, lane = "fail"): Promise<void> {
  const [task] = await claimed(queue, lane, 1);
  await settle(queue, "nack", { claims: [{ claim: refOf(task), ...how }] });
}

/** What a queue of the same version sends when one of its tasks dies. */
async function deadLettersOf(other: EarlierQueue, receiver: string): Promise<Message[]> {
  await asked(other, "configure", { settings: { deadLetterQueue: receiver, maxAttempts: 1 } });
  await enqueued(other, { payload: `"letter"`, id: "bill-9" });
  await failed(other, { error: "no account" }, "main");
  return other.sql.all(
    "SELECT seq, kind, body, payload FROM outbox WHERE receiver = ? ORDER BY seq",
    receiver,
  ) as unknown as Message[];
}

/** The queue is exported and imported over itself: its tasks keep the ids of the life before. */
async function beginAnotherLife(queue: EarlierQueue): Promise<void> {
  await enqueued(queue, { payload: `"of the life before"`, lane: "former" });
  interface Page {
    readonly head: object;
    readonly records: object[];
    readonly isLast: boolean;
    readonly after: object | null;
  }
  const records: object[] = [];
  let page = (await asked(queue, "exportQueue", { after: null })) as unknown as Page;
  records.push(...page.records);
  while (!page.isLast) {
    page = (await asked(queue, "exportQueue", { after: page.after })) as unknown as Page;
    records.push(...page.records);
  }
  await asked(queue, "exportQueue", { after: page.after });
  await asked(queue, "importQueue", { head: page.head, at: 0, records, isLast: true, replace: true });
}

function tokenOf(task: Claimed | undefined): string {
  if (task === undefined) throw new Error("expected a claimed task, found none");
  return task.claim;
}

/** As its own commit's parser gives it; later ones know the token too. */
function refOf(task: Claimed | undefined): object {
  const token = tokenOf(task);
  const [, tag = "", slot = "", nonce = "", key = ""] = CLAIM_FORM.exec(token) ?? [];
  return { token, tag, slot: Number.parseInt(slot, 36), nonce, key: Number.parseInt(key, 36) };
}
