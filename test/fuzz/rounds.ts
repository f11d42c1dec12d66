// What is sent, a round at a time: requests and frames that must be refused, connections that break, and then anything at all.

import type { Random } from "../simulation/random.ts";
import { breakFrame, breakRequest } from "./broken-connections.ts";
import { anyValue } from "./any-value.ts";
import { isFrameClose, type FrameSender } from "./frame-sender.ts";
import { operations, type Known, type Operation } from "./grammar.ts";
import { brokenJson } from "./hostile-text.ts";
import { httpRequest, isObject, isWrongInQuery, message, randomQueueName, type HttpRequest } from "./request.ts";
import type { Findings } from "./verdict.ts";

export interface Round {
  readonly url: string;
  readonly port: number;
  readonly known: Known;
  readonly random: Random;
  readonly findings: Findings;
  readonly sender: FrameSender;
}

const LIMIT_MS = 30_000;
const CONCURRENT = 16;
const MESSAGES = 25;

/** Requests that are certain to be refused. */
export async function refusedRequests(round: Round, count: number): Promise<void> {
  await many(count, () => {
    const { random, known } = round;
    const operation = random.pick(overHttp(known));
    return ask(round, operation.op, refusedRequest(known, operation, random), true);
  });
}

/** Frames of which every message is certain to be refused, and frames that are none. */
export async function refusedFrames(round: Round, count: number): Promise<void> {
  const { random, known, findings, sender } = round;
  for (let sent = 0; sent < count; sent += MESSAGES) {
    const operation = random.pick(framed(known));
    if (random.chance(0.1)) {
      const whole = JSON.stringify(message(operation, operation.body.valid(random), 1));
      const frame = random.chance(0.2) ? new Uint8Array([1, 2, 3]) : brokenJson(whole, random);
      const { closedWith, isOverdue, refusal } = await sender.send(frame, []);
      if (refusal !== null) {
        findings.judge("socket", () => "a socket", refusal, true);
        continue;
      }
      findings.requests += 1;
      if (isOverdue || !isFrameClose(closedWith)) findings.add("a frame that is none was not closed", String(frame));
    } else await sendFrame(round, (id) => refusedMessage(random.pick(framed(known)), random, id), true);
  }
}

/** Connections that break off before what they say is whole. */
export async function brokenConnections(round: Round, count: number): Promise<void> {
  const { random, known, port, findings } = round;
  await many(count, async () => {
    findings.requests += 1;
    if (random.chance(0.5)) {
      const operation = random.pick(overHttp(known));
      await breakRequest(port, httpRequest(known.queue, operation, operation.body.valid(random)), random);
    } else {
      const operation = random.pick(framed(known));
      const whole = JSON.stringify(message(operation, operation.body.valid(random), 1)).slice(0, 60_000);
      await breakFrame(port, known.queue, whole, random);
    }
  });
}

/** Anything: valid, nearly valid and hostile, to queues that may come and go. */
export async function anything(round: Round, count: number): Promise<void> {
  const { random, known } = round;
  await many(count / 2, () => {
    const operation = random.pick(overHttp(known));
    // What empties a queue is asked of those that come and go.
    const queue = !isEmptying(operation) && random.chance(0.3) ? known.queue : randomQueueName(random);
    const body = random.chance(0.7) ? operation.body.valid(random) : anyBody(operation, random);
    const request = httpRequest(queue, operation, body);
    const isMissing = operation.op === "claim" && random.chance(0.01);
    return ask(
      round,
      operation.op,
      isMissing ? { ...request, path: request.path.replace("claim", "none") } : request,
      false,
    );
  });
  for (let sent = 0; sent < count / 2; sent += MESSAGES)
    await sendFrame(
      round,
      (id) => {
        const operation = random.pick(framed(known).filter((one) => !isEmptying(one)));
        return message(operation, random.chance(0.7) ? operation.body.valid(random) : anyBody(operation, random), id);
      },
      false,
    );
}

