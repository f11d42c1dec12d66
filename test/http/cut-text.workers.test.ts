// Text in which a surrogate pair was cut in half, over HTTP and in frames: the error of a nack is mended, since a failure must not be
// lost over its last character; every other text is refused, since it would come out different from how it went in.

import { describe, expect, test } from "vitest";
import { api } from "../workers/api.ts";
import { expectInvalid } from "../workers/problem.ts";
import { SocketClient } from "../workers/socket-client.ts";

const CUT = String.raw`out of paper \ud83d`;
const MENDED = "out of paper \ufffd";

describe.each(["nack", "settle"] as const)("the error of a %s", (operation) => {
  const list = operation === "nack" ? "claims" : "nacks";
  const bodyOf = (claim: string): string => `{"${list}":[{"claim":"${claim}","error":"${CUT}","delayMs":0}]}`;

  test("over HTTP is mended", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1 });
    const { claim } = await queue.claimOne();
    expect(await queue.send("POST", `/${operation}`, bodyOf(claim))).toMatchObject({ status: 200 });
    expect(await queue.claimOne()).toMatchObject({ attempts: 2, error: MENDED });
  });

  test("in a frame is mended, alone and among others", async () => {
    const queue = api();
    const client = await SocketClient.open(queue.name);
    await queue.enqueue({ payload: 1 });
    const frameOf = (claim: string): string => `{"id":1,"op":"${operation}","body":${bodyOf(claim)}}`;
    client.send(frameOf((await queue.claimOne()).claim));
    await client.until(() => client.received.length > 0);
    expect(client.received[0]).toMatchObject({
      id: 1,
      ok: { [operation === "nack" ? "results" : "nacks"]: [{ ok: true }] },
    });
    const { claim, error } = await queue.claimOne();
    client.send(`[${frameOf(claim)},{"id":2,"op":"getQueue"}]`);
    await client.until(() => client.received.length > 2);
    expect([error, (await queue.claimOne()).error]).toEqual([MENDED, MENDED]);
  });
});

describe("every other text is refused, and nothing is written", () => {
  test.each([
    ["a payload", "tasks", `{"payload":"${CUT}"}`, "payload"],
    [
      "a payload that looks like a nack",
      "tasks",
      `{"payload":{"claims":[{"error":"${CUT}"}]}}`,
      "payload.claims[0].error",
    ],
    ["a name in a payload", "tasks", `{"payload":{"${CUT}":1}}`, "payload"],
    ["an id", "tasks", `{"payload":1,"id":"${CUT}"}`, "id"],
    ["a key", "tasks", `{"payload":1,"key":"${CUT}"}`, "key"],
    ["a lane", "tasks", `{"payload":1,"lane":"${CUT}"}`, "lane"],
    ["a header", "tasks", `{"payload":1,"headers":{"a":"${CUT}"}}`, "headers.a"],
    ["a header's name", "tasks", `{"payload":1,"headers":{"${CUT}":"a"}}`, "headers"],
    ["a claimant", "claim", `{"claimant":"${CUT}"}`, "claimant"],
    ["a claim token", "nack", `{"claims":[{"claim":"${CUT}"}]}`, "claims[0].claim"],
  ])("%s", async (_, path, body, field) => {
    const queue = api();
    expectInvalid(await queue.send("POST", `/${path}`, body), field);
    const client = await SocketClient.open(queue.name);
    const op = path === "tasks" ? "enqueue" : path;
    client.send(`{"id":1,"op":"${op}","body":${op === "enqueue" ? `{"tasks":[${body}]}` : body}}`);
    expect(await client.closed).toMatchObject({ code: 1007 });
    expect((await queue.send("GET", "")).status).toBe(404);
  });
});
