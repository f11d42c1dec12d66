// A payload comes out as it went in: any JSON, any text, any bytes.

import { fc } from "../random/fc.ts";
import { expect, test } from "vitest";
import { api } from "../workers/api.ts";

const RUNS = { numRuns: 100 };

test("any JSON value, in a batch and alone", async () => {
  const queue = api();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue({ maxDepth: 6, noUnicodeString: false }), { minLength: 1, maxLength: 5 }),
      async (payloads) => {
        await queue.enqueueAll(payloads.map((payload) => ({ payload })));
        const tasks = await queue.claim({ max: payloads.length });
        // As text, so that -0, the order of members and a member named __proto__ count too.
        expect(tasks.map(({ payload }) => JSON.stringify(payload))).toEqual(
          payloads.map((payload) => JSON.stringify(payload)),
        );
        await queue.ack(...tasks.map(({ claim }) => claim));
      },
    ),
    RUNS,
  );
});

test.each([
  `{"__proto__":{"a":1},"constructor":null,"":0}`,
  `[1e-7,0.1,1.7976931348623157e+308,5e-324,9007199254740991,-9007199254740991,9007199254740992]`,
  `"\\u0000\\u001f\\u007f\\u2028\\uFEFF"`,
  `"𝄞 \\ud834\\udd1e"`,
  "null",
  `""`,
  "[]",
  "{}",
])("JSON that is easily bent: %s", async (json) => {
  const queue = api();
  await queue.send("POST", "/tasks", `{"payload":${json}}`);
  const response = await queue.fetch("/claim", { method: "POST" });
  const text = await response.text();
  expect(text).toContain(`"payload":${JSON.stringify(JSON.parse(json))}}`);
});

test("any text, as a body of text/plain", async () => {
  const queue = api();
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), async (text) => {
      const init = { method: "POST", body: text, headers: { "content-type": "text/plain" } };
      expect((await queue.fetch("/tasks", init)).status).toBe(201);
      const task = await queue.claimOne();
      expect(task.payload).toBe(text);
      await queue.ack(task.claim);
    }),
    RUNS,
  );
});

test("any bytes, as a body and in base64", async () => {
  const queue = api();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const init = { method: "POST", body: bytes, headers: { "content-type": "application/octet-stream" } };
      expect((await queue.fetch("/tasks", init)).status).toBe(201);
      await queue.enqueue({ payload: bytes.toBase64(), encoding: "base64" });
      const tasks = await queue.claim({ max: 2 });
      expect(tasks.map(({ payload }) => Uint8Array.fromBase64(String(payload)))).toEqual([bytes, bytes]);
      await queue.ack(...tasks.map(({ claim }) => claim));
    }),
    RUNS,
  );
});

test("any header values", async () => {
  const queue = api();
  const value = fc.string({ unit: "grapheme", minLength: 1, maxLength: 100 }).filter((text) => !/\p{Cc}/u.test(text));
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/), value, { maxKeys: 8 }),
      async (headers) => {
        await queue.enqueue({ payload: 1, headers });
        const task = await queue.claimOne();
        expect(task.headers).toEqual({ ...headers });
        await queue.ack(task.claim);
      },
    ),
    RUNS,
  );
});
