// The attempts at a task on its page: each with its wait, claimant, duration and error, also after it has died into another queue.

import { describe, expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { axeViolations } from "./axe.ts";
import { CHROMIUM, NEEDS_CHROMIUM, openPage } from "./browser.ts";

async function fail(queue: Queue, claimant: string, error: string): Promise<void> {
  const [task] = await queue.claim({ claimant });
  if (task === undefined) throw new Error("expected a ready task");
  await queue.nack(task, { error, delayMs: 0 });
}

describe.skipIf(CHROMIUM === null)(`attempts, ${NEEDS_CHROMIUM}`, () => {
  const server = serverForTests();

  test("a task's page lists its attempts, the one under way first, then the latest", async () => {
    const queue = new Queue("tried", { url: server.url });
    await queue.enqueue(1, { id: "order-1" });
    await fail(queue, "worker-1", "no stock");
    await fail(queue, "worker-2", "no answer");
    await queue.claim({ claimant: "worker-3" });
    const { page, failures } = await openPage();
    await page.goto(`${server.url}/queues/tried/tasks/order-1`);
    const rows = page.locator("table.attempts tbody tr");
    await rows.nth(2).waitFor();
    const texts = await rows.allInnerTexts();
    expect(texts.map((text) => text.split("\t").map((cell) => cell.trim()))).toEqual(
      [
        ["3", "claimed", "worker-3", ""],
        ["2", "failed", "worker-2", "no answer"],
        ["1", "failed", "worker-1", "no stock"],
      ].map(([attempt, outcome, by, error]) => {
        const span = expect.stringMatching(/^\d+ (ms|s)/) as unknown;
        return [attempt, outcome, span, expect.stringMatching(/now|ago/) as unknown, span, by, error];
      }),
    );
    expect(await axeViolations(page)).toEqual([]);
    expect(failures).toEqual([]);
  });

  test("a dead letter's page says where its attempts were made", async () => {
    const [queue, dead] = [new Queue("dies", { url: server.url }), new Queue("dies-dead", { url: server.url })];
    await queue.configure({ maxAttempts: 1, deadLetterQueue: "dies-dead" });
    await queue.enqueue(1, { id: "order-2" });
    await fail(queue, "worker-1", "no stock");
    const [letter] = await dead.claim({ waitMs: 20_000 });
    if (letter === undefined) throw new Error("expected a dead letter");
    await dead.release(letter.id);
    const { page, failures } = await openPage();
    await page.goto(`${server.url}/queues/dies-dead/tasks/order-2`);
    const rows = page.locator("table.attempts tbody tr");
    await rows.nth(1).waitFor();
    expect(await rows.nth(0).innerText()).toMatch(/released\s/);
    expect(await rows.nth(1).innerText()).toMatch(/failed in dies\s.*no stock/s);
    expect(failures).toEqual([]);
  });

  test("a task at which no attempt has ended has no list of them", async () => {
    await new Queue("untried", { url: server.url }).enqueue(1, { id: "order-3" });
    const { page } = await openPage();
    await page.goto(`${server.url}/queues/untried/tasks/order-3`);
    await page.getByText("It is ready").first().waitFor();
    expect(await page.locator("table.attempts").count()).toBe(0);
  });
});
