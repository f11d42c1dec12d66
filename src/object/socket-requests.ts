// What a socket's messages ask for, from the message to its answer in the turn in which it is applied.

import type { Credit } from "../core/credit.ts";
import { LIMITS } from "../core/limits.ts";
import type { InputOf, OperationName, OutcomeOf } from "../core/operation.ts";
import type { Action } from "../protocol/action.ts";
import { problem } from "../protocol/problem.ts";
import { parsed } from "../api/invalid.ts";
import { isOperation, OPERATIONS, type WireOperation } from "../api/operation-table.ts";
import { idOf, parseMessage, readPosition, type RequestId } from "../api/parse-message.ts";
import { parseCredit } from "../api/parse-operation.ts";
import { invalidProblem, isRefusal, refusalProblem } from "../api/refusal-problem.ts";
import type { Connection } from "./connection.ts";
import type { GroupCommit } from "../queue/turn.ts";

/** What requests need from the sockets that they came over. */
export interface RequestHost {
  readonly commit: GroupCommit;
  readonly queueName: string;
  operate<Name extends OperationName>(operation: Name, input: InputOf<Name>): OutcomeOf<Name>;
  /** In a turn: from now on the socket has this credit. */
  grant(connection: Connection, credit: Credit): void;
  /** In a turn: the socket may have room for tasks again. */
  offer(connection: Connection): void;
}

export class SocketRequests {
  readonly #host: RequestHost;

  constructor(host: RequestHost) {
    this.#host = host;
  }

  /** @param length the message's part of its frame, in characters */
  receive(connection: Connection, message: unknown, length: number): void {
    const id = idOf(message);
    try {
      const result = parsed(() => {
        const position = readPosition(message);
        if (position === null) this.#request(connection, message, length);
        else this.#hasRead(connection, position);
      });
      if (result.kind === "invalid") this.#host.commit.add(() => connection.refuse(id, invalidProblem(result)));
    } catch (error) {
      console.error("edgeq: a socket's message failed:", error);
      const failed = problem("internal", "The request failed and changed nothing");
      this.#host.commit.add(() => connection.refuse(id, failed));
    }
  }

  /** Throws Invalid. */
  #request(connection: Connection, message: unknown, length: number): void {
    const { id, op, body } = parseMessage(message);
    const { waiting } = connection;
    if (waiting.requests >= LIMITS.socketRequests || waiting.length + length > LIMITS.socketRequestBytes) {
      const detail = `At most ${LIMITS.socketRequests} requests and ${LIMITS.socketRequestBytes} bytes at one time`;
      return this.#host.commit.add(() => connection.refuse(id, problem("rate-limited", detail)));
    }
    if (op === "credit") return this.#credit(connection, id, body);
    if (!isOperation(op)) {
      const allowed = ["credit", ...Object.keys(OPERATIONS)].join(", ");
      const unknown = invalidProblem({ field: "message.op", given: op, allowed });
      return this.#host.commit.add(() => connection.refuse(id, unknown));
    }
    return this.#operate(connection, id, op, body, length);
  }

  // The name ties the input to the answer in the body.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  #operate<Name extends OperationName>(
    connection: Connection,
    id: RequestId,
    name: Name,
    body: unknown,
    length: number,
  ): void {
    const operation: WireOperation<Name> = OPERATIONS[name];
    if (!connection.may(operation.action)) return this.#forbid(connection, id, operation.action, this.#host.queueName);
    const input = operation.parse(body);
    const lacking = operation
      .demands?.(input, this.#host.queueName)
      .find(({ action, queue }) => !connection.may(action, queue));
    if (lacking !== undefined) return this.#forbid(connection, id, lacking.action, lacking.queue);
    const { waiting } = connection;
    waiting.requests += 1;
    waiting.length += length;
    this.#host.commit.add(() => {
      waiting.requests -= 1;
      waiting.length -= length;
      if (operation.isLarge && connection.unread.isAnswerHeld) {
        return connection.refuse(id, problem("overloaded", "Too much is unread: answer sync frames, then try again"));
      }
      const outcome = this.#host.operate(name, asHolder(name, input, connection.id));
      if (isRefusal(outcome)) return connection.refuse(id, refusalProblem(outcome));
      return connection.answer(id, operation.render(outcome, input));
    });
  }

  /** Throws Invalid. */
  #credit(connection: Connection, id: RequestId, body: unknown): void {
    if (!connection.may("claim")) return this.#forbid(connection, id, "claim", this.#host.queueName);
    const credit = parseCredit(body);
    this.#host.commit.add(() => {
      this.#host.grant(connection, credit);
      connection.answer(id, JSON.stringify({ n: credit.n }));
    });
  }

  #forbid(connection: Connection, id: RequestId, action: Action, queue: string): void {
    const detail = `The socket's token does not allow ${action} on queue ${queue}`;
    const forbidden = problem("forbidden", detail, { action, queue });
    this.#host.commit.add(() => connection.refuse(id, forbidden));
  }

  #hasRead(connection: Connection, position: number): void {
    connection.unread.read(position);
    if (connection.room > 0) this.#host.commit.add(() => this.#host.offer(connection));
  }
}

/** What a socket claims is held by it. */
function asHolder<Name extends OperationName>(name: Name, input: InputOf<Name>, holder: string): InputOf<Name> {
  if (name !== "claim") return input;
  return { ...input, holder, maxBytes: LIMITS.frameTaskBytes };
}
