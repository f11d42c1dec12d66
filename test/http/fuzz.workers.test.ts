// Thousands of random bodies against every route that takes one: never a 500, and what is refused changes nothing.

import { fc } from "../random/fc.ts";
import { describe, expect, test } from "vitest";
import { ROUTES } from "../../src/http/route-table.ts";
import { PROBLEMS } from "../../src/protocol/problem.ts";
import { answerOf, api, fetchPath, type QueueApi } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { exampleOf, pathOf, prepare } from "../workers/route-examples.ts";

stoppedClock();

const BODIES_PER_ROUTE = 100;

/** Names that some route knows, so that random bodies get past the first look. */
const NAMES = [
  "payload tasks id delayMs visibleAt lane priority ttlMs maxAttempts headers encoding contentType",
  "max claimTimeoutMs claimant lanes any claims claim error release dead version ids limit",
  "backoff minMs maxMs factor jitter deadLetterQueue retentionMs dedupeMs maxBacklog maxInFlight paused",
  "insert change delete depend document key value queue onConflict keepClaim",
  "__proto__ constructor toString",
].flatMap((names) => names.split(" "));

const number = fc.oneof(
  fc.integer({ min: -2, max: 2_000 }),
  fc.integer(),
  fc.double(),
  fc.constantFrom(-0, 2 ** 31, 2 ** 53, 1e21, 8.64e15, 1_800_000_000_000),
);
const word = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ maxLength: 150 }),
  fc.constantFrom(
    "main",
    "json",
    "text",
    "base64",
    "text/plain",
    "free",
    "AAAA",
    "..",
    "\ud800",
    "aaaaa-1-0123456789abcdef-1",
  ),
);

const { value } = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    number,
    word,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("object"),
  ),
  object: fc.dictionary(fc.constantFrom(...NAMES), tie("value"), { maxKeys: 4, noNullPrototype: true }),
}));
const object = fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 5, noNullPrototype: true });

/** As it would be sent: some of it no JSON, some no UTF-8. */
function bodies(valid: Readonly<Record<string, unknown>>): fc.Arbitrary<string | Uint8Array> {
  return fc.oneof(
    { weight: 4, arbitrary: object.map((fields) => JSON.stringify({ ...valid, ...fields })) },
    { weight: 2, arbitrary: object.map((fields) => JSON.stringify(fields)) },
    { weight: 1, arbitrary: value.map((any) => JSON.stringify(any)) },
    // Cut short, or with one byte changed.
    {
      weight: 1,
      arbitrary: fc
        .tuple(object, fc.nat(60))
        .map(([fields, at]) => JSON.stringify({ ...valid, ...fields }).slice(0, at)),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(object, fc.nat(60), fc.nat(255)).map(([fields, at, byte]) => {
        const bytes = new TextEncoder().encode(JSON.stringify({ ...valid, ...fields }));
        bytes[at % bytes.length] = byte;
        return bytes;
      }),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 50 }) },
  );
}

const STATUSES = new Set<number>(Object.values(PROBLEMS).map(({ status }) => status));

/** Refused with a document of its code and the rows as they were, or taken. */
async function sendOne(queue: QueueApi, before: unknown, path: string, init: RequestInit): Promise<unknown> {
  const { status, headers, body } = await answerOf<Record<string, unknown>>(await fetchPath(path, init));
  const after = await storedRows(queue.name);
  if (status < 300) return after;
  expect(status).not.toBe(500);
  expect(STATUSES).toContain(status);
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(body).toMatchObject({ status, code: expect.any(String) as unknown, detail: expect.any(String) as unknown });
  expect(after).toEqual(before);
  return before;
}

describe.each(ROUTES.filter((route) => exampleOf(route).body !== undefined))("$method $path", (route) => {
  test(`answers ${BODIES_PER_ROUTE} random bodies`, async () => {
    const queue = api();
    const prepared = await prepare(queue);
    const valid = exampleOf(route).body?.(prepared) ?? {};
    let rows: unknown = await storedRows(queue.name);
    await fc.assert(
      fc.asyncProperty(
        bodies(valid),
        fc.constantFrom("application/json", "text/plain", "application/octet-stream"),
        async (body, type) => {
          // Only the route for tasks takes other types; half of the rest would be refused for nothing else.
          const contentType = route.path.endsWith("/tasks") ? type : "application/json";
          const init = { method: route.method, body, headers: { "content-type": contentType } };
          rows = await sendOne(queue, rows, pathOf(route, queue, prepared), init);
        },
      ),
      { numRuns: BODIES_PER_ROUTE, endOnFailure: true },
    );
    expect((await queue.view()).name).toBe(queue.name);
  });
});

test("answers 300 random paths and queries", async () => {
  const queue = api();
  await prepare(queue);
  const segment = fc.oneof(
    fc.webSegment(),
    fc.string({ unit: "binary", maxLength: 8 }).map(encode),
    fc.constantFrom("%", "%ff", "..", "%2e%2e", "free", queue.name, "tasks", "claim", ""),
  );
  let rows: unknown = await storedRows(queue.name);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "DELETE"),
      fc.array(segment, { maxLength: 3 }),
      fc.webQueryParameters(),
      async (method, segments, search) => {
        rows = await sendOne(queue, rows, `${queue.path}/tasks/${segments.join("/")}?${search}`, { method });
      },
    ),
    { numRuns: 300, endOnFailure: true },
  );
});

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
