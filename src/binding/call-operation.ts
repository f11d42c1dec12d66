// One call by a binding, from its words to its outcome: what the binding may do, what the body says, what the queue answers.

import type { OperationName, Refusal } from "../core/operation.ts";
import type { ObjectBindings } from "../object/object-bindings.ts";
import { OPENINGS } from "../object/openings.ts";
import { queueStub, type QueueStub, unmeasured } from "../object/queue-stub.ts";
import { problem, PROBLEMS, type Problem } from "../protocol/problem.ts";
import type { WireAnswer, WireOperationName } from "../protocol/wire-operations.ts";
import { failureProblem, retryAfterMsOf } from "../api/failure-problem.ts";
import { allows, grantOf, type Grant } from "../api/grant.ts";
import { parsed } from "../api/invalid.ts";
import { lackingFor, lackingText, mustExist, type Lacking } from "../api/lacking.ts";
import type { Operation } from "../api/operation.ts";
import { isOperation, OPERATIONS } from "../api/operation-table.ts";
import { invalidProblem, isRefusal, refusalProblem } from "../api/refusal-problem.ts";
import { inQuotaOf } from "../api/operations/numbered-call.ts";
import { queueName } from "../api/schema/names.ts";
import { jsonBody } from "./json-body.ts";

/** What every method of the service answers: error classes do not cross RPC, so a refusal is a value. */
export type ServiceOutcome<Answer> =
  | { readonly kind: "answer"; readonly answer: OverRpc<Answer> }
  /** `retryAfterMs` null: the same call would be refused again. */
  | { readonly kind: "problem"; readonly problem: OverRpc<Problem>; readonly retryAfterMs: number | null };

/** The platform's RPC types turn an answer with `unknown` in it into `never`: any JSON value is written like this instead. */
type OverRpc<Value> = unknown extends Value
  ? string | number | boolean | null | object
  : Value extends readonly (infer Item)[]
    ? readonly OverRpc<Item>[]
    : Value extends object
      ? { readonly [Name in keyof Value]: OverRpc<Value[Name]> }
      : Value;

/** In whose quota their producers are: Workers of one account. */
export const BINDINGS = "bindings";

/**
 * Never throws for what a caller can do wrong: names, bodies and rights are checked here, whatever their types say.
 *
 * @param props the binding's, as set by whoever deploys the calling Worker; it cannot forge them, so they stand for a token
 */
export async function callOperation<Name extends WireOperationName>(
  env: ObjectBindings,
  props: unknown,
  queue: string,
  name: Name,
  body: unknown,
): Promise<ServiceOutcome<WireAnswer<Name>>> {
  const named = parsed(() => queueName.parse(queue, "queue"));
  if (named.kind === "invalid") return asProblem(invalidProblem(named));
  if (!isOperation(name)) {
    const allowed = Object.keys(OPERATIONS).join(", ");
    return asProblem(invalidProblem({ field: "operation", given: String(name), allowed }));
  }
  const grant = grantOfProps(props);
  if ("code" in grant) return asProblem(grant);
  const { action } = OPERATIONS[name];
  if (!allows(grant, action, queue)) return asProblem(forbidden({ action, queue }));
  const prepared = parsed(() => prepare(name, jsonBody(body), queue, grant));
  if (prepared.kind === "invalid") return asProblem(invalidProblem(prepared));
  if (prepared.value.lacking !== null) return asProblem(forbidden(prepared.value.lacking));
  try {
    const outcome = (await OPENINGS.opened(queue)) ?? (await prepared.value.run(queueStub(env, queue)));
    return isRefusal(outcome)
      ? asProblem(refusalProblem(outcome))
      : { kind: "answer", answer: outcome.answer as OverRpc<WireAnswer<Name>> };
  } catch (error) {
    return asProblem(failure(error));
  }
}

interface Prepared {
  readonly lacking: Lacking | null;
  readonly run: (queue: QueueStub) => Promise<{ readonly kind: "answer"; readonly answer: unknown } | Refusal>;
}

/** Reads a body, throwing what `parsed` catches. The answer is what HTTP would write, read again: one rendering for all. */
function prepare(name: OperationName, body: unknown, queue: string, grant: Grant): Prepared {
  // Which of the operations it is does not matter from here on: its parts fit each other.
  const operation = OPERATIONS[name] as Operation<OperationName>;
  const input = operation.parse(body);
  return {
    lacking: lackingFor(grant, operation, input, queue),
    run: async (stub) => {
      const answer = unmeasured(
        await stub.answer<OperationName>(name, inQuotaOf(BINDINGS, input), mustExist(grant, name)),
      );
      return typeof answer === "string" ? { kind: "answer", answer: JSON.parse(answer) } : answer;
    },
  };
}

function grantOfProps(props: unknown): Grant | Problem {
  if (typeof props !== "object" || props === null || Object.keys(props).length === 0) {
    return problem("forbidden", "The binding has no props, so it may do nothing: give it queues and can");
  }
  const result = grantOf({ ...props });
  if (result.kind === "grant") return result.grant;
  return problem("forbidden", `The binding's props allow nothing: ${result.why}`);
}

function forbidden(lacking: Lacking): Problem {
  return problem("forbidden", `The binding's props do not allow ${lackingText(lacking)}`, { ...lacking });
}

function asProblem(document: Problem): Extract<ServiceOutcome<never>, { kind: "problem" }> {
  const retryAfterMs = retryAfterMsOf(document, PROBLEMS[document.code].retryable);
  return { kind: "problem", problem: document as OverRpc<Problem>, retryAfterMs };
}

/** An error that is not the caller's: logged in full, answered in brief. */
function failure(error: unknown): Problem {
  const known = failureProblem(error);
  if (known !== null) return known;
  console.error("edgeq: a call by binding failed:", error);
  return problem("internal", "The call failed; whether it took effect is not known");
}
