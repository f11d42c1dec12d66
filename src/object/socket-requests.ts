// Requests of a socket, from the message to its answer in the turn in which it is applied.

import { inputBytes } from "../core/input-bytes.ts";
import { LIMITS } from "../core/limits.ts";
import type { NumberedCall } from "../core/numbered-call.ts";
import type { InputOf, OperationName } from "../core/operation.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import { failureProblem } from "../api/failure-problem.ts";
import { parsed } from "../api/invalid.ts";
import type { Operation } from "../api/operation.ts";
import { isOperation, OPERATIONS } from "../api/operation-table.ts";
import { idOf, parseMessage, readPosition, type Message, type RequestId } from "../api/parse-message.ts";
import { callAt, isSeries, parseSeries } from "../api/request-series.ts";
import { numberedBy } from "../api/operations/numbered-call.ts";
import { parseCredit } from "../api/operations/claim.ts";
import { parseWatch } from "../api/operations/watch.ts";
import { claimBy, mustExist, lackingFor, lackingText, type Lacking } from "../api/lacking.ts";
import { invalidProblem, isRefusal, refusalProblem } from "../api/refusal-problem.ts";
import type { Connection, Shared } from "./connection.ts";
import { LATER, type Job, type Queue, type Turn } from "../queue/queue.ts";
import type { FactWatchers } from "./fact-watchers.ts";
import type { Watchers } from "./watchers.ts";

export class SocketRequests {
  readonly #queue: Queue;
  readonly #queueName: () => string;
  readonly #heldBack: Set<Connection>;
  readonly #watchers: Watchers;
  readonly #factWatchers: FactWatchers;
  /** To be answered in the next turn. */
  #refused: { readonly connection: Connection; readonly id: RequestId | null; readonly refusal: Problem }[] = [];

  constructor(
    { queue, queueName, heldBack }: Pick<Shared, "queue" | "queueName" | "heldBack">,
    watchers: Watchers,
    factWatchers: FactWatchers,
  ) {
    this.#factWatchers = factWatchers;
    this.#queue = queue;
    this.#queueName = queueName;
    this.#heldBack = heldBack;
    this.#watchers = watchers;
  }