function refusedRequest(known: Known, operation: Operation, random: Random): HttpRequest {
  const { queue } = known;
  const { method, body, fields } = operation;
  const kind = random.below(10);
  const valid = httpRequest(queue, operation, body.valid(random));
  if (kind === 0 && valid.body !== null && String(valid.body).startsWith("{"))
    return { ...valid, body: brokenJson(String(valid.body), random) };
  if (kind === 1)
    return { ...valid, path: valid.path.replace(queue, random.pick(["-x", "a".repeat(81), "%ff", "a%2Fb", "é"])) };
  if (kind === 2 && operation.op !== "enqueue" && valid.body !== null)
    return {
      ...valid,
      contentType: random.pick(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"]),
    };
  if (kind === 3) return { ...valid, path: `${valid.path}${valid.path.includes("?") ? "&" : "?"}unknown=1` };
  if (method !== "GET" && method !== "DELETE") return httpRequest(queue, operation, body.invalid(random));
  // In a query there are only texts, so that not all that is wrong in JSON is wrong there.
  const names = Object.keys(fields).filter((name) => !operation.path.includes(`:${name}`));
  const wrong = names.length === 0 ? undefined : { name: random.pick(names) };
  const value = wrong === undefined ? undefined : fields[wrong.name]?.invalid(random);
  const extra = wrong === undefined || !isWrongInQuery(value) ? { unknown: "1" } : { [wrong.name]: value };
  return httpRequest(queue, operation, { ...(body.valid(random) as object), ...extra });
}

function refusedMessage(operation: Operation, random: Random, id: number): object {
  const kind = random.below(10);
  if (kind === 0) return { id, op: random.pick(["none", "", "constructor", "__proto__", 1, null]), body: {} };
  if (kind === 1) return { id, op: operation.op, body: operation.body.valid(random), unknown: 1 };
  return message(operation, operation.body.invalid(random), id);
}

function anyBody(operation: Operation, random: Random): unknown {
  if (random.chance(0.2)) return anyValue(random, 3);
  const wrong = operation.body.invalid(random);
  return isObject(wrong)
    ? { ...wrong, [random.pick(["id", "payload", "claims", "limit"])]: anyValue(random, 2) }
    : wrong;
}

async function sendFrame(
  { findings, sender, random }: Round,
  make: (id: number) => object,
  isRefused: boolean,
): Promise<void> {
  const messages = Array.from({ length: 1 + random.below(2 * MESSAGES - 1) }, (_, index) => make(index + 1));
  const frame = JSON.stringify(messages.length === 1 ? messages[0] : messages);
  const ids = messages.map((_, index) => index + 1);
  const { answers, closedWith, isOverdue, refusal } = await sender.send(frame, ids);
  if (refusal !== null) return findings.judge("socket", () => "a socket", refusal, isRefused);
  for (const [index, sent] of messages.entries()) {
    const answer = answers.get(index + 1);
    const op = (sent as { readonly op?: unknown }).op;
    if (answer !== undefined) findings.judge(`frame ${String(op)}`, () => JSON.stringify(sent), answer, isRefused);
    else if (closedWith === null)
      findings.add(isOverdue ? "a hang" : "a message without an answer", JSON.stringify(sent));
    else findings.requests += 1;
  }
  // A lone surrogate, say, or a number that no double holds, ends the whole frame.
  if (closedWith !== null && !isFrameClose(closedWith)) findings.add(`closed with ${closedWith}`, frame);
}

async function ask({ url, findings }: Round, op: string, request: HttpRequest, isRefused: boolean): Promise<void> {
  const { method, path, body, contentType } = request;
  const what = (): string =>
    `${method} ${path} ${contentType} ${body === null ? "" : Buffer.from(body).toString("latin1")}`;
  const signal = AbortSignal.timeout(LIMIT_MS);
  const sent = body === null ? {} : { body };
  try {
    const response = await fetch(url + path, { method, signal, headers: { "content-type": contentType }, ...sent });
    const text = await response.text();
    findings.judge(
      op,
      what,
      { status: response.status, contentType: response.headers.get("content-type"), body: parsed(text) },
      isRefused,
    );
  } catch (error) {
    findings.add(signal.aborted ? "a hang" : "no answer", `${what()}: ${String((error as Error).cause ?? error)}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}

function isEmptying({ op }: Operation): boolean {
  return op === "purge" || op === "deleteQueue";
}

function overHttp(known: Known): readonly Operation[] {
  return operations(known).filter(({ isRequest }) => isRequest);
}

function framed(known: Known): readonly Operation[] {
  return operations(known).filter(({ isFramed }) => isFramed);
}

/** So many, some at a time. */
async function many(count: number, one: () => Promise<void>): Promise<void> {
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, lane));
}
