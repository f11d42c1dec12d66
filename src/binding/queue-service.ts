// The entrypoint by which another Worker reaches queues: a service binding instead of a URL and a token. Its props say
// which queues and actions the binding may use; without props it may use none.

import { WorkerEntrypoint } from "cloudflare:workers";
import { QUEUE_NAME } from "../core/limits.ts";
import { queueStub, type ObjectBindings } from "../object/queue-stub.ts";
import type { Action } from "../protocol/action.ts";
import { problem, PROBLEMS, type Problem } from "../protocol/problem.ts";
import type { WireAnswer, WireBody } from "../protocol/wire-operations.ts";
import { matching } from "../wire/fields.ts";
import { allows, grantOf } from "../wire/grant.ts";
import { parsed } from "../wire/invalid.ts";
import { isRefusal, refusalProblem, invalidProblem } from "../wire/refusal-problem.ts";
import { jsonBody } from "./json-body.ts";
import { OPERATIONS, type BoundOperationName } from "./operation-table.ts";

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

type Outcome<Name extends BoundOperationName> = Promise<ServiceOutcome<WireAnswer<Name>>>;

/** When what passes by itself is worth another call. */
const RETRY_AFTER_MS = 1_000;

/**
 * Every operation of a queue over RPC. Bodies and answers are those of the HTTP API (docs/binding.md); a method never
 * throws for what a caller can do wrong.
 */
export class QueueService extends WorkerEntrypoint<ObjectBindings, QueueServiceProps> {
  /** The operation by its name: what clients are built on. The methods below are the same, with their names. */
  call<Name extends BoundOperationName>(queue: string, operation: Name, body: WireBody<Name>): Outcome<Name> {
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

  async #call<Name extends BoundOperationName>(queue: string, name: Name, body: unknown): Outcome<Name> {
    const refused = this.#refusal(queue, name);
    if (refused !== null) return asProblem(refused);
    const { prepare } = OPERATIONS[name];
    const prepared = parsed(() => prepare(jsonBody(body)));
    if (prepared.kind === "invalid") return asProblem(invalidProblem(prepared));
    try {
      const outcome = await prepared.value(queueStub(this.env, queue));
      return isRefused(outcome)
        ? asProblem(refusalProblem(outcome))
        : { kind: "answer", answer: outcome as OverRpc<WireAnswer<Name>> };
    } catch (error) {
      return asProblem(failure(error));
    }
  }

  /** Why this binding may not do this; null: it may. */
  #refusal(queue: unknown, name: unknown): Problem | null {
    const queueName = parsed(() => matching(queue, "queue", QUEUE_NAME));
    if (queueName.kind === "invalid") return invalidProblem(queueName);
    if (!isOperationName(name)) {
      return invalidProblem({ field: "operation", given: String(name), allowed: Object.keys(OPERATIONS).join(", ") });
    }
    const { action } = OPERATIONS[name];
    // Whoever deploys the calling Worker sets its props, and it cannot forge them: they stand for a token.
    const props = this.ctx.props as unknown as Readonly<Record<string, unknown>> | undefined;
    if (props === undefined || Object.keys(props).length === 0) {
      return problem("forbidden", "The binding has no props, so it may do nothing: give it queues and can");
    }
    const result = grantOf(props);
    if (result.kind === "invalid") return problem("forbidden", `The binding's props allow nothing: ${result.why}`);
    if (allows(result.grant, action, queueName.value)) return null;
    const detail = `The binding's props do not allow ${action} on queue ${queueName.value}`;
    return problem("forbidden", detail, { action, queue: queueName.value });
  }
}

function isOperationName(name: unknown): name is BoundOperationName {
  return typeof name === "string" && Object.hasOwn(OPERATIONS, name);
}

function isRefused(outcome: object): outcome is Parameters<typeof refusalProblem>[0] {
  return "kind" in outcome && typeof outcome.kind === "string" && isRefusal({ kind: outcome.kind });
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
