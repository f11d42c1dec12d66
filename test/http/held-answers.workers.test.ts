// Whatever may be answered with more than 64 KiB counts among the answers that are held for clients that do not read, or is the
// same for everybody and held once.

import { createExecutionContext, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { WORKER_PARTS } from "../../src/core/held-bytes.ts";
import type { QueueReport } from "../../src/core/queue-report.ts";
import { ADMISSION } from "../../src/http/admission.ts";
import { fetchRoute } from "../../src/http/router.ts";
import { api } from "../workers/api.ts";

/** Text beyond this is held. */
const SMALL_LENGTH = 65_536;
const QUEUES = 1_000;

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetchRoute(new Request(`http://localhost${path}`, init), env, createExecutionContext());
}

const REPORT: QueueReport = {
  life: "a",
  number: 1,
  createdAt: 1,
  paused: false,
  maxInFlight: 10,
  maxBacklog: null,
  consumers: 0,
  parked: 0,
  stats: { ready: 1, delayed: 0, claimed: 0, dead: 0, oldestReadyAgeMs: null },
  totals: { enqueued: 1 },
};

beforeAll(async () => {
  await runInDurableObject(env.DIRECTORY.getByName("directory"), (directory) => {
    for (let n = 0; n < QUEUES; n += 1) {
      const name = `one-of-many-${n}-`.padEnd(60, "x");
      const body = JSON.stringify({ name, createdAt: 1 });
      directory.receive(name, [{ seq: 1, kind: "register", body, payload: null, createdAt: 1 } as never]);
      directory.report(name, REPORT);
      directory.revoke(`the-long-name-of-a-token-${n}-`.padEnd(100, "x"), Date.now() + 3_600_000);
    }
  });
  for (const part of ["first", "second"]) {
    await api("laned").enqueueAll(Array.from({ length: QUEUES }, (_, n) => ({ payload: 1, lane: `${part}-${n}` })));
  }
});

const LARGE: readonly (readonly [path: string, init: RequestInit])[] = [
  ["/v1/queues?limit=1000", {}],
  ["/v1/overview?limit=1000", {}],
  ["/v1/tokens/revoked?limit=1000", {}],
  ["/metrics", {}],
  ["/v1/queues/laned", {}],
  ["/v1/queues/laned/pause", { method: "POST" }],
  ["/v1/queues/laned/resume", { method: "POST" }],
];

describe.each(LARGE)("%s", (path, init) => {
  it("is sent whole to those who read", async () => {
    const response = await ask(path, init);
    expect(response.status).toBe(200);
    expect((await response.text()).length).toBeGreaterThan(SMALL_LENGTH);
  });

  it("is refused while too much is held for those who do not", async () => {
    ADMISSION.hold("answers", WORKER_PARTS.answers);
    try {
      const response = await ask(path, init);
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ code: "overloaded" });
    } finally {
      ADMISSION.release("answers", WORKER_PARTS.answers);
    }
  });
});

it.each(["/v1/openapi.json", "/docs", "app"])("%s comes in pieces, and takes no part of what is held", async (path) => {
  ADMISSION.hold("answers", WORKER_PARTS.answers);
  try {
    const html = await (await ask("/")).text();
    const [app = ""] = /\/dashboard\/app-[^"]+/.exec(html) ?? [];
    const response = await ask(path === "app" ? app : path);
    expect(response.status).toBe(200);
    const pieces: number[] = [];
    for await (const piece of response.body ?? []) pieces.push(piece.byteLength);
    expect(pieces.length).toBeGreaterThan(3);
    expect(Math.max(...pieces)).toBeLessThanOrEqual(16_384);
  } finally {
    ADMISSION.release("answers", WORKER_PARTS.answers);
  }
});
