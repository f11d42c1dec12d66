// The dashboard with the keyboard alone.

import { describe, expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { axeViolations } from "./axe.ts";
import { CHROMIUM, NEEDS_CHROMIUM, openPage } from "./browser.ts";

describe.skipIf(CHROMIUM === null)(`keyboard alone, ${NEEDS_CHROMIUM}`, () => {
  const server = serverForTests();

  test("from the overview to a task by search, rows and letters, and back", async () => {
    const queue = new Queue("orders", { url: server.url });
    await new Queue("other", { url: server.url }).enqueue(1);
    await queue.enqueueBatch(Array.from({ length: 5 }, (_, at) => ({ id: `t-${at}`, payload: { at } })));
    const { page } = await openPage();
    await page.goto(server.url);
    await page.getByRole("link", { name: "orders" }).waitFor();

    await page.keyboard.press("/");
    await page.keyboard.type("ord");
    await page.getByRole("link", { name: "other" }).waitFor({ state: "detached" });
    expect(page.url()).toBe(`${server.url}/?find=ord`);
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "orders", level: 1 }).waitFor();

    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.getByRole("link", { name: "t-4" }).waitFor();
    for (const key of ["j", "j", "j", "k", "x"]) await page.keyboard.press(key);
    await page.getByText("1 task selected").waitFor();
    expect(await page.getByLabel("Select t-1").isChecked()).toBe(true);
    await page.keyboard.press("/");
    await page.keyboard.type("payload.at:3");
    await page.keyboard.press("Enter");
    await page.getByText("1 match; looked at 5, which is all.").waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "t-3", level: 1 }).waitFor();

    await page.goBack();
    await page.getByText("1 match").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("o");
    await page.getByRole("link", { name: "other" }).waitFor();
    expect(page.url()).toBe(`${server.url}/`);
  });

  test("? shows the keys, and Escape closes them and gives the focus back", async () => {
    const { page } = await openPage();
    await page.goto(server.url);
    await page.getByRole("heading", { name: "Queues" }).waitFor({ state: "attached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog").getByText("Next and previous row").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  test("every letter of the sheet leads where it says", async () => {
    await new Queue("letters", { url: server.url }).enqueue(1);
    const { page } = await openPage();
    await page.goto(`${server.url}/queues/letters`);
    await page.getByRole("heading", { name: "letters", level: 1 }).waitFor();
    for (const [letter, below] of [
      ["t", "/tasks"],
      ["k", "/keys"],
      ["d", "/dead"],
      ["c", "/consumers"],
      ["b", "/outbox"],
      ["s", "/settings"],
      ["q", ""],
    ] as const) {
      await page.keyboard.press("g");
      await page.keyboard.press(letter);
      await page.waitForURL(`${server.url}/queues/letters${below}`);
    }
    await page.keyboard.press("n");
    await page.waitForURL(`${server.url}/queues/letters/enqueue`);
    await page.keyboard.press("p");
    await page.getByRole("button", { name: "Paused" }).waitFor();
    expect(await page.getByRole("button", { name: "Paused" }).getAttribute("aria-pressed")).toBe("true");
  });

  test("qualifiers are suggested while one types, and taken by the arrows and Tab", async () => {
    await new Queue("suggested", { url: server.url }).enqueue({ a: 1 });
    const { page } = await openPage();
    await page.goto(`${server.url}/queues/suggested`);
    await page.getByRole("heading", { name: "suggested", level: 1 }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("st");
    await page.getByRole("option", { name: "state:" }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await page.keyboard.type("ready pay");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.keyboard.type("a:1");
    await page.keyboard.press("Enter");
    await page.getByText("1 match").waitFor();
    expect(new URL(page.url()).searchParams.get("find")).toBe("state:ready payload.a:1");
  });

  test("the first stop of Tab skips to the content", async () => {
    const { page } = await openPage();
    await page.goto(server.url);
    await page.getByRole("heading", { name: "Queues" }).waitFor({ state: "attached" });
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("content");
  });
});
