// GET /v1/health: the Worker answers. GET /v1/ready: it can also write, so that whoever spreads requests over servers can leave
// out one whose disk is full or damaged. Both are open to all, and touch no queue.

import { health, ready } from "../../api/endpoints.ts";
import { directoryStub } from "../../object/queue-stub.ts";
import { problem } from "../../protocol/problem.ts";
import { VERSION } from "../../protocol/version.ts";
import { HttpError } from "../http-error.ts";
import { respondJson } from "../respond.ts";
import { routeOf } from "../route.ts";

export const healthRoute = routeOf(health, () => respondJson({ status: "ok", version: VERSION, now: Date.now() }));

/** Strangers may ask as often as they like: a row is written once in this time, by each isolate. */
const FRESH_MS = 1_000;

let last: { readonly at: number; readonly isReady: boolean } | null = null;

export const readyRoute = routeOf(ready, async ({ env }) => {
  const now = Date.now();
  if (last === null || Math.abs(now - last.at) >= FRESH_MS) last = { at: now, isReady: await canWrite(env, now) };
  if (last.isReady) return respondJson({ status: "ready", version: VERSION, now });
  throw new HttpError(problem("not-ready", "Nothing can be written: the disk may be full or damaged, see the log"));
});

async function canWrite(env: Parameters<typeof directoryStub>[0], now: number): Promise<boolean> {
  try {
    await directoryStub(env).proveWritable(now);
    return true;
  } catch (error) {
    console.error("edgeq: not ready:", error);
    return false;
  }
}