  /** @param length of each request, its part of its frame in characters */
  receive(connection: Connection, message: unknown, length: number): void {
    this.#attempt(connection, idOf(message), () => {
      if (isSeries(message)) return this.#series(connection, message, length);
      const position = readPosition(message);
      if (position !== null) return this.#hasRead(connection, position);
      return this.#request(connection, parseMessage(message), length);
    });
  }

  /** Throws Invalid if it cannot be read; then none of its requests is made. */
  #series(connection: Connection, message: unknown, length: number): void {
    const { id, op, call, bodies } = parseSeries(message);
    for (const [place, body] of bodies.entries()) {
      const request = { id: id + place, op, body, call: callAt(call, place) };
      this.#attempt(connection, request.id, () => this.#request(connection, request, length));
    }
  }

  /** What is refused, or fails, is answered so. */
  #attempt(connection: Connection, id: RequestId | null, act: () => void): void {
    try {
      const result = parsed(act);
      if (result.kind === "invalid") this.#refuse(connection, id, invalidProblem(result));
    } catch (error) {
      console.error("edgeq: a socket's message failed:", error);
      this.#refuse(connection, id, failureProblem(error) ?? FAILED);
    }
  }

  /** Throws Invalid. */
  #request(connection: Connection, { id, op, body, call }: Message, length: number): void {
    const { waiting } = connection;
    if (waiting.requests >= LIMITS.socketRequests || waiting.length + length > LIMITS.socketRequestBytes) {
      const detail = `At most ${LIMITS.socketRequests} requests and ${LIMITS.socketRequestBytes} bytes at one time`;
      return this.#refuse(connection, id, problem("rate-limited", detail));
    }
    const tooSoon = connection.quota.request();
    if (tooSoon !== null) return this.#refuse(connection, id, tooSoon);
    if (op === "credit") return this.#credit(connection, id, body, length);
    if (op === "watch") return this.#watch(connection, id, body, length);
    if (!isOperation(op)) {
      const allowed = ["credit", "watch", ...Object.keys(OPERATIONS)].join(", ");
      const unknown = invalidProblem({ field: "message.op", given: op, allowed });
      return this.#refuse(connection, id, unknown);
    }
    return this.#operate(connection, id, op, body, call, length);
  }

  // The name ties the input to the operation in the body.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  #operate<Name extends OperationName>(
    connection: Connection,
    id: RequestId,
    name: Name,
    body: unknown,
    call: NumberedCall | undefined,
    sentLength: number,
  ): void {
    const operation: Operation<Name> = OPERATIONS[name];
    if (!connection.may(operation.action))
      return this.#forbid(connection, id, { action: operation.action, queue: this.#queueName() });
    const asked = operation.parseFrame(body);
    // As it was sent, or written out if that is more: `1e20` is 21 digits.
    const length = Math.max(sentLength, inputBytes(asked));
    const input = numberedBy(call, connection.rights.owner, asked);
    const lacking = lackingFor(connection.rights, operation, input, this.#queueName());
    if (lacking !== null) return this.#forbid(connection, id, lacking);
    const tooSoon = connection.quota.tasks(name, input);
    if (tooSoon !== null) return this.#refuse(connection, id, tooSoon);
    const refusal = this.#queue.entry.admit(name, input, length);
    if (refusal !== null) return this.#refuse(connection, id, refusalProblem(refusal));
    connection.waits(length);
    this.#queue.addJob(new SocketRequest(this.#queue, connection, id, operation, input, length));
  }

  /** Throws Invalid. */
  #credit(connection: Connection, id: RequestId, body: unknown, length: number): void {
    if (!connection.may("claim")) return this.#forbid(connection, id, { action: "claim", queue: this.#queueName() });
    const credit = parseCredit(body);
    const input = { ...credit.input, max: 1 };
    const lacking = lackingFor(connection.rights, OPERATIONS.claim, input, this.#queueName());
    if (lacking !== null) return this.#forbid(connection, id, lacking);
    const refusal = this.#queue.entry.admit("claim", input, length);
    if (refusal !== null) return this.#refuse(connection, id, refusalProblem(refusal));
    this.#inTurn("credit", connection, id, length, () => {
      connection.grant(credit);
      connection.answer(id, JSON.stringify({ n: credit.n }));
    });
  }

  /** Throws Invalid. */
  #watch(connection: Connection, id: RequestId, body: unknown, length: number): void {
    if (!connection.may("browse")) return this.#forbid(connection, id, { action: "browse", queue: this.#queueName() });
    const facts = parseWatch(body);
    const refusal = this.#queue.entry.admit("getQueue", null, length);
    if (refusal !== null) return this.#refuse(connection, id, refusalProblem(refusal));
    this.#inTurn("watch", connection, id, length, () => {
      const full = (facts === null ? this.#watchers : this.#factWatchers).refusal(connection);
      if (full !== null) return connection.refuse(id, full);
      connection.answer(id, "{}");
      if (facts === null) {
        connection.watch();
        this.#watchers.add(connection);
      } else {
        connection.facts.tail(facts);
        this.#factWatchers.add(connection);
      }
    });
  }

  /** What is no operation of the queue: about the connection alone, and of no interest once that has closed. */
  #inTurn(name: string, connection: Connection, id: RequestId, length: number, act: () => void): void {
    const whileOpen = (answer: () => void): void => {
      connection.ended(length);
      if (connection.isOpen) answer();
    };
    connection.waits(length);
    this.#queue.addJob({
      name,
      bytes: length,
      apply: () => whileOpen(act),
      fail: (error) => {
        const failure = failureProblem(error) ?? FAILED;
        this.#queue.add("refusal", () => whileOpen(() => connection.refuse(id, failure)));
      },
    });
  }

  #forbid(connection: Connection, id: RequestId, lacking: Lacking): void {
    const detail = `The socket's token does not allow ${lackingText(lacking)}`;
    const forbidden = problem("forbidden", detail, { ...lacking });
    this.#refuse(connection, id, forbidden);
  }

  #hasRead(connection: Connection, position: number): void {
    // Each of these is a turn's work for everybody else: none for numbers that are made up.
    if (!connection.unread.read(position)) return;
    if (connection.room() > 0) this.#queue.add("sync", () => this.#queue.offer(connection.holder));
    // A turn after which it is notified of what it has missed.
    if (connection.facts.hasMissed) this.#queue.add("watch", () => {});
    this.offerHeldBack();
  }

  /** What one has read, or leaves behind, makes room for others. */
  offerHeldBack(): void {
    const [first] = this.#heldBack;
    if (first === undefined || first.unread.isPushingHeld) return;
    const freed = [...this.#heldBack];
    this.#heldBack.clear();
    this.#queue.add("sync", () => {
      for (const { holder } of freed) this.#queue.offer(holder);
    });
  }

  /**
   * In the next turn, and not after the thousands that wait: all of it by one job, so that a flood of refusals takes no turns from
   * them, and those of one socket share a frame.
   */
  #refuse(connection: Connection, id: RequestId | null, refusal: Problem): void {
    const refused = this.#refused;
    if (refused.push({ connection, id, refusal }) > 1) return;
    this.#queue.entry.refuse(() => {
      // Those who come later wait for the next turn. In a turn that fails, the job is run again.
      if (this.#refused === refused) this.#refused = [];
      for (const each of refused) each.connection.refuse(each.id, each.refusal);
    });
  }
}

