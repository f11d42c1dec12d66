import { describe, expect, it } from "vitest";
import { HttpTransport, type Fetch } from "../../src/client/index.ts";
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
      [502, "<html>Bad gateway</html>", { kind: "unreachable" }],
      [404, '{"message":"no such page"}', { kind: "unreachable" }],
      [200, '{"tasks":[', { kind: "unreachable" }],
    ];
    for (const [status, body, outcome] of cases) {
      const { fetch } = over(status, body, { "retry-after": "3" });
      const transport = new HttpTransport({ url: "https://x.example", fetch });
      expect(await transport.call("q", "getQueue", {}, {})).toMatchObject(outcome);
    }
  });

  it("reads Retry-After as seconds or as a date", async () => {
    const at = new Date(Date.now() + 60_000).toUTCString();
    const { fetch } = over(503, TOO_BUSY, { "retry-after": at });
    const outcome = await new HttpTransport({ url: "https://x.example", fetch }).call("q", "getQueue", {}, {});
    if (outcome.kind !== "problem" || outcome.retryAfterMs === null) throw new Error(`unexpected ${outcome.kind}`);
    expect(outcome.retryAfterMs).toBeGreaterThan(55_000);
    expect(outcome.retryAfterMs).toBeLessThanOrEqual(60_000);
  });
});
