// GET /metrics: what queues last reported, as Prometheus reads it.

import { expect, test } from "vitest";
import { api, fetchPath, send } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { expectInvalid } from "../workers/problem.ts";

const clock = stoppedClock();

const LINE = /^(?:# (?:HELP|TYPE) edgeq_\w+ .+|edgeq_\w+(?:\{\w+="[\w.-]+"(?:,\w+="[\w.+-]+")*\})? -?\d+(?:\.\d+)?)$/;

async function linesOf(query = ""): Promise<string[]> {
  const response = await fetchPath(`/metrics${query}`);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  expect(text.endsWith("\n")).toBe(true);
  return text.slice(0, -1).split("\n");
}

function deaths(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith('edgeq_queue_last_death_timestamp_seconds{queue="mortal"}'));
}

test("a queue's counts and totals are there, each line as the text format has it, and queues left out are counted", async () => {
  for (const name of ["metered", "other"]) await api(name).enqueueAll([{ payload: 1 }, { payload: 2, delayMs: 1_000 }]);
  let lines = await linesOf();
  while (
    !lines.some((line) => line.includes('queue="other"')) ||
    !lines.some((line) => line.includes('queue="metered"'))
  )
    lines = await linesOf();
  expect(lines.filter((line) => !LINE.test(line))).toEqual([]);
  expect(lines).toEqual(
    expect.arrayContaining([
      'edgeq_queue_tasks{queue="metered",state="ready"} 1',
      'edgeq_queue_tasks{queue="metered",state="delayed"} 1',
      'edgeq_queue_paused{queue="metered"} 0',
      'edgeq_queue_report_age_seconds{queue="metered"} 0',
      'edgeq_queue_task_events_total{queue="metered",event="enqueued"} 2',
      "edgeq_queues_omitted 0",
    ]),
  );
  const first = await linesOf("?limit=1");
  expect(first).toContain("edgeq_queues_omitted 1");
  expect(first.filter((line) => line.includes('queue="other"'))).toEqual([]);
});

test("waits and runs are histograms: buckets that only grow, up to all of them", async () => {
  const queue = api("timed");
  await queue.enqueue({ payload: 1 });
  const { claim } = await queue.claimOne();
  clock.advance(3_000);
  await queue.ack(claim);
  clock.advance(5_000);
  await queue.view();
  let lines = await linesOf();
  while (!lines.some((line) => line.startsWith('edgeq_queue_run_seconds_count{queue="timed"}')))
    lines = await linesOf();
  expect(lines.filter((line) => !LINE.test(line))).toEqual([]);
  expect(lines).toContain("# TYPE edgeq_queue_run_seconds histogram");
  const series = (name: string): number[] =>
    lines.filter((line) => line.startsWith(`${name}{queue="timed"`)).map((line) => Number(line.split(" ").at(-1)));
  const buckets = series("edgeq_queue_run_seconds_bucket");
  expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
  expect(buckets.slice(4, 6)).toEqual([0, 1]);
  expect([buckets.at(-1), ...series("edgeq_queue_run_seconds_count")]).toEqual([1, 1]);
  expect(Math.abs((series("edgeq_queue_run_seconds_sum")[0] ?? 0) - 3)).toBeLessThan(0.4);
  expect(series("edgeq_queue_wait_seconds_bucket")[0]).toBe(1);
});

test("a limit out of range is refused", async () => {
  expectInvalid(await send("GET", "/metrics?limit=0"), "limit", 0);
});

test("a death is shown by its time, also of a task that went to a dead-letter queue, which is no `died`", async () => {
  const queue = api("mortal");
  await queue.configure({ maxAttempts: 1, deadLetterQueue: "mortal-dead" });
  await queue.enqueue({ payload: 1 });
  expect(deaths(await linesOf())).toEqual([]);
  const { claim } = await queue.claimOne();
  clock.advance(5_000);
  const died = Date.now() / 1_000;
  await queue.send("POST", "/nack", { claims: [{ claim, error: "no such address" }] });
  let lines = await linesOf();
  while (deaths(lines).length === 0) lines = await linesOf();
  expect(deaths(lines)).toEqual([`edgeq_queue_last_death_timestamp_seconds{queue="mortal"} ${died}`]);
  expect(lines).toContain('edgeq_queue_task_events_total{queue="mortal",event="died"} 0');
});
