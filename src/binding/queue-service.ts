// The entrypoint by which another Worker reaches queues: a service binding instead of a URL and a token. Its props say
// which queues and actions the binding may use; without props it may use none.

import { WorkerEntrypoint } from "cloudflare:workers";
import { QUEUE_NAME } from "../core/limits.ts";
import type { OperationName, Refusal } from "../core/operation.ts";
import { queueStub, type ObjectBindings, type QueueStub } from "../object/queue-stub.ts";
import type { Action } from "../protocol/action.ts";
import { problem, PROBLEMS, type Problem } from "../protocol/problem.ts";
import type { WireAnswer, WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import { matching } from "../wire/fields.ts";
import { allows, grantOf, type Grant } from "../wire/grant.ts";
import { parsed } from "../wire/invalid.ts";
import { parseClaim } from "../wire/parse-operation.ts";
import { isRefusal, refusalProblem, invalidProblem } from "../wire/refusal-problem.ts";
import { renderTasks } from "../wire/render.ts";
import { jsonBody } from "./json-body.ts";
import { isOperation, OPERATIONS, type Demand, type WireOperation } from "../wire/operation-table.ts";

/** Set in the binding's `props`, in the wrangler.toml of the Worker that calls. */
export interface QueueServiceProps {
  /** Names of queues, in which `*` stands for any characters, or none. 1 to 100. */
  readonly queues: readonly string[];
  readonly can: readonly Action[];
}

/** What every method answers: error classes do not cross RPC, so a refusal is a value. */
export type ServiceOutcome<Answer> =
  | { readonly kind: "answer"; readonly answer: OverRpc<Answer> }
  /** `retryAfterMs` null: the same call would be refused again. */
  | { readonly kind: "problem"; readonly problem: OverRpc<Problem>; readonly retryAfterMs: number | null };

/** The platform's RPC types turn an answer with `unknown` in it into `never`: any JSON value is said like this instead. */
type OverRpc<Value> = unknown extends Value
  ? string | number | boolean | null | object
  : Value extends readonly (infer Item)[]
    ? readonly OverRpc<Item>[]
    : Value extends object
      ? { readonly [Name in keyof Value]: OverRpc<Value[Name]> }
      : Value;

type Outcome<Name extends WireOperationName> = Promise<ServiceOutcome<WireAnswer<Name>>>;

/** When what passes by itself is worth another call. */
const RETRY_AFTER_MS = 1_000;

/**
 * Every operation of a queue over RPC. Bodies and answers are those of the HTTP API (docs/binding.md); a method never
 * throws for what a caller can do wrong.
 */
export class QueueService extends WorkerEntrypoint<ObjectBindings, QueueServiceProps> {
  /** The operation by its name: what clients are built on. The methods below are the same, with their names. */
  call<Name extends WireOperationName>(queue: string, operation: Name, body: WireBody<Name>): Outcome<Name> {
    return this.#call(queue, operation, body);
  }

  /** Writes 1 to 1,000 tasks, all or none. Action `enqueue`. */
  enqueue(queue: string, body: WireBody<"enqueue"> | WireBody<"enqueue">["tasks"][number]): Outcome<"enqueue"> {
    return this.#call(queue, "enqueue", body);
  }

  /**
   * Takes ready tasks until a deadline; with `waitMs`, up to 20,000, waits for some. Action `claim`. A caller that ends
   * while it waits may still be given tasks, which come back when their claim expires: wait no longer than you live.
   */
  claim(queue: string, body: WireBody<"claim"> = {}): Outcome<"claim"> {
    return this.#call(queue, "claim", body);
  }

  /** Ends claims with success. An answer for each, in order. Action `claim`. */
  ack(queue: string, body: WireBody<"ack">): Outcome<"ack"> {
    return this.#call(queue, "ack", body);
  }

  /** Ends claims without success. An answer for each, in order. Action `claim`. */
  nack(queue: string, body: WireBody<"nack">): Outcome<"nack"> {
    return this.#call(queue, "nack", body);
  }

  /** Keeps claims for longer. An answer for each, in order. Action `claim`. */
  extend(queue: string, body: WireBody<"extend">): Outcome<"extend"> {
    return this.#call(queue, "extend", body);
  }

  /**
   * Inserts, changes, deletes and dependencies over tasks and documents, all or nothing (docs/modify.md). Action `claim`, and
   * `enqueue` on each queue that it inserts into, and `manage` to touch tasks that are not claimed.
   */
  modify(queue: string, body: WireBody<"modify">): Outcome<"modify"> {
    return this.#call(queue, "modify", body);
  }

  /** Looks at one document. Action `browse`. */
  getDocument(queue: string, body: WireBody<"getDocument">): Outcome<"getDocument"> {
    return this.#call(queue, "getDocument", body);
  }

  /** Writes a document; with `version`, only over that one (0: only if there is none). Action `claim`. */
  putDocument(queue: string, body: WireBody<"putDocument">): Outcome<"putDocument"> {
    return this.#call(queue, "putDocument", body);
  }

  /** Deletes a document; with `version`, only that one. Action `claim`. */
  deleteDocument(queue: string, body: WireBody<"deleteDocument">): Outcome<"deleteDocument"> {
    return this.#call(queue, "deleteDocument", body);
  }

  /** Pages through documents by the beginning of their keys. Action `browse`. */
  listDocuments(queue: string, body: WireBody<"listDocuments"> = {}): Outcome<"listDocuments"> {
    return this.#call(queue, "listDocuments", body);
  }

  /** Looks at one task. Action `browse`. */
  getTask(queue: string, body: WireBody<"getTask">): Outcome<"getTask"> {
    return this.#call(queue, "getTask", body);
  }

  /** Changes an unclaimed task that is at `version`. Action `manage`. */
  changeTask(queue: string, body: WireBody<"changeTask">): Outcome<"changeTask"> {
    return this.#call(queue, "changeTask", body);
  }

  /** Removes a task. Action `manage`. */
  cancelTask(queue: string, body: WireBody<"cancelTask">): Outcome<"cancelTask"> {
    return this.#call(queue, "cancelTask", body);
  }

  /** Pages through tasks without claiming them. Action `browse`. */
  browse(queue: string, body: WireBody<"browse"> = {}): Outcome<"browse"> {
    return this.#call(queue, "browse", body);
  }

  /** Settings and counts. Action `browse`. */
  getQueue(queue: string): Outcome<"getQueue"> {
    return this.#call(queue, "getQueue", {});
  }

  /** Changes settings, and creates the queue if it does not exist. `{paused: true}` pauses. Action `manage`. */
  configure(queue: string, settings: WireBody<"configure">): Outcome<"configure"> {
    return this.#call(queue, "configure", settings);
  }

  /** Deletes all tasks. Action `manage`. */
  purge(queue: string): Outcome<"purge"> {
    return this.#call(queue, "purge", {});
  }

  /** Offers dead tasks again. Action `manage`. */
  redrive(queue: string, body: WireBody<"redrive"> = {}): Outcome<"redrive"> {
    return this.#call(queue, "redrive", body);
  }

  /** Deletes the queue with its tasks and settings. Action `manage`. */
  deleteQueue(queue: string): Outcome<"deleteQueue"> {
    return this.#call(queue, "deleteQueue", {});
  }

  async #call<Name extends WireOperationName>(queue: string, name: Name, body: unknown): Outcome<Name> {
    const grant = this.#grant(queue, name);
    if ("code" in grant) return asProblem(grant);
    const prepared = parsed(() => prepare(name, jsonBody(body), queue));
    if (prepared.kind === "invalid") return asProblem(invalidProblem(prepared));
    const { demands, run } = prepared.value;
    const denied = demands.find((demand) => !allows(grant, demand.action, demand.queue));
    if (denied !== undefined) return asProblem(forbidden(denied));
    try {
      const outcome = await run(queueStub(this.env, queue));
      return isRefusal(outcome)
        ? asProblem(refusalProblem(outcome))
        : { kind: "answer", answer: outcome.answer as OverRpc<WireAnswer<Name>> };
    } catch (error) {
      return asProblem(failure(error));
    }
  }

  /** What this binding may do, or why it may not call at all. */
  #grant(queue: unknown, name: unknown): Grant | Problem {
    const queueName = parsed(() => matching(queue, "queue", QUEUE_NAME));
    if (queueName.kind === "invalid") return invalidProblem(queueName);
    if (!isOperation(name)) {
      return invalidProblem({ field: "operation", given: String(name), allowed: Object.keys(OPERATIONS).join(", ") });
    }
    // Whoever deploys the calling Worker sets its props, and it cannot forge them: they stand for a token.
    const props = this.ctx.props as unknown as Readonly<Record<string, unknown>> | undefined;
    if (props === undefined || Object.keys(props).length === 0) {
      return problem("forbidden", "The binding has no props, so it may do nothing: give it queues and can");
    }
    const result = grantOf(props);
    if (result.kind === "invalid") return problem("forbidden", `The binding's props allow nothing: ${result.why}`);
    const demand = { action: OPERATIONS[name].action, queue: queueName.value };
    return allows(result.grant, demand.action, demand.queue) ? result.grant : forbidden(demand);
  }
}

