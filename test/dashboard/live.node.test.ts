// How the page stays fresh: what it asks for while it is looked at, nothing while it is not, and what it says when the server is
// gone.

import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { axeViolations } from "./axe.ts";
import { CHROMIUM, NEEDS_CHROMIUM, openProfile } from "./browser.ts";

/** Counts the requests of a page, all or those for one path. */
function counted(page: Page, path?: string): () => number {
  let requests = 0;
  page.on("request", (request) => {
    if (path === undefined || new URL(request.url()).pathname === path) requests += 1;
  });
  return () => requests;
}

/** For what a busy machine takes long for. */
const PATIENT = { timeout: 20_000 };

interface Sockets {
  /** Of each that the page has opened, whether it is closed. */
  readonly areClosed: () => boolean[];
  /** Moves the page's clock on by a minute. Real pings have no answer in a time that only that clock passes, so it waits for them. */
  readonly passAMinute: () => Promise<void>;
}

function socketsOf(page: Page): Sockets {
  const sockets: { readonly isClosed: () => boolean }[] = [];
  let unanswered = 0;
  page.on("websocket", (socket) => {
    sockets.push(socket);
    unanswered = 0;
    socket.on("framesent", ({ payload }) => (unanswered += payload === "ping" ? 1 : 0));
    socket.on("framereceived", ({ payload }) => (unanswered -= payload === "pong" ? 1 : 0));
  });
  return {
    areClosed: () => sockets.map((socket) => socket.isClosed()),
    passAMinute: async () => {
      for (let ten = 0; ten < 6; ten += 1) {
        await page.clock.runFor(10_000);
        await expect
          .poll(() => (sockets.every((socket) => socket.isClosed()) ? 0 : unanswered), PATIENT)
          .toBeLessThanOrEqual(0);
      }
      await page.evaluate("document.title");
    },
  };
}

async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  const state = isHidden ? "hidden" : "visible";
  await page.evaluate(`
    Object.defineProperty(document, "visibilityState", { value: "${state}", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  `);
}

