// The page of a queue's keys: who floods the queue, what holds a key back, and what can be done to one key.

import type { Locator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { axeViolations } from "./axe.ts";
import { CHROMIUM, NEEDS_CHROMIUM, openPage } from "./browser.ts";

const HOUR_MS = 3_600_000;

function row(page: Page, key: string): Locator {
  return page.getByRole("row").filter({ has: page.getByRole("link", { name: key, exact: true }) });
}

describe.skipIf(CHROMIUM === null)(`keys, ${NEEDS_CHROMIUM}`, () => {
  const server = serverForTests();
  let queues = 0;

  async function opened(fill: (queue: Queue) => Promise<unknown>): Promise<{ queue: Queue; page: Page }> {
    queues += 1;
    const queue = new Queue(`keys-${queues}`, { url: server.url });
    await fill(queue);
    const { page } = await openPage();
    await page.goto(`${server.url}/queues/${queue.name}/keys`);
    return { queue, page };
  }

  test("the key with most tasks is first, what holds it back is shown, and its tasks are a click away", async () => {
    const { page } = await opened(async (queue) => {
      await queue.configure({ keys: { concurrency: 1 } });
      await queue.enqueueBatch([
        { key: "a few", payload: 1 },
        ...Array.from({ length: 12 }, () => ({ key: 'flood "x"', payload: 2 })),
        { key: "z", payload: 3 },
      ]);
      await queue.claim({ max: 2, claimTimeoutMs: HOUR_MS });
    });
    await row(page, 'flood "x"').getByText("1 task of it is claimed, as many as may be").waitFor();
    expect(await page.locator("a.row-link").allTextContents()).toEqual(['flood "x"', "z", "a few"]);
    await page.getByRole("link", { name: "held back" }).click();
    await row(page, "z").waitFor({ state: "detached" });
    await page.getByRole("link", { name: 'flood "x"', exact: true }).click();
    await page.getByText("12 matches").waitFor();
  });

  test("a key is paused and resumed, and the pause undone", async () => {
    const { queue, page } = await opened((made) => made.enqueue(1, { key: "acme" }));
    await page.getByRole("button", { name: "Pause acme" }).click();
    await row(page, "acme").getByText("It is paused").waitFor();
    expect(await queue.claim()).toEqual([]);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Pause acme" }).waitFor();
    expect(await queue.claim()).toHaveLength(1);
  });

  test("limits are set for one key with the keyboard alone, refused ones are reported, and the focus comes back", async () => {
    const { page } = await opened(async (queue) => {
      await queue.configure({ keys: { concurrency: 3 } });
      await queue.enqueue(1, { key: "acme" });
    });
    const limits = page.getByRole("button", { name: "Limits of acme" });
    await limits.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Claimed at one time").fill("0");
    await page.keyboard.press("Enter");
    await dialog.getByRole("alert").getByText("concurrency").waitFor();
    await dialog.getByLabel("Claimed at one time").fill("7");
    await dialog.getByLabel("Attempts in a period").fill("100");
    await page.keyboard.press("Enter");
    await dialog.getByRole("alert").getByText("A rate takes all three").waitFor();
    await dialog.getByLabel("The period").fill("60000");
    await dialog.getByLabel("Attempts at once").fill("10");
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await row(page, "acme").getByText("7 at one time, 100 in 1 min").waitFor();
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe("Limits of acme");
  });

  test("a key that a dead task blocks is unblocked", async () => {
    const { queue, page } = await opened(async (made) => {
      await made.configure({ keys: { order: "strict" }, maxAttempts: 1 });
      await made.enqueueBatch([
        { key: "acme", payload: 1 },
        { key: "acme", payload: 2 },
      ]);
      for (const task of await made.claim()) await made.nack(task, { error: "broken" });
    });
    await row(page, "acme").getByText("Blocked by 1 dead task").waitFor();
    await page.getByRole("button", { name: "Unblock acme" }).click();
    await page.getByText("1 dead task of acme left behind.").waitFor();
    expect(await queue.claim()).toHaveLength(1);
  });
});
