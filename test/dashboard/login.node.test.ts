// The dashboard of a server that asks for a token.

import { beforeAll, describe, expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { KEYS, tokenOf } from "../http/token-builder.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { TestServer } from "../node/test-server.ts";
import { axeViolations } from "./axe.ts";
import { CHROMIUM, NEEDS_CHROMIUM, openPage, openProfile, type OpenedPage } from "./browser.ts";

describe.skipIf(CHROMIUM === null)(`login, ${NEEDS_CHROMIUM}`, () => {
  const server = serverForTests({ EDGEQ_KEYS: KEYS });
  beforeAll(async () => {
    const queue = new Queue("orders", { url: server.url, token: await tokenOf() });
    await queue.enqueueBatch([{ id: "a", payload: 1 }]);
    for (const task of await queue.claim()) await queue.nack(task, { error: "Timeout", dead: true });
    await queue.enqueueBatch([{ id: "b", payload: 2 }]);
    await new Queue("keyed", { url: server.url, token: await tokenOf() }).enqueue(1, { key: "acme" });
  });

  async function loggedIn(path: string, token: string): Promise<OpenedPage> {
    const opened = await openPage();
    await opened.page.goto(server.url + path);
    await opened.page.getByLabel("Token").fill(token);
    await opened.page.getByRole("button", { name: "Log in" }).click();
    return opened;
  }

  test("a stranger sees the login and nothing else, in no theme against a rule", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page } = await openProfile({ colorScheme, viewport: { width: 380, height: 800 } });
      await page.goto(`${server.url}/queues/orders`);
      await page.getByLabel("Token").waitFor();
      expect(await page.getByText("orders").count()).toBe(0);
      expect(await axeViolations(page)).toEqual([]);
    }
  });

  test("a token that is not accepted is reported", async () => {
    const { page } = await loggedIn("/", await tokenOf({ secret: "another secret, of 32 bytes or more" }));
    await page.getByRole("alert").getByText("signature not valid").waitFor();
    expect(await page.context().cookies()).toEqual([]);
  });

  test("a good one opens the page that was asked for, and lies where no script and no address has it", async () => {
    const token = await tokenOf();
    const { page, failures } = await loggedIn("/queues/orders/tasks?state=dead", token);
    await page.getByRole("link", { name: "a", exact: true }).waitFor();
    expect(page.url()).toBe(`${server.url}/queues/orders/tasks?state=dead`);
    expect(
      await page.evaluate("document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"),
    ).not.toContain(token);
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ value: token, httpOnly: true, sameSite: "Strict" });
    await page.reload();
    await page.getByRole("link", { name: "a", exact: true }).waitFor();
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Token").waitFor();
    expect(await page.context().cookies()).toEqual([]);
    expect(failures).toEqual([]);
  });

  test("who may only look sees no buttons that do more", async () => {
    const { page } = await loggedIn("/", await tokenOf({ claims: { can: ["browse", "admin"] } }));
    await page.getByRole("link", { name: "orders" }).click();
    await page.getByText("1 dead task to look at").waitFor();
    const names = ["Enqueue", "Pause", "Redrive all dead"];
    for (const name of names) expect(await page.getByText(name, { exact: true }).count()).toBe(0);
    await page.goto(`${server.url}/queues/orders/tasks/a`);
    await page.getByText("It is dead").waitFor();
    for (const name of ["Clone", "Edit", "Redrive", "Cancel"]) {
      expect(await page.getByText(name, { exact: true }).count()).toBe(0);
    }
    await page.goto(`${server.url}/queues/orders/settings`);
    await page.getByLabel("Claim timeout").waitFor();
    expect(await page.getByLabel("Claim timeout").isDisabled()).toBe(true);
    expect(await page.getByText("Delete the queue").count()).toBe(0);
    expect(await page.getByText("It does not change them").count()).toBe(1);
    await page.goto(`${server.url}/queues/keyed/keys`);
    await page.getByRole("link", { name: "acme" }).waitFor();
    expect(await page.getByRole("button", { name: "Pause" }).count()).toBe(0);
    await page.goto(`${server.url}/queues/orders/tasks`);
    await page.getByRole("link", { name: "b", exact: true }).waitFor();
    expect(await page.getByRole("checkbox", { name: "Select" }).count()).toBe(0);
  });

  test("who may look at some queues sees those", async () => {
    const { page } = await loggedIn("/", await tokenOf({ claims: { can: ["browse"], queues: ["ord*"] } }));
    await page.getByRole("link", { name: "orders", exact: true }).waitFor();
    expect(await page.getByRole("row").count()).toBe(2);
    await page.goto(`${server.url}/queues/emails`);
    await page.getByText("Your token does not allow this").waitFor();
  });

  test("who may look at none opens one by its name, and learns what may be done there", async () => {
    const { page } = await loggedIn("/", await tokenOf({ claims: { can: ["enqueue"], queues: ["ord*"] } }));
    await page.getByText("Your token does not list queues").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByLabel("Queue", { exact: true }).fill("orders");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("Your token does not show this queue").waitFor();
    await page.getByRole("link", { name: "Enqueue a task" }).click();
    await page.getByRole("heading", { name: "Enqueue a task" }).waitFor();
  });

  test("a token that ends asks for another one, and the page is where it was", async () => {
    const { page } = await loggedIn("/queues/orders/tasks?state=dead", await tokenOf());
    await page.getByRole("link", { name: "a", exact: true }).waitFor();
    // What the server would say of an expired one, without the wait: the same cookie with a token that has ended.
    const [cookie] = await page.context().cookies();
    expect(cookie).toBeDefined();
    if (cookie === undefined) return;
    const ended = await tokenOf({ exp: Math.floor(Date.now() / 1_000) - 1 });
    await page.context().addCookies([{ ...cookie, value: ended }]);
    await page.keyboard.press("r");
    await page.getByRole("heading", { name: "Your token has ended" }).waitFor();
    await page.getByLabel("Token").fill(await tokenOf());
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("link", { name: "a", exact: true }).waitFor();
    expect(page.url()).toBe(`${server.url}/queues/orders/tasks?state=dead`);
  });
});

describe.skipIf(CHROMIUM === null)(`without a secret, ${NEEDS_CHROMIUM}`, () => {
  test("the page says that nobody is let in, and what its owner does about it", async () => {
    const server = await TestServer.start({});
    const { page } = await openPage();
    await page.goto(server.url);
    await page.getByRole("heading", { name: "Nobody is let in yet" }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await server.stop();
  });
});
