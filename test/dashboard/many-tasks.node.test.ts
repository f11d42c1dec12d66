// A queue of 100,000 tasks: the page holds a page of them and makes the rows of no more, and a search looks at so many and says so.

import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { CHROMIUM, NEEDS_CHROMIUM, openPage } from "./browser.ts";

const TASKS = 100_000;
/** Of a page of 50 tasks, with all that stands in its rows and around them. */
const ELEMENTS_OF_PAGE = 1_500;

/** How many elements the page makes while `act` runs. */
async function elementsMade(page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate(`
    made = 0;
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) if (node instanceof Element) made += 1 + node.querySelectorAll("*").length;
      }
    }).observe(document, { subtree: true, childList: true });
  `);
  await act();
  const made = await page.evaluate("made");
  expect(made).toBeGreaterThan(0);
  return made as number;
}

describe.skipIf(CHROMIUM === null)(`100,000 tasks, ${NEEDS_CHROMIUM}`, () => {
  const server = serverForTests();
  beforeAll(async () => {
    const queue = new Queue("many", { url: server.url, idempotent: false });
    for (let at = 0; at < TASKS; at += 1_000) {
      await queue.enqueueBatch(
        Array.from({ length: 1_000 }, (_, index) => ({
          payload: { order: at + index, city: index % 100 === 0 ? "Ghent" : "Turku", note: "left with the neighbour" },
        })),
      );
    }
  });

  test("paging and scrolling keep the page small", async () => {
    const { page } = await openPage();
    await page.goto(`${server.url}/queues/many/tasks`);
    await page.getByText("100K").first().waitFor();
    const made = await elementsMade(page, async () => {
      for (let times = 0; times < 5; times += 1) {
        const first = await page.locator("a.row-link").first().innerText();
        await page.mouse.wheel(0, 5_000);
        await page.getByRole("link", { name: "Next 50" }).click();
        await page.getByRole("link", { name: first, exact: true }).waitFor({ state: "detached" });
      }
    });
    await page.locator("a.row-link").first().waitFor();
    expect(await page.locator("tbody tr").count()).toBe(50);
    expect(made).toBeLessThan(5 * ELEMENTS_OF_PAGE);
  });

  test("a search looks at 10,000 tasks, says so, and goes on from there", async () => {
    const { page } = await openPage();
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(`${server.url}/queues/many/tasks`);
    await page.getByText("100K").first().waitFor();
    const made = await elementsMade(page, async () => {
      await page.keyboard.press("/");
      await page.keyboard.type("payload.city:nowhere");
      await page.keyboard.press("Enter");
      await page.getByText("looked at 10,000 of about 100,000").waitFor();
    });
    expect(requests.filter((url) => url.endsWith("/search"))).toHaveLength(1);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("looked at 20,000 of about 100,000").waitFor();
    expect(made).toBeLessThan(ELEMENTS_OF_PAGE);
  });

  test("a search that finds enough stops there", async () => {
    const { page } = await openPage();
    await page.goto(`${server.url}/queues/many/tasks?find=payload.city%3AGhent`);
    await page.getByText(/50 matches; looked at 4,9\d\d of about 100,000/).waitFor();
    expect(await page.locator("tbody tr").count()).toBe(50);
  });
});
