// What docs/operate hands to Prometheus and Grafana names only what /metrics has, and Prometheus' own tool takes all of it.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { Queue } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";

const PROMTOOL = "/usr/bin/promtool";
const HAS_PROMTOOL = existsSync(PROMTOOL);
const FILES = ["docs/operate/alerts.yml", "docs/operate/grafana.json"];

function promtool(args: readonly string[], input = ""): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(PROMTOOL, args, { input, encoding: "utf8", timeout: 30_000 });
  return { status, said: stdout + stderr };
}

describe("docs/operate", () => {
  const server = serverForTests();
  let metrics = "";
  beforeAll(async () => {
    const queue = new Queue("orders", { url: server.url });
    await queue.enqueue(1);
    const [task] = await queue.claim();
    if (task !== undefined) await queue.ack(task);
    await vi.waitFor(
      async () => {
        metrics = await (await fetch(`${server.url}/metrics`)).text();
        if (!metrics.includes('edgeq_queue_run_seconds_count{queue="orders"}')) throw new Error("not reported yet");
      },
      { timeout: 20_000 },
    );
  });

  test.each(FILES)("%s names no metric that /metrics has not", async (file) => {
    const text = await readFile(join(PROJECT_DIR, file), "utf8");
    const named = new Set(Array.from(text.matchAll(/\bedgeq_\w+/g), ([name]) => name));
    const families = new Set(Array.from(metrics.matchAll(/^# TYPE (\w+)/gm), ([, name]) => name));
    const unknown = [...named].filter((name) => !families.has(name.replace(/_(?:bucket|sum|count)$/, "")));
    expect(named.size).toBeGreaterThan(3);
    expect(unknown).toEqual([]);
  });

  describe.skipIf(!HAS_PROMTOOL)("by promtool (apt-get install prometheus)", () => {
    test("/metrics is well formed and named as Prometheus would have it", () => {
      expect(promtool(["check", "metrics"], metrics)).toEqual({ status: 0, said: "" });
    });

    test("the alert rules hold", () => {
      expect(promtool(["check", "rules", join(PROJECT_DIR, "docs/operate/alerts.yml")])).toMatchObject({ status: 0 });
    });
  });
});
