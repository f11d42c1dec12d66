import { describe, expect, it } from "vitest";
import { HttpTransport, Queue, type Fetch } from "../../src/client/index.ts";
import { problem } from "../../src/protocol/problem.ts";

type Sent = { url: string } & Parameters<Fetch>[1];

function over(status: number, body: string, headers: Record<string, string> = {}) {
  const sent: Sent[] = [];
  const fetch: Fetch = (url, init) => {
    sent.push({ url, ...init });
    return Promise.resolve(new Response(status === 204 ? null : body, { status, headers }));
  };
  return { sent, fetch };
}

const unanswered: Fetch = () => new Promise(() => {});

const TOO_BUSY = JSON.stringify(problem("overloaded", "x"));

describe("the HTTP transport", () => {
  it("goes to the queue's path below the URL, with the token as it is at each call", async () => {
    const { sent, fetch } = over(200, "{}");
    let calls = 0;
    const transport = new HttpTransport({ url: "https://x.example/base/", token: () => `t${(calls += 1)}`, fetch });
    await transport.call("orders", "claim", { max: 2 }, {});
    await transport.call("orders", "cancelTask", { id: "a/b ?", version: 3 }, {});
    expect(sent).toMatchObject([
      {
        url: "https://x.example/base/v1/queues/orders/claim",
        method: "POST",
        body: '{"max":2}',
        headers: { authorization: "Bearer t1", "content-type": "application/json" },
      },
      { url: "https://x.example/base/v1/queues/orders/tasks/a%2Fb%20%3F?version=3", method: "DELETE" },
    ]);
    expect(sent[1]).not.toHaveProperty("body");
  });

  it("tells a problem apart from what answered in the server's place", async () => {
    const cases: [number, string, object][] = [
      [503, TOO_BUSY, { kind: "problem", problem: { code: "overloaded" }, retryAfterMs: 3_000 }],
      [502, "<html>Bad gateway</html>", { kind: "unreachable", retryAfterMs: 3_000 }],
      [429, "slow down", { kind: "unreachable", retryAfterMs: 3_000 }],
      [200, '{"tasks":[', { kind: "unreachable" }],
      [404, '{"message":"no such page"}', { kind: "foreign" }],
    ];
    for (const [status, body, outcome] of cases) {
      const { fetch } = over(status, body, { "retry-after": "3", "content-type": "application/json" });
      const transport = new HttpTransport({ url: "https://x.example", fetch });
      expect(await transport.call("q", "getQueue", {}, {})).toMatchObject(outcome);
    }
  });

  it("reads Retry-After as seconds, or as a date by the server's own clock", async () => {
    const date = new Date(0).toUTCString();
    const at = new Date(60_000).toUTCString();
    const { fetch } = over(503, TOO_BUSY, { "retry-after": at, date });
    const outcome = await new HttpTransport({ url: "https://x.example", fetch }).call("q", "getQueue", {}, {});
    expect(outcome).toMatchObject({ kind: "problem", retryAfterMs: 60_000 });
  });

  it("takes a web page with status 200 for what it is: the wrong address, and no reason to ask again", async () => {
    const { sent, fetch } = over(200, "<!doctype html><title>Welcome</title>", { "content-type": "text/html" });
    const error: unknown = await new Queue("q", { url: "https://x.example", fetch })
      .stats()
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: "ForeignAnswerError", code: "foreign-answer", retryable: false });
    expect(String(error)).toContain("https://x.example answered HTTP 200 (text/html)");
    expect(sent).toHaveLength(1);
  });

  it("keeps a call's time limit and its signal although its fetch heeds no signal", async () => {
    const queue = new Queue("q", { url: "https://x.example", fetch: unanswered, retry: false });
    await expect(queue.claim({ timeoutMs: 5 })).rejects.toThrow("no answer within 5 ms");
    const stop = new AbortController();
    const claim = queue.claim({ signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(claim).rejects.toThrow("enough");
  });

  it("says which option is none in JSON, and sends nothing", async () => {
    const { sent, fetch } = over(201, '{"tasks":[{}]}');
    const options = { delayMs: 10n } as object;
    for (const batch of [undefined, { maxWaitMs: 0 }]) {
      const queue = new Queue("q", { url: "https://x.example", fetch, ...(batch && { batch }) });
      await expect(queue.enqueue(1, options)).rejects.toMatchObject({
        name: "InvalidPayloadError",
        message: "options.delayMs: a bigint cannot be sent as JSON",
      });
    }
    expect(sent).toHaveLength(0);
  });

  it("says that a token function gave no token", async () => {
    const { sent, fetch } = over(200, '{"tasks":[]}');
    const queue = new Queue("q", { url: "https://x.example", token: () => "from a file\n", fetch, retry: false });
    await expect(queue.claim()).rejects.toThrow(
      'the token function failed (token: given "string", allowed: a token without spaces, or a function)',
    );
    expect(sent).toHaveLength(0);
  });

  it("counts a token that cannot be made as no answer, and makes it again", async () => {
    const { fetch } = over(200, '{"tasks":[]}');
    let calls = 0;
    const token = (): string => {
      if ((calls += 1) === 1) throw new Error("the vault is sealed");
      return "t";
    };
    expect(await new Queue("q", { url: "https://x.example", token, fetch, retry: { minMs: 1 } }).claim()).toEqual([]);
    expect(calls).toBe(2);
    const queue = new Queue("q", { url: "https://x.example", token: () => Promise.reject(new Error("sealed")), fetch });
    await expect(queue.claim({ retry: false })).rejects.toThrow("the token function failed (sealed)");
  });
});