/** A request on its way: one object for all that may become of it, since every message has one. */
class SocketRequest<Name extends OperationName> implements Job<Turn> {
  readonly name: Name;
  /** As long as its frame's part or, if that is more, as what it holds. */
  readonly bytes: number;
  readonly queue: Queue;
  readonly connection: Connection;
  readonly id: RequestId;
  readonly operation: Operation<Name>;
  readonly input: InputOf<Name>;

  constructor(
    queue: Queue,
    connection: Connection,
    id: RequestId,
    operation: Operation<Name>,
    input: InputOf<Name>,
    bytes: number,
  ) {
    this.name = operation.name;
    this.bytes = bytes;
    this.queue = queue;
    this.connection = connection;
    this.id = id;
    this.operation = operation;
    this.input = input;
  }

  apply(turn: Turn): typeof LATER | void {
    const { connection, id, name, operation, input } = this;
    if (connection.unread.isAnswerHeld(operation.isLarge)) return this.refuse(UNREAD);
    const outcome = turn.operate(name, asHeldBy(connection, name, input), mustExist(connection.rights, name));
    if (outcome === LATER) return LATER;
    if (isRefusal(outcome)) return this.refuse(refusalProblem(outcome));
    const answer = operation.render(outcome, input);
    // What is larger than a frame of tasks is a page: nothing has changed, and it can be asked for again.
    if (answer.length > LIMITS.frameBytes && !connection.unread.hasRoomFor(answer.length)) return this.refuse(UNREAD);
    connection.ended(this.bytes);
    return connection.answer(id, answer);
  }

  refuse(refusal: Problem): void {
    this.connection.ended(this.bytes);
    this.connection.refuse(this.id, refusal);
  }

  fail(error: unknown): void {
    const { queue, name, input } = this;
    const unfinished = queue.divided.unfinished(name, input, error);
    const refused = unfinished === null ? failureProblem(error) : refusalProblem(unfinished);
    queue.add("refusal", () => this.refuse(refused ?? FAILED));
  }
}

const UNREAD = problem("overloaded", "Too much is unread: answer sync frames, then try again");
const FAILED = problem("internal", "The request failed and changed nothing");

/** What a socket claims is held by it, and its owner's if its token is limited to own claims. */
function asHeldBy<Name extends OperationName>(
  { id, rights }: Connection,
  name: Name,
  input: InputOf<Name>,
): InputOf<Name> {
  if (name !== "claim") return input;
  const held = { ...(input as InputOf<"claim">), holder: id, maxBytes: LIMITS.frameTaskBytes };
  return claimBy(rights, held);
}
