import { runInNewContext } from "node:vm";
import { fc } from "../random/fc.ts";
import { describe, expect, it, test } from "vitest";
import { Queue, type StandardSchema, type Transport } from "../../src/client/index.ts";
import { decodePayload, encodePayload } from "../../src/client/payload.ts";
import { answered, ScriptedTransport } from "./scripted-transport.ts";

describe("a payload", () => {
  it("of any JSON comes out as it went in", () => {
    fc.assert(
      // Written and read once, so that there is no -0. No backslashes: V8 13.6 to 14.6 misreads escaped names after one.
      fc.property(
        fc.json().filter((text) => !text.includes(String.raw`\\`)),
        (text) => {
          const value: unknown = JSON.parse(text);
          const { payload, encoding = "json" } = encodePayload(value);
          const travelled = JSON.parse(JSON.stringify(payload)) as unknown;
          expect(JSON.stringify(decodePayload(travelled, encoding))).toBe(JSON.stringify(value));
        },
      ),
    );
  });

  it("of bytes comes out as it went in", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const { payload, encoding = "json" } = encodePayload(bytes);
        expect(decodePayload(payload, encoding)).toEqual(bytes);
      }),
    );
    const buffer = Uint8Array.of(1, 2, 3).buffer;
    expect(encodePayload(buffer)).toEqual({ payload: "AQID", encoding: "base64" });
  });

  const cycle: Record<string, unknown> = { a: {} };
  cycle["a"] = { b: [cycle] };
  const deep = Array.from({ length: 101 }).reduce<unknown>((inner) => [inner], 1);
  it.each([
    [{ items: [{ price: 5n }] }, "payload.items[0].price"],
    [{ "a b": () => {} }, 'payload["a b"]'],
    [[1, undefined], "payload[1]"],
    [undefined, "payload"],
    [Symbol("x"), "payload"],
    [{ n: Number.NaN }, "payload.n"],
    [[Infinity], "payload[0]"],
    [{ text: "\ud800" }, "payload.text"],
    [{ map: new Map() }, "payload.map"],
    [{ bytes: Uint8Array.of(1) }, "payload.bytes"],
    [{ bytes: Buffer.from("ab") }, "payload.bytes"],
    [{ bytes: new ArrayBuffer(2) }, "payload.bytes"],
    [{ n: -0 }, "payload.n"],
    [[1, -0], "payload[1]"],
    [new Error("x"), "payload"],
    [{ pattern: /x/ }, "payload.pattern"],
    [{ work: Promise.resolve() }, "payload.work"],
    [{ headers: new Headers() }, "payload.headers"],
    [{ at: new Date(Number.NaN) }, "payload.at"],
    [{ boxed: Object(1) as unknown }, "payload.boxed"],
    [
      {
        order: new (class Order {
          readonly item = "pen";
        })(),
      },
      "payload.order",
    ],
    [{ list: new (class List extends Array {})() }, "payload.list"],
    [{ match: /a/.exec("a") }, "payload.match"],
    // oxlint-disable-next-line no-sparse-arrays
    [[1, , 2], "payload[1]"],
    [{ [Symbol("x")]: 1 }, "payload"],
    [{ "\ud800": 1 }, 'payload["\\ud800"]'],
    [cycle, "payload.a.b[0]"],
    [deep, `payload${"[0]".repeat(100)}`],
  ])("that cannot be sent is refused, naming its path: %#", (payload, path) => {
    expect(() => encodePayload(payload)).toThrow(expect.objectContaining({ name: "InvalidPayloadError", path }));
  });

  it("may come from another realm, have no prototype, and say itself what it is in JSON", () => {
    const foreign: unknown = runInNewContext(`({ list: [1, { a: null }] })`);
    expect(encodePayload(foreign)).toEqual({ payload: foreign });
    const bare: unknown = Object.assign(Object.create(null) as object, { a: 1 });
    expect(encodePayload(bare)).toEqual({ payload: bare });
    const url = { at: new URL("https://x.example/a") };
    expect(encodePayload(url)).toEqual({ payload: { at: "https://x.example/a" } });
  });

  it("may hold the same object twice, dates, and properties that are undefined", () => {
    const shared = { at: new Date(0), none: undefined };
    const sent = { at: "1970-01-01T00:00:00.000Z" };
    expect(encodePayload([shared, shared])).toEqual({ payload: [sent, sent] });
  });

  it("with a content type is text or bytes", () => {
    expect(encodePayload("a,b", "text/csv")).toEqual({ payload: "a,b", encoding: "text" });
    expect(() => encodePayload({ a: 1 }, "text/csv")).toThrow("payload: with a contentType the payload is a string");
  });

  it("that is refused is not sent, and in a batch the error says which", async () => {
    const transport = new ScriptedTransport();
    const queue = new Queue("q", { transport });
    await expect(queue.enqueueBatch([{ payload: 1 }, { payload: { n: 1n } }])).rejects.toMatchObject({
      path: "tasks[1].payload.n",
    });
    expect(transport.calls).toEqual([]);
  });
});

describe("a document", () => {
  it("of bytes is refused, naming the path, since it is JSON alone", async () => {
    const queue = new Queue("q", { transport: new ScriptedTransport() });
    const value = Uint8Array.of(1);
    const put = queue.documents.put("k", value);
    const insert = queue.modify({ insert: [{ document: { key: "k", value } }] });
    const change = queue.modify({ change: [{ document: { key: "k", version: 1, value: value.buffer } }] });
    await expect(put).rejects.toMatchObject({ name: "InvalidPayloadError", path: "value" });
    await expect(insert).rejects.toMatchObject({ name: "InvalidPayloadError", path: "insert[0].document.value" });
    await expect(change).rejects.toMatchObject({ name: "InvalidPayloadError", path: "change[0].document.value" });
  });

  it("that is none is refused, naming the item", async () => {
    const queue = new Queue("q", { transport: new ScriptedTransport() });
    await expect(queue.modify({ insert: [{ document: null as never }] })).rejects.toMatchObject({
      name: "InvalidOptionError",
      option: "insert[0].document",
    });
  });
});

