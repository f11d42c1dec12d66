// A flood of producers by one token, at the door: over HTTP, sockets and Idempotency-Keys it forgets its own, and no other's (P10).

import { createExecutionContext, env } from "cloudflare:test";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { Env } from "../../src/http/route.ts";
import worker from "../../src/index.ts";
import { api } from "../workers/api.ts";
import { KEYS, tokenOf } from "./token-builder.ts";

const ENV: Env = { QUEUE: env.QUEUE, DIRECTORY: env.DIRECTORY, EDGEQ_KEYS: KEYS };
const { producersOfToken } = LIMITS;
const FEW = 5;

beforeEach(() => void Object.assign(LIMITS, { producersOfToken: FEW }));
afterEach(() => void Object.assign(LIMITS, { producersOfToken }));

/** Sends as the holder of a token that is its own: an answer's ids. */
async function sender(path: string, seconds: number) {
  const authorization = `Bearer ${await tokenOf({ claims: { exp: Math.floor(Date.now() / 1_000) + seconds } })}`;
  const send = async (headers: Record<string, string>, body: unknown): Promise<string[]> => {
    const init = {
      method: "POST",
      headers: { authorization, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    };
    const response = await worker.fetch(
      new Request(`http://localhost${path}/tasks`, init),
      ENV,
      createExecutionContext(),
    );
    expect(response.status).toBe(201);
    const { tasks } = await response.json<{ tasks: { id: string }[] }>();
    return tasks.map(({ id }) => id);
  };
  return {
    numbered: (producer: number): Promise<string[]> =>
      send({}, { payload: 1, call: { producer: producer.toString(16).padStart(16, "0"), number: 1 } }),
    keyed: (key: string): Promise<string[]> => send({ "idempotency-key": key }, { payload: 1 }),
  };
}

test("a flood by one token forgets its own producers and keys, and those of another are remembered", async () => {
  const { path } = api();
  const other = await sender(path, 100);
  const flood = await sender(path, 200);
  const kept = [await other.numbered(1), await other.keyed("order-1")];
  const first = await flood.numbered(1_000);
  for (let index = 0; index < FEW; index += 1) {
    await flood.numbered(2_000 + index);
    await flood.keyed(`flood-${index}`);
  }
  expect([await other.numbered(1), await other.keyed("order-1")]).toEqual(kept);
  expect(await flood.numbered(1_000)).not.toEqual(first);
});
