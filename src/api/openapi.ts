// The document that describes the HTTP API to programs (OpenAPI 3.1), made of the declarations.

import { PROBLEMS, problem, type Problem, type ProblemCode } from "../protocol/problem.ts";
import { VERSION } from "../protocol/version.ts";
import {
  describe,
  health,
  listQueues,
  openSocket,
  overview,
  pause,
  ready,
  resume,
  rewind,
  watchOverview,
} from "./endpoints.ts";
import type { Endpoint } from "./operation.ts";
import { OPERATIONS } from "./operation-table.ts";
import { listRevoked, makeToken, revokeToken } from "./tokens.ts";
import { unlinked } from "./unlinked.ts";
import { LIMITS } from "../core/limits.ts";
import { rawOptions } from "./operations/task-fields.ts";
import { queueName } from "./schema/names.ts";
import { exampleParts, hasQuery, problemsOf } from "./endpoint-facts.ts";
import type { Field, FieldMap, JsonSchema } from "./schema/schema.ts";

/** Everything with a path, in the order of the docs. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...Object.values(OPERATIONS),
  pause,
  resume,
  rewind,
  listQueues,
  overview,
  watchOverview,
  openSocket,
  makeToken,
  revokeToken,
  listRevoked,
  health,
  ready,
  describe,
];

const DESCRIPTION =
  "A durable task queue at the edge. Durations end in `Ms` (milliseconds), instants end in `At` (milliseconds since 1970). " +
  "Errors are problem documents (RFC 9457) with a stable `code`; where input is at fault, `field`, `given` and `allowed` say what is wrong.";

/** The whole document, a new one at each call. */
export function openApi(): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of ENDPOINTS) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[endpoint.method.toLowerCase()] = operationOf(endpoint);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "edgeq",
      version: VERSION,
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{ token: [] }],
    tags: TAGS,
    paths,
    components: {
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description:
            "A token names the queues and the actions that it allows. A server that is open, on your own machine, needs none.",
        },
      },
      schemas: { Problem: PROBLEM },
      responses: Object.fromEntries(alone(paths).map((code) => [code, problemResponse(code)])),
    },
  };
}

/** The problems that have a status of an operation to themselves, and so a response to refer to. */
function alone(paths: unknown): ProblemCode[] {
  const written = JSON.stringify(paths);
  return (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => written.includes(`"${referenceTo(code)}"`));
}

function referenceTo(code: ProblemCode): string {
  return `#/components/responses/${code}`;
}

const TAGS = [
  { name: "Tasks", description: "Tasks on their way: enqueued, claimed, settled, looked at." },
  { name: "Documents", description: "Small JSON values beside the tasks, changed in the same commits." },
  { name: "Queues", description: "Settings, counts and whatever concerns a queue as a whole." },
  { name: "Server", description: "Whatever concerns no single queue." },
];

function tagOf({ path }: Endpoint): string {
  if (!path.includes(":queue")) return "Server";
  if (path.includes("/documents")) return "Documents";
  return /\/(?:tasks|claim|ack|nack|extend|settle|modify|socket)\b/.test(path) ? "Tasks" : "Queues";
}

