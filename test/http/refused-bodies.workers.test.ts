// Refused requests whose bodies are read on so that the refusal arrives: strangers may send as many as they like.

import { createExecutionContext, env } from "cloudflare:test";
import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { Env } from "../../src/http/route.ts";
import { fetchRoute } from "../../src/http/router.ts";
import { KEYS } from "./token-builder.ts";

const CLOSED = { ...env, EDGEQ_AUTH: undefined, EDGEQ_KEYS: KEYS } as unknown as Env;

interface Refused {
  readonly request: Request;
  readonly send: WritableStreamDefaultWriter<Uint8Array>;
}

/** A request without a token, whose body goes on. */
async function refused(): Promise<Refused> {
  const { readable, writable } = new IdentityTransformStream();
  const request = new Request("http://localhost/v1/queues/orders/tasks", { method: "POST", body: readable });
  const response = await fetchRoute(request, CLOSED, createExecutionContext());
  expect(response.status).toBe(401);
  void response.text().catch(() => {});
  return { request, send: writable.getWriter() };
}

test("a bounded number of bodies is read on at one time", async () => {
  const all: Refused[] = [];
  for (let n = 0; n < LIMITS.refusedBodies + 50; n += 1) all.push(await refused());
  expect(all.filter(({ request }) => request.body?.locked)).toHaveLength(LIMITS.refusedBodies);
  await Promise.all(all.map(({ send }) => send.close().catch(() => {})));
  // Others are read on once these have ended.
  await scheduler.wait(50);
  const next = await refused();
  expect(next.request.body?.locked).toBe(true);
  await next.send.close();
});
