// One call by a binding, from its words to its outcome: what the binding may do, what the body says, what the queue answers.

import { QUEUE_NAME } from "../core/limits.ts";
import { queueStub, type ObjectBindings } from "../object/queue-stub.ts";
import type { Action } from "../protocol/action.ts";
import { problem, PROBLEMS, type Problem } from "../protocol/problem.ts";
import type { WireAnswer } from "../protocol/wire-operations.ts";
import { matching } from "../wire/fields.ts";
import { allows, grantOf, type Grant } from "../wire/grant.ts";
import { parsed } from "../wire/invalid.ts";
import { invalidProblem, isRefusal, refusalProblem } from "../wire/refusal-problem.ts";
import { jsonBody } from "./json-body.ts";
import { OPERATIONS, type BoundOperationName } from "./operation-table.ts";

/** What every method of the service answers: error classes do not cross RPC, so a refusal is a value. */
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

/** When what passes by itself is worth another call. */
const RETRY_AFTER_MS = 1_000;

/**
 * Never throws for what a caller can do wrong: names, bodies and rights are checked here, whatever their types say.
 *
 * @param props the binding's, as set by whoever deploys the calling Worker; it cannot forge them, so they stand for a token
 */
export async function callOperation<Name extends BoundOperationName>(
  env: ObjectBindings,
  props: unknown,
  queue: string,
  name: Name,
  body: unknown,
): Promise<ServiceOutcome<WireAnswer<Name>>> {
  const queueName = parsed(() => matching(queue, "queue", QUEUE_NAME));
  if (queueName.kind === "invalid") return asProblem(invalidProblem(queueName));
  if (!isOperationName(name)) {
    const allowed = Object.keys(OPERATIONS).join(", ");
    return asProblem(invalidProblem({ field: "operation", given: String(name), allowed }));
  }
  const { action, prepare } = OPERATIONS[name];
  const grant = grantOfProps(props);
  if ("code" in grant) return asProblem(grant);
  if (!allows(grant, action, queue)) return asProblem(forbidden(action, queue));
  const prepared = parsed(() => prepare(jsonBody(body)));
  if (prepared.kind === "invalid") return asProblem(invalidProblem(prepared));
  for (const [needed, on] of prepared.value.needs(queue)) {
    if (!allows(grant, needed, on)) return asProblem(forbidden(needed, on));
  }
  try {
    const outcome = await prepared.value.ask(queueStub(env, queue));
    if (isRefused(outcome)) return asProblem(refusalProblem(outcome));
    return { kind: "answer", answer: outcome as OverRpc<WireAnswer<Name>> };
  } catch (error) {
    return asProblem(failure(error));
  }
}

function grantOfProps(props: unknown): Grant | Problem {
  if (typeof props !== "object" || props === null || Object.keys(props).length === 0) {
    return problem("forbidden", "The binding has no props, so it may do nothing: give it queues and can");
  }
  const result = grantOf({ ...props });
  if (result.kind === "grant") return result.grant;
  return problem("forbidden", `The binding's props allow nothing: ${result.why}`);
}

function forbidden(action: Action, queue: string): Problem {
  return problem("forbidden", `The binding's props do not allow ${action} on queue ${queue}`, { action, queue });
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