interface Prepared {
  readonly demands: readonly Demand[];
  readonly run: (queue: QueueStub) => Promise<{ readonly kind: "answer"; readonly answer: unknown } | Refusal>;
}

/** Reads a body, throwing what `parsed` catches. The answer is what HTTP would write, read again: one rendering for all. */
function prepare(name: OperationName, body: unknown, queueName: string): Prepared {
  if (name === "claim") return prepareClaim(body);
  // Which of the operations it is does not matter from here on: its parts fit each other.
  const { parse, demands, render } = OPERATIONS[name] as WireOperation<OperationName>;
  const input = parse(body);
  return {
    demands: demands?.(input, queueName) ?? [],
    run: async (queue) => {
      const outcome = await queue.operate<OperationName>(name, input);
      if (isRefusal(outcome)) return outcome;
      return { kind: "answer", answer: JSON.parse(render(outcome, body)) };
    },
  };
}

/** The one operation that may wait. */
function prepareClaim(body: unknown): Prepared {
  const { input, waitMs } = parseClaim(body);
  return {
    demands: [],
    run: async (queue) => {
      let outcome = await queue.operate("claim", input);
      const isEmpty = outcome.kind === "claimed" && outcome.tasks.length === 0;
      if (isEmpty && waitMs > 0) outcome = await queue.park(input, waitMs, crypto.randomUUID());
      return outcome.kind === "claimed" ? { kind: "answer", answer: JSON.parse(renderTasks(outcome.tasks)) } : outcome;
    },
  };
}

function forbidden({ action, queue }: Demand): Problem {
  return problem("forbidden", `The binding's props do not allow ${action} on queue ${queue}`, { action, queue });
}

function asProblem(document: Problem): Extract<ServiceOutcome<never>, { kind: "problem" }> {
  const retryAfterMs = PROBLEMS[document.code].retryable ? RETRY_AFTER_MS : null;
  return { kind: "problem", problem: document as OverRpc<Problem>, retryAfterMs };
}

/** What is not an error of the caller: logged in full, told in short. */
function failure(error: unknown): Problem {
  if (typeof error === "object" && error !== null && "overloaded" in error && error.overloaded === true) {
    return problem("overloaded", "The queue's object has too much to do");
  }
  console.error("edgeq: a call by binding failed:", error);
  return problem("internal", "The call failed; whether it took effect is not known");
}
