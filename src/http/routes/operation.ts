// An operation as a route, straight from its declaration: its path and body in, its answer out.

import { parsed } from "../../api/invalid.ts";
import { callOfKey, inQuotaOf } from "../../api/operations/numbered-call.ts";
import { OPERATIONS } from "../../api/operation-table.ts";
import type { Operation } from "../../api/operation.ts";
import type { InputOf, OperationName } from "../../core/operation.ts";
import { traceContextOf } from "../../core/trace-context.ts";
import { authorizeInput } from "../authorize.ts";
import { invalid, valueOf } from "../http-error.ts";
import { readJson, refuseBody } from "../read-body.ts";
import { readQuery } from "../read-query.ts";
import { respondHeld } from "../respond-held.ts";
import { routeOf, type Call, type Route } from "../route.ts";

/**
 * @param read in place of the declared way to read a request
 * @param complete adds what the request's headers say; apart from `read`, which would need one more promise for it
 */
export function operationRoute<Name extends OperationName>(
  name: Name,
  read: (call: Call, operation: Operation<Name>) => Promise<InputOf<Name>> = readInput,
  complete: (input: InputOf<Name>, request: Request) => InputOf<Name> = (input) => input,
): Route {
  const operation: Operation<Name> = OPERATIONS[name];
  const { status } = operation;
  return routeOf(operation, async (call) => {
    const input = complete(await read(call, operation), call.request);
    authorizeInput(call, operation, input, call.queueName);
    return respondHeld(await call.answer(name, inQuotaOf(call.grant.owner, input)), call.ctx, status);
  });
}

/**
 * What is not in the path is in the query of a request without a body, and in the body of any other.
 *
 * @param type of the body, where it is known already
 */
export function readInput<Name extends OperationName>(
  call: Call,
  operation: Operation<Name>,
  type?: string | null,
): Promise<InputOf<Name>> {
  const { method, parseRequest } = operation;
  if (method === "GET" || method === "DELETE") return readQueryInput(call, operation);
  return readJson(call, (body) => parseRequest(call.params, body), type);
}

async function readQueryInput<Name extends OperationName>(
  { request, url, params }: Call,
  { method, fields, parseRequest }: Operation<Name>,
): Promise<InputOf<Name>> {
  if (method === "DELETE") await refuseBody(request);
  return readQuery(url, fields, (query) => parseRequest(params, query));
}

/** With what the headers of a request that inserts tasks may say. */
export function withHeaders<Input extends InputOf<"enqueue" | "modify">>(input: Input, { headers }: Request): Input {
  return traced(keyed(input, headers), headers);
}

/** With the Idempotency-Key, if there is one: draft-ietf-httpapi-idempotency-key-header. */
function keyed<Input extends InputOf<"enqueue" | "modify">>(input: Input, headers: Headers): Input {
  const header = headers.get("idempotency-key");
  if (header === null) return input;
  if (input.call !== undefined)
    throw invalid({ field: "call", given: input.call, allowed: "absent beside idempotency-key" });
  return { ...input, call: valueOf(parsed(() => callOfKey(header))) };
}

/**
 * With the trace, if there is one. Wrong ones are dropped, as the W3C's Trace Context says: they are the transport's, and no fault of
 * the tasks.
 */
function traced<Input extends InputOf<"enqueue" | "modify">>(input: Input, headers: Headers): Input {
  const traceparent = headers.get("traceparent");
  const trace = traceparent === null ? null : traceContextOf(traceparent, () => headers.get("tracestate"));
  return trace === null ? input : { ...input, trace };
}