function operationOf(endpoint: Endpoint): Record<string, unknown> {
  const { name, about, action, params, path, fields, repeat } = endpoint;
  const again = typeof repeat === "string" ? repeat : `when sent ${repeat.when}`;
  const inPath = path.includes(":queue") ? [parameterOf("queue", QUEUE, "path")] : [];
  const inQuery = hasQuery(endpoint) ? fields : {};
  const { params: paramExamples, rest } = exampleParts(endpoint);
  return {
    operationId: name,
    summary: about.split(/(?<=\.) /)[0]?.replace(/\.$/, ""),
    description: `${about} ${action === null ? "Open to all." : `Needs the action \`${action}\`.`}`,
    tags: [tagOf(endpoint)],
    ...(action === null ? { security: [] } : {}),
    "x-edgeq-action": action,
    "x-edgeq-repeat": again,
    parameters: [
      ...inPath,
      ...parametersOf(params, "path", paramExamples),
      ...parametersOf(inQuery, "query", rest),
      ...(name === "enqueue" || name === "modify" ? INSERT_HEADERS : []),
      ...(name === "enqueue" ? parametersOf(rawOptions.fields, "query", {}) : []),
    ],
    ...bodyOf(endpoint, rest),
    responses: { [String(endpoint.status)]: answerOf(endpoint), ...problemResponses(problemsOf(endpoint)) },
  };
}

/** Of requests that insert tasks. */
const INSERT_HEADERS = [
  {
    name: "Idempotency-Key",
    in: "header",
    required: false,
    description: "A key of your own in place of `call`: the same request with the same key is made once.",
    schema: { type: "string", minLength: 1, maxLength: LIMITS.producerLength },
  },
  {
    name: "traceparent",
    in: "header",
    required: false,
    description: "The trace (W3C Trace Context) of tasks that have no header `traceparent`. An invalid one is dropped.",
    schema: { type: "string" },
  },
  {
    name: "tracestate",
    in: "header",
    required: false,
    description: "Goes with `traceparent`.",
    schema: { type: "string" },
  },
];

const QUEUE: Field = {
  schema: queueName,
  presence: "required",
  about: "The queue's name.",
  absent: "",
  missing: "",
};

function parametersOf(
  fields: FieldMap,
  place: "path" | "query",
  examples: Readonly<Record<string, unknown>>,
): unknown[] {
  return Object.entries(fields).map(([name, field]) => parameterOf(name, field, place, examples[name]));
}

function parameterOf(
  name: string,
  { schema, about, presence, wireFallback }: Field,
  place: "path" | "query",
  example: unknown = name === "queue" ? "orders" : undefined,
): unknown {
  return {
    name,
    in: place,
    required: presence === "required",
    ...(about === "" ? {} : { description: unlinked(about) }),
    schema: { ...schema.json, ...(presence === "defaulted" ? { default: wireFallback } : {}) },
    ...(example === undefined ? {} : { example }),
  };
}

function bodyOf(endpoint: Endpoint, example: unknown): Record<string, unknown> {
  if (hasQuery(endpoint)) return {};
  const json = { "application/json": { schema: endpoint.rest.json, example } };
  if (endpoint.name !== "enqueue") return { requestBody: { content: json } };
  const raw = { "text/plain": { schema: { type: "string" } }, "application/octet-stream": {} };
  const description =
    "JSON, or with any other content type the payload as it is: then the options of the task are parameters of the query.";
  return { requestBody: { description, required: true, content: { ...json, ...raw } } };
}

function answerOf({ status, about, answer, example }: Endpoint): unknown {
  if (status === 101) return { description: "The socket is open." };
  return {
    description: about.split(/(?<=\.) /)[0],
    content: { "application/json": { schema: answer.json, example: example.answer } },
  };
}

const PROBLEM = {
  type: "object",
  description: "An error (RFC 9457). It may have further members, particular to its code.",
  properties: {
    type: { type: "string", format: "uri", description: "Identifies the code; never to be fetched." },
    code: { type: "string", enum: Object.keys(PROBLEMS) },
    status: { type: "integer" },
    title: { type: "string" },
    detail: { type: "string", description: "What is wrong in this very request. For people; it may change." },
    field: { type: "string", description: "Of bad input: the field." },
    given: { description: "Of bad input: the value, shortened. Absent: the field is missing." },
    allowed: { type: "string", description: "Of bad input: what the field may hold." },
  },
  required: ["type", "code", "status", "title", "detail"],
};

function problemResponse(code: ProblemCode): unknown {
  const { title, retryable } = PROBLEMS[code];
  return {
    description: `${title}.`,
    ...(retryable ? { headers: { "Retry-After": { description: "Seconds.", schema: { type: "integer" } } } } : {}),
    content: problemContent({ const: code }, { example: exampleOf(code) }),
  };
}

function exampleOf(code: ProblemCode): Problem {
  return problem(code, `${PROBLEMS[code].title}.`);
}

function problemContent(code: JsonSchema, examples: object): unknown {
  const ofCode = { type: "object", properties: { code } };
  const schema = { allOf: [{ $ref: "#/components/schemas/Problem" }, ofCode] };
  return { "application/problem+json": { schema, ...examples } };
}

/** One response for each status; where codes share one, the schema allows any of them. */
function problemResponses(codes: readonly ProblemCode[]): Record<string, unknown> {
  const byStatus = Map.groupBy(codes, (code) => String(PROBLEMS[code].status));
  return Object.fromEntries(Array.from(byStatus, ([status, sharing]) => [status, responseOf(sharing)]));
}

function responseOf(codes: readonly ProblemCode[]): unknown {
  const [only] = codes;
  if (only !== undefined && codes.length === 1) return { $ref: referenceTo(only) };
  return {
    description: codes.map((code) => `${PROBLEMS[code].title} (${code}).`).join(" "),
    content: problemContent(
      { type: "string", enum: codes },
      { examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])) },
    ),
  };
}
