// An operation: one declaration, from which come its parser, its types and JSON Schema, its HTTP route, its frame, its
// call over a binding, the rights it needs, the problems it may meet, and its part of the docs.

import type { InputOf, OperationName, Operations } from "../core/operation.ts";
import type { Action } from "../protocol/action.ts";
import type { ProblemCode } from "../protocol/problem.ts";
import { withFields, type ObjectSchema, type ValuesOf, type WiresOf } from "./schema/object.ts";
import type { FieldMap, Schema } from "./schema/schema.ts";
import { withinCall } from "./within-call.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Whether a request may be sent again when its answer was lost: the second changes nothing more. */
export type Repeat<Wire> =
  | "always"
  | "never"
  /** `when` completes "safe to repeat ...". */
  | { readonly when: string; readonly is: (body: Wire) => boolean };

export interface Example {
  /** With the fields of the path among the others. Absent: `{}`. */
  readonly body?: unknown;
  readonly answer: unknown;
}

/** Anything that has a path and is in the docs. */
export interface Endpoint {
  readonly name: string;
  /** What it does, in a sentence. */
  readonly about: string;
  /** What must be allowed on the queue. null: open to all. */
  readonly action: Action | null;
  readonly method: Method;
  /** `:queue`, and the names of `params`, stand for what is filled in. */
  readonly path: string;
  readonly params: FieldMap;
  /** What is beside the path: the body, or the query where the method has no body. */
  readonly rest: Schema<unknown, unknown>;
  /** Its fields, as the docs list them and a query names them. */
  readonly fields: FieldMap;
  readonly status: number;
  readonly answer: Schema<unknown, unknown>;
  /** Beside those that every request may meet. */
  readonly problems: readonly ProblemCode[];
  readonly repeat: Repeat<never>;
  readonly example: Example;
}

/** An action that must be allowed on a queue. */
export interface Demand {
  readonly action: Action;
  readonly queue: string;
}

export interface Operation<Name extends OperationName, Wire = unknown, Answer = unknown> extends Endpoint {
  readonly name: Name;
  readonly action: Action;
  /** The whole of what it takes, as frames and bindings send it. */
  readonly body: Schema<InputOf<Name>, Wire>;
  readonly answer: Schema<unknown, Answer>;
  /** Its answer holds payloads, so it is as large as they are. */
  readonly isLarge: boolean;
  /** Reads a body. @throws {Invalid} */
  readonly parse: (body: unknown) => InputOf<Name>;
  /** Reads a frame's body, which may ask for less: a frame does not wait. @throws {Invalid} */
  readonly parseFrame: (body: unknown) => InputOf<Name>;
  /** Reads a request: the parameters of its path, and what is beside it. @throws {Invalid} */
  readonly parseRequest: (params: Readonly<Record<string, string>>, rest: unknown) => InputOf<Name>;
  /** What else this very input demands. */
  readonly demands?: (input: InputOf<Name>, queue: string) => Demand[];
  /** The answer as every way to the queue gives it. */
  readonly render: (answer: Operations[Name]["answer"], input: InputOf<Name>) => string;
}

const QUEUE_PATH = "/v1/queues/:queue";

/** Absent: `status` is 200, `isLarge` false, and `render` gives the queue's answer as it is, without its kind. */
type Defaulted = "status" | "isLarge" | "render";

interface Declared<Name extends OperationName, Rest, Wire, Answer>
  extends
    Pick<Operation<Name, Wire, Answer>, "name" | "about" | "action" | "method" | "problems" | "demands">,
    Partial<Pick<Operation<Name>, Defaulted>> {
  /** Below the queue's own path: "/tasks". */
  readonly path: "" | `/${string}`;
  readonly body: Rest;
  readonly answer: Schema<unknown, Answer>;
  /** Absent: always for a GET, never for any other method. */
  readonly repeat?: Repeat<Wire>;
  readonly example: { readonly body?: Wire; readonly answer: Answer };
  /** Refuses what a frame may not ask for. */
  readonly refuseInFrame?: (input: InputOf<Name>) => void;
}

/** An operation that says all in its body. */
export function operation<const Name extends OperationName, Wire, Answer>(
  declared: Declared<Name, Schema<InputOf<Name>, Wire>, Wire, Answer>,
): Operation<Name, Wire, Answer> {
  const { body } = declared;
  return declaredWith(declared, {}, body, (_params, rest) => body.parse(rest, ""));
}

/** An operation that names in its path what it is about. Frames and bindings have these fields in their body. */
export function operationOn<
  const Name extends OperationName,
  Params extends FieldMap,
  Fields extends FieldMap,
  Value,
  Answer,
>(
  params: Params,
  declared: Declared<Name, ObjectSchema<Fields, Value>, WiresOf<Params> & WiresOf<Fields>, Answer> &
    (ValuesOf<Params> & Value extends InputOf<Name> ? unknown : never),
): Operation<Name, WiresOf<Params> & WiresOf<Fields>, Answer> {
  const rest = declared.body;
  const whole = withFields(params, rest) as unknown as Schema<InputOf<Name>, WiresOf<Params> & WiresOf<Fields>>;
  const path = Object.entries(params);
  return declaredWith(declared, params, whole, (given, beside) => {
    const named = path.map(([name, { schema }]) => [name, schema.parse(given[name], name)]);
    return { ...Object.fromEntries(named), ...rest.parse(beside, "") } as InputOf<Name>;
  });
}

function declaredWith<Name extends OperationName, Rest extends Schema<unknown, unknown>, Wire, Answer>(
  declared: Declared<Name, Rest, Wire, Answer>,
  params: FieldMap,
  body: Schema<InputOf<Name>, Wire>,
  parseRequest: Operation<Name>["parseRequest"],
): Operation<Name, Wire, Answer> {
  const {
    body: rest,
    path,
    status = 200,
    isLarge = false,
    render = fieldsAsTheyAre,
    repeat = declared.method === "GET" ? "always" : "never",
    refuseInFrame,
    ...others
  } = declared;
  const parse = (given: unknown): InputOf<Name> => withinCall(body.parse(given, ""));
  // No frame is so large that what it asks for could not be held, and no call carries it.
  const parseFrame = (given: unknown): InputOf<Name> => {
    const input = body.parse(given, "");
    refuseInFrame?.(input);
    return input;
  };
  return {
    ...others,
    path: QUEUE_PATH + path,
    params,
    rest,
    fields: fieldsOf(rest),
    body,
    status,
    isLarge,
    render,
    repeat,
    parse,
    parseFrame,
    parseRequest: (given, beside) => withinCall(parseRequest(given, beside)),
  };
}

function fieldsAsTheyAre(answer: { readonly kind: string }): string {
  const { kind: _, ...fields } = answer;
  return JSON.stringify(fields);
}

function fieldsOf(schema: Schema<unknown, unknown> & { readonly fields?: FieldMap }): FieldMap {
  return schema.docs ?? schema.fields ?? {};
}