describe.skipIf(CHROMIUM === null)(`live, ${NEEDS_CHROMIUM}`, () => {
  const server = serverForTests();
  let queue: Queue;
  beforeAll(async () => {
    queue = new Queue("orders", { url: server.url });
    await queue.enqueueBatch([{ id: "a", payload: 1 }]);
  });

  test("figures follow the queue; a list stands still and says what is new", async () => {
    const { page } = await openProfile();
    await page.goto(`${server.url}/queues/orders/tasks?state=ready`);
    await page.getByRole("link", { name: "a", exact: true }).waitFor();
    await queue.enqueueBatch([
      { id: "b", payload: 1 },
      { id: "c", payload: 1 },
    ]);
    await page.getByRole("button", { name: "2 new" }).waitFor();
    expect(await page.getByRole("link", { name: "b", exact: true }).count()).toBe(0);
    await page.getByRole("button", { name: "2 new" }).click();
    await page.getByRole("link", { name: "b", exact: true }).waitFor();
    expect(await page.getByRole("button", { name: "new" }).count()).toBe(0);
  });

  test("a queue tells the page how it is, which asks only when something has changed; hidden or paused it asks nothing", async () => {
    const { page } = await openProfile();
    await page.clock.install();
    const requests = counted(page);
    const { areClosed, passAMinute } = socketsOf(page);
    await page.goto(`${server.url}/queues/orders`);
    await page.getByRole("heading", { name: "orders" }).waitFor();
    const readyIs = (count: number) => page.getByTitle(String(count), { exact: true }).first().waitFor();
    /** How often it asks in a minute of its clock, once what is under way has been answered. */
    const asksInAMinute = async (): Promise<number> => {
      await page.clock.runFor(4_000);
      await page.waitForLoadState("networkidle");
      const before = requests();
      await passAMinute();
      return requests() - before;
    };
    // What was loaded before the socket was open is asked for once more: the cost after two minutes.
    for (let minute = 0; minute < 3; minute += 1) await asksInAMinute();
    expect(await asksInAMinute()).toBe(0);

    const before = requests();
    await queue.enqueueBatch([{ payload: 1 }, { payload: 2 }]);
    const { ready } = await queue.stats();
    await expect
      .poll(async () => {
        await page.clock.runFor(2_000);
        return page.getByTitle(String(ready), { exact: true }).count();
      }, PATIENT)
      .toBeGreaterThanOrEqual(1);
    await readyIs(ready);
    // Its history.
    expect(requests() - before).toBeLessThanOrEqual(2);

    await setHidden(page, true);
    await expect.poll(areClosed, PATIENT).toEqual([true]);
    expect(await asksInAMinute()).toBe(0);
    await setHidden(page, false);
    await expect.poll(areClosed, PATIENT).toEqual([true, false]);

    await page.getByRole("button", { name: "Live" }).click();
    await expect.poll(areClosed, PATIENT).toEqual([true, true]);
    expect(await asksInAMinute()).toBe(0);
  });

  test("the overview is notified that something has changed, and asks for it then; its ages go on meanwhile", async () => {
    const { page } = await openProfile();
    await page.clock.install();
    const asked = counted(page, "/v1/overview");
    const { areClosed, passAMinute } = socketsOf(page);
    await page.goto(server.url);
    await page.getByRole("link", { name: "orders" }).waitFor();
    await page.clock.runFor(6_000);
    await page.waitForLoadState("networkidle");
    // The server reports in its own time, and its clock goes on beside the page's: what it says late is asked for first.
    const asksInAMinute = async (): Promise<number> => {
      const before = asked();
      await passAMinute();
      return asked() - before;
    };
    await expect.poll(asksInAMinute, { timeout: 100_000 }).toBe(0);
    await page
      .getByText(/^\d+ min \d+ s$/)
      .first()
      .waitFor();

    await new Queue("another", { url: server.url }).enqueue(1);
    await expect
      .poll(async () => {
        await page.clock.runFor(1_000);
        return page.getByRole("link", { name: "another" }).count();
      }, PATIENT)
      .toBe(1);
    await setHidden(page, true);
    await expect.poll(areClosed, PATIENT).toEqual([true]);
  });

  test("where no socket can be had the page asks once in two seconds, for history in ten", async () => {
    const { page } = await openProfile();
    await page.routeWebSocket(/\/socket$/, (socket) => socket.close());
    await page.clock.install();
    const stats = counted(page, "/v1/queues/orders");
    const history = counted(page, "/v1/queues/orders/history");
    await page.goto(`${server.url}/queues/orders`);
    await page.getByRole("heading", { name: "orders" }).waitFor();
    /** Moves the page's clock on until it has asked five times more; how many seconds that took. */
    const secondsForFive = async (): Promise<number> => {
      const before = stats();
      let seconds = 0;
      await expect
        .poll(
          async () => {
            await page.clock.runFor(1_000);
            seconds += 1;
            return stats() - before;
          },
          { timeout: 20_000 },
        )
        .toBeGreaterThanOrEqual(5);
      return seconds;
    };
    // The first is asked as soon as the page knows the queue.
    await expect.poll(history).toBeGreaterThanOrEqual(1);
    const historyBefore = history();
    const seconds = await secondsForFive();
    expect(seconds).toBeGreaterThanOrEqual(8);
    expect(history() - historyBefore).toBeLessThanOrEqual(Math.ceil(seconds / 10));
  });

  test("a page that nobody has touched for a quarter of an hour asks rarely, until somebody does", async () => {
    const { page } = await openProfile();
    await page.clock.install();
    const requests = counted(page);
    await page.goto(`${server.url}/queues/orders`);
    await page.getByRole("heading", { name: "orders" }).waitFor();
    await page.clock.runFor(15 * 60_000 + 2_000);
    await page.waitForLoadState("networkidle");
    await page.clock.runFor(2_000);
    await page.getByRole("button", { name: "Slow" }).waitFor();
    const before = requests();
    await page.clock.runFor(190_000);
    expect(requests() - before).toBeLessThanOrEqual(2);
    await page.mouse.move(200, 300);
    await page.getByRole("button", { name: "Live" }).waitFor();
    await expect.poll(() => requests() - before, { timeout: 20_000 }).toBeGreaterThanOrEqual(1);
  });

  test("a server that is gone is reported, what was known stays, and it goes on when the server is back", async () => {
    const { page } = await openProfile();
    await page.goto(`${server.url}/queues/orders`);
    await page.getByRole("heading", { name: "orders" }).waitFor();
    await server.crash(async () => {
      await page.getByRole("alert").getByText("The server has not answered since").waitFor();
      await page.getByRole("heading", { name: "orders" }).waitFor();
      await page.getByRole("button", { name: "Offline" }).waitFor();
      await page.getByRole("button", { name: "Pause", exact: true }).click();
      await page.getByText("may or may not have been done").waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await page.getByRole("link", { name: "Dead letters" }).click();
      await page.getByText("The server does not answer", { exact: true }).waitFor();
    });
    await page.getByText("No dead letters").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });
});
