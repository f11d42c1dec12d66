// The declarations against those who cannot import them: the client's requests and what it repeats, and the wire's types.

import { describe, expect, test } from "vitest";
import { type DECLARED, OPERATIONS } from "../../src/api/operation-table.ts";
import type { WireOf } from "../../src/api/schema/schema.ts";
import { httpRequest } from "../../src/client/http-request.ts";
import { isRepeatable } from "../../src/client/retry-policy.ts";
import { looks } from "../../src/core/held-back.ts";
import type { OperationName } from "../../src/core/operation.ts";
import type { WireAnswer, WireBody } from "../../src/protocol/wire-operations.ts";

/** Plain object types all the way down, so that a type written by hand and an inferred one can be identical. */
type Plain<Of> = Of extends readonly (infer Item)[]
  ? readonly Plain<Item>[]
  : Of extends object
    ? { [Name in keyof Of as string extends Name ? never : Name]: Plain<Of[Name]> }
    : Of;
// The compiler calls two such functions the same only if A and B are identical, optional fields and all.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
type Same<A, B> = (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;

type Sent<Name extends OperationName> = WireOf<(typeof DECLARED)[Name]["body"]>;
type Answered<Name extends OperationName> = WireOf<(typeof DECLARED)[Name]["answer"]>;

type Wrong = {
  [Name in OperationName]:
    | (Same<Answered<Name>, WireAnswer<Name>> extends true ? never : `answer of ${Name}`)
    | (Same<Sent<Name>, WireBody<Name>> extends true ? never : `body of ${Name}`);
}[OperationName];

// These compile only while nothing is wrong; the compiler's error names what is.
const wrong: { readonly [What in Wrong]: true } = {};

test("the wire's types are those of the declarations", () => {
  expect(wrong).toEqual({});
});

describe.each(Object.values(OPERATIONS))("$name", ({ name, method, path, params, example, repeat }) => {
  const body = (example.body ?? {}) as Readonly<Record<string, unknown>>;

  test("is what the client sends: method, path, and each field in its place", () => {
    const request = httpRequest(name, body as never);
    const filled = Object.keys(params).reduce(
      (text, param) => text.replace(`:${param}`, encodeURIComponent(String(body[param]))),
      path.replace("/v1/queues/:queue", ""),
    );
    expect([request.method, request.path]).toEqual([method, filled]);
    const rest = Object.fromEntries(Object.entries(body).filter(([field]) => !(field in params)));
    const hasQuery = method === "GET" || method === "DELETE";
    const sent = (hasQuery ? request.query : request.body) ?? {};
    expect(JSON.parse(JSON.stringify(sent))).toEqual(rest);
  });

  test("looks, to a queue's limits, if it is a GET or a search", () => {
    expect(looks(name)).toBe(method === "GET" || name === "search");
  });

  test("is repeated by the client where the declaration says that it may be", () => {
    const bodies = [
      body,
      { payload: 1 },
      { payload: 1, id: "a" },
      { tasks: [{ payload: 1, id: "a" }] },
      { tasks: [{ payload: 1 }, { payload: 1, id: "a" }] },
    ];
    const sent = name === "enqueue" ? bodies : [body];
    const may = sent.map((one) => (typeof repeat === "string" ? repeat === "always" : repeat.is(one as never)));
    expect(sent.map((one) => isRepeatable(name, one as never))).toEqual(may);
  });
});

test.each(Object.values(OPERATIONS).filter(({ fields }) => Object.keys(fields).length > 0))(
  "$name is sent with every field that it is given, also one that is misspelt",
  ({ name, example }) => {
    const { query, body } = httpRequest(name, { ...(example.body as object), more: 1 } as never);
    expect(query ?? body).toMatchObject({ more: 1 });
  },
);
