// What a consumer writes when nobody listens.

import { afterEach, describe, expect, it, vi } from "vitest";
import { problemError } from "../../src/client/problem-error.ts";
import { consumerSettings, type BatchConsumeOptions } from "../../src/consumer/consume-options.ts";
import { Consumer } from "../../src/consumer/consumer.ts";
import { Events } from "../../src/consumer/events.ts";
import { Reports, type ConsumerLogger } from "../../src/consumer/reports.ts";
import { problem } from "../../src/protocol/problem.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { ScriptedSource } from "./scripted-source.ts";

const QUEUE = { name: "orders", claim() {} } as unknown as BatchConsumeOptions<string>["queue"];

afterEach(() => {
  vi.restoreAllMocks();
});

/** A consumer whose handler fails for every task, and the lines that it logs. */
function failing(options: Partial<BatchConsumeOptions<string>> = {}) {
  const lines: string[] = [];
  const log = (...line: unknown[]): void => void lines.push(line.map(String).join(" "));
  const logger: ConsumerLogger = { warn: log, error: log };
  const clock = new ManualClock();
  const settings = consumerSettings({ queue: QUEUE, logger, breaker: false, ...options }, false);
  const source = new ScriptedSource(clock, settings.claimTimeoutMs);
  const events = new Events<string>(new Reports("orders", settings.logger, clock));
  const consumer = new Consumer<string>(() => Promise.reject(new TypeError("no")), settings, { source, clock, events });
  return { clock, source, consumer, lines };
}

describe("a consumer without listeners logs", () => {
  it("failures: one line, and after half a minute the next with the number of those between", async () => {
    const { clock, source, lines } = failing();
    source.enqueue("a", "b", "c");
    await clock.advance(29_999);
    expect(lines).toEqual(["edgeq consumer of orders: task a failed at attempt 1: TypeError: no"]);
    source.enqueue("d");
    await clock.advance(1);
    source.enqueue("e");
    await clock.advance(0);
    expect(lines.slice(1)).toEqual([
      "edgeq consumer of orders: task e failed at attempt 1: (and 3 more like it since the last) TypeError: no",
    ]);
  });

  it("an outage once, however often the server is asked, and its end", async () => {
    const { clock, source, lines } = failing();
    for (let call = 0; call < 30; call += 1) source.failNext("take");
    clock.chance = 0.5;
    await clock.advance(600_000);
    source.enqueue("a");
    await clock.advance(0);
    expect(lines.map((line) => line.replace(/\d+ ms/, "N ms")).slice(0, 2)).toEqual([
      expect.stringMatching(/^edgeq consumer of orders: the server cannot be reached.*cut/),
      "edgeq consumer of orders: the server is back after N ms",
    ]);
  });

  it("why the server gives no tasks, once as long as it stays so", async () => {
    const { clock, source, lines } = failing();
    for (let call = 0; call < 9; call += 1)
      source.failNext("take", problemError(problem("queue-paused", "Nothing is offered"), null));
    await clock.advance(600_000);
    expect(lines).toEqual([
      "edgeq consumer of orders: the server gives no tasks for now; asking again: The queue is paused: Nothing is offered",
    ]);
  });

  it("an opened circuit, and a lost claim", async () => {
    const { clock, source, lines } = failing({ breaker: { failures: 1 }, concurrency: 1 });
    source.failNext("nack", problemError(problem("unauthorized", "x"), null));
    source.enqueue("a");
    await clock.advance(0);
    expect(lines).toEqual([
      "edgeq consumer of orders: handlers keep failing; no tasks are taken for 1000 ms",
      "edgeq consumer of orders: task a: its claim was lost, so its failure was not recorded",
    ]);
  });
});

describe("it says nothing", () => {
  it("of an event that has a listener", async () => {
    const { clock, source, consumer, lines } = failing();
    const heard: string[] = [];
    const off = consumer.on("failed", ({ task }) => heard.push(task.id));
    source.enqueue("a");
    await clock.advance(0);
    expect([heard, lines]).toEqual([["a"], []]);
    off();
    source.enqueue("b");
    await clock.advance(0);
    expect(lines).toHaveLength(1);
  });

  it("with `logger: null`; without the option it writes to the console", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    for (const [logger, lines] of [
      [null, 0],
      [undefined, 1],
    ] as const) {
      const { clock, source } = failing({ logger } as Partial<BatchConsumeOptions<string>>);
      source.enqueue("a");
      await clock.advance(0);
      expect(warn).toHaveBeenCalledTimes(lines);
    }
  });
});
