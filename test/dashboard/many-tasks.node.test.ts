// A queue of 100,000 tasks: the page holds a page of them, a search looks at so many and says so, and no turn of the page's thread
// is long enough to be felt.

import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { CHROMIUM, NEEDS_CHROMIUM, openPage } from "./browser.ts";

const TASKS = 100_000;
/** A frame batch that is longer than this is felt. ms of the thread's own time, so that a busy machine does not count. */
const FELT_MS = 100;

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Time of the thread itself, in microseconds. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** The longest turn of the page's main thread while `act` runs, in ms of that thread's own time. */
async function longestTurn(page: Page, act: () => Promise<void>): Promise<number> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("the page has no browser");
  const path = join(tmpdir(), `edgeq-trace-${process.pid}.json`);
  await browser.startTracing(page, { path, categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
  await act();
  await browser.stopTracing();
  const { traceEvents } = JSON.parse(await readFile(path, "utf8")) as { readonly traceEvents: readonly TraceEvent[] };
  const threads = traceEvents.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const isMain = new Set(threads.map(({ pid, tid }) => `${pid} ${tid}`));
  const turns = traceEvents.filter(({ name, pid, tid }) => name === "RunTask" && isMain.has(`${pid} ${tid}`));
  expect(turns.length).toBeGreaterThan(10);
  return Math.max(...turns.map(({ tdur = 0 }) => tdur)) / 1_000;
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

  test("paging and scrolling keep the page small and quick", async () => {
    const { page } = await openPage();
    await page.goto(`${server.url}/queues/many/tasks`);
    await page.getByText("100K").first().waitFor();
    const longest = await longestTurn(page, async () => {
      for (let times = 0; times < 5; times += 1) {
        const first = await page.locator("a.row-link").first().innerText();
        await page.mouse.wheel(0, 5_000);
        await page.getByRole("link", { name: "Next 50" }).click();
        await page.getByRole("link", { name: first, exact: true }).waitFor({ state: "detached" });
      }
    });
    expect(await page.locator("tbody tr").count()).toBe(50);
    expect(longest).toBeLessThan(FELT_MS);
  });

  test("a search looks at 10,000 tasks, says so, goes on from there, and is quick on the way", async () => {
    const { page } = await openPage();
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(`${server.url}/queues/many/tasks`);
    await page.getByText("100K").first().waitFor();
    const longest = await longestTurn(page, async () => {
      await page.keyboard.press("/");
      await page.keyboard.type("payload.city:nowhere");
      await page.keyboard.press("Enter");
      await page.getByText("looked at 10,000 of about 100,000").waitFor();
    });
    expect(requests.filter((url) => url.endsWith("/search"))).toHaveLength(1);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("looked at 20,000 of about 100,000").waitFor();
    expect(longest).toBeLessThan(FELT_MS);
  });

  test("a search that finds enough stops there", async () => {
    const { page } = await openPage();
    await page.goto(`${server.url}/queues/many/tasks?find=payload.city%3AGhent`);
    await page.getByText(/50 matches; looked at 4,9\d\d of about 100,000/).waitFor();
    expect(await page.locator("tbody tr").count()).toBe(50);
  });
});