interface Order {
  readonly item: string;
}

/** What zod and its like make of themselves: text is trimmed, anything else refused. */
const ORDER: StandardSchema<Order, { item: string; checked: true }> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => {
      const { item } = value as { item?: unknown };
      if (typeof item === "string") return { value: { item: item.trim(), checked: true } };
      return { issues: [{ message: "expected text", path: ["item", { key: 0 }] }, { message: "more" }] };
    },
  },
};

describe("a schema", () => {
  it("refuses a payload before it is sent, naming the path", async () => {
    const transport = new ScriptedTransport();
    const queue = new Queue("q", { transport, schema: ORDER });
    await expect(queue.enqueue({ item: 5 } as unknown as Order)).rejects.toMatchObject({
      name: "InvalidPayloadError",
      path: "payload.item[0]",
      message: "payload.item[0]: expected text (and 1 more)",
    });
    expect(transport.calls).toEqual([]);
  });

  it("lets a payload through as it was given: what it makes of it is for the consumer", async () => {
    const transport = new ScriptedTransport(answered({ tasks: [{}] }));
    await new Queue("q", { transport, schema: ORDER, retry: false }).enqueue({ item: " pen " });
    expect(transport.calls[0]?.body).toEqual({ payload: { item: " pen " } });
  });

  it("that throws over one task fails that task alone, and the others come", async () => {
    const transport = new ScriptedTransport(
      answered({
        tasks: [
          { id: "1", claim: "c1", payload: null, encoding: "json" },
          { id: "2", claim: "c2", payload: { item: "pen" }, encoding: "json" },
        ],
      }),
      answered({ results: [{ claim: "c1", ok: true }] }),
    );
    const invalid: unknown[] = [];
    const queue = new Queue("q", { transport, schema: ORDER, validateClaims: true });
    const tasks = await queue.claim({ max: 2, onInvalid: ({ id }, error, dead) => invalid.push([id, error, dead]) });
    expect(tasks.map(({ id }) => id)).toEqual(["2"]);
    expect(transport.calls[1]?.body).toEqual({ claims: [{ claim: "c1", error: expect.stringContaining("null") }] });
    expect(invalid).toEqual([["1", expect.any(TypeError), false]]);
  });

  it("gives the tasks that it takes although the call is given up while the others are given back", async () => {
    const leaving = new AbortController();
    const transport: Transport = {
      call: (_, operation) => {
        if (operation === "nack") {
          leaving.abort(new Error("left"));
          return Promise.reject(new Error("cut"));
        }
        const tasks = [5, { item: "pen" }].map((payload, n) => ({
          id: `${n}`,
          claim: `c${n}`,
          payload,
          encoding: "json",
        }));
        return Promise.resolve({ kind: "answer", answer: { tasks } as never });
      },
    };
    const queue = new Queue("q", { transport, schema: ORDER, validateClaims: true });
    expect((await queue.claim({ max: 2, signal: leaving.signal })).map(({ id }) => id)).toEqual(["1"]);
  });

  it("that throws what cannot be read fails that task alone, too", async () => {
    const transport = new ScriptedTransport(
      answered({
        tasks: [
          { id: "1", claim: "c1", payload: 1, encoding: "json" },
          { id: "2", claim: "c2", payload: 2, encoding: "json" },
        ],
      }),
      answered({ results: [{ claim: "c1", ok: true }] }),
    );
    const schema: StandardSchema<number> = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate(value) {
          if (value === 1) throw Object.create(null);
          return { value: value as number };
        },
      },
    };
    const tasks = await new Queue("q", { transport, schema, validateClaims: true }).claim({ max: 2 });
    expect(tasks.map(({ id }) => id)).toEqual(["2"]);
    expect(transport.calls[1]?.body).toEqual({ claims: [{ claim: "c1", error: "an error that cannot be read" }] });
  });

  it("on claims gives what it makes of payloads, and sends what fails to the dead", async () => {
    const transport = new ScriptedTransport(
      answered({
        tasks: [
          { id: "1", claim: "c1", payload: { item: " pen " }, encoding: "json" },
          { id: "2", claim: "c2", payload: { item: 5 }, encoding: "json" },
        ],
      }),
      answered({ results: [{ claim: "c2", ok: true }] }),
    );
    const tasks = await new Queue("q", { transport, schema: ORDER, validateClaims: true }).claim({ max: 2 });
    expect(tasks.map((task) => task.payload.checked && task.payload.item)).toEqual(["pen"]);
    expect(transport.calls[1]).toEqual({
      operation: "nack",
      body: { claims: [{ claim: "c2", dead: true, error: "payload.item[0]: expected text (and 1 more)" }] },
    });
  });
});

test("the error of a nack may be an Error, as programs without types give it: its message is kept", async () => {
  const transport = new ScriptedTransport(answered({ results: [{ claim: "c", ok: true }] }));
  await new Queue("q", { transport }).nack("c", { error: new Error("no paper") as never });
  expect(transport.calls[0]?.body).toEqual({ claims: [{ claim: "c", error: "no paper" }] });
});
