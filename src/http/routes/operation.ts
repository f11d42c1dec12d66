// An operation as a route, straight from its declaration: its path and body in, its answer out.

import { inQuotaOf } from "../../api/operations/numbered-call.ts";
import { OPERATIONS } from "../../api/operation-table.ts";
import type { Operation } from "../../api/operation.ts";
import type { InputOf, OperationName } from "../../core/operation.ts";
import { authorizeInput } from "../authorize.ts";
import { keyed } from "../idempotency-key.ts";
import { readJson, refuseBody } from "../read-body.ts";
import { readQuery } from "../read-query.ts";
import { respondHeld } from "../respond-held.ts";
import type { Call, Route } from "../route.ts";
import { traced } from "../trace-headers.ts";

/** @param read in place of the declared way to read a request */
export function operationRoute<Name extends OperationName>(
  name: Name,
  read: (call: Call, operation: Operation<Name>) => Promise<InputOf<Name>> = readInput,
): Route {
  const operation: Operation<Name> = OPERATIONS[name];
  const { method, path, action, status } = operation;
  return {
    name,
    method,
    path,
    action,
    async handle(call) {
      const input = await read(call, operation);
      authorizeInput(call, operation, input, call.queueName);
      return respondHeld(await call.answer(name, inQuotaOf(call.grant.owner, input)), call.ctx, status);
    },
  };
}

/** What is not in the path is in the query of a request without a body, and in the body of any other. */
export async function readInput<Name extends OperationName>(
  { request, params }: Call,
  { method, fields, parseRequest }: Operation<Name>,
): Promise<InputOf<Name>> {
  if (method === "DELETE") await refuseBody(request);
  return method === "GET" || method === "DELETE"
    ? readQuery(request, fields, (query) => parseRequest(params, query))
    : await readJson(request, (body) => parseRequest(params, body));
}

/** As `read` reads it, with what the headers of a request that inserts tasks may say. */
export function withHeaders<Name extends "enqueue" | "modify">(
  read: (call: Call, operation: Operation<Name>) => Promise<InputOf<Name>> = readInput,
): (call: Call, operation: Operation<Name>) => Promise<InputOf<Name>> {
  return async (call, operation) => {
    const { headers } = call.request;
    return traced(keyed(await read(call, operation), headers), headers);
  };
}
