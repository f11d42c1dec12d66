// What an operator does on the page, done as a person would, and looked up on the server through the client.

import type { Locator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { TestServer } from "../node/test-server.ts";
import { axeViolations } from "./axe.ts";
import { CHROMIUM, NEEDS_CHROMIUM, openPage } from "./browser.ts";

const HOUR_MS = 3_600_000;

function button(within: Page | Locator, name: string | RegExp): Locator {
  return within.getByRole("button", { name, ...(typeof name === "string" ? { exact: true } : {}) });
}

async function killed(queue: Queue, ids: readonly string[], error: string): Promise<void> {
  await queue.enqueueBatch(ids.map((id) => ({ id, payload: { id } })));
  for (const task of await queue.claim({ max: ids.length })) await queue.nack(task, { error, dead: true });
}

describe.skipIf(CHROMIUM === null)(`actions, ${NEEDS_CHROMIUM}`, () => {
  const server = serverForTests();
  let queues = 0;

  /** A queue of the test's own, and a page that is open on it. */
  async function opened(
    below: string,
    fill: (queue: Queue) => Promise<unknown>,
  ): Promise<{ queue: Queue; page: Page }> {
    queues += 1;
    const queue = new Queue(`actions-${queues}`, { url: server.url });
    await fill(queue);
    const { page } = await openPage();
    await page.goto(`${server.url}/queues/${queue.name}${below}`);
    return { queue, page };
  }

  test("a task is enqueued from the form, and its page opens", async () => {
    const { queue, page } = await opened("/enqueue", (made) => made.enqueue(1, { id: "other" }));
    await page.getByLabel("Payload").fill('{"total": 12.5}');
    await page.getByLabel("Id", { exact: true }).fill("order-1");
    await page.getByLabel("Priority").fill("7");
    await page.getByLabel("Headers").fill("trace: abc");
    await button(page, "Enqueue").click();
    await page.getByRole("heading", { name: "order-1", level: 1 }).waitFor();
    expect(await queue.get("order-1")).toMatchObject({
      payload: { total: 12.5 },
      priority: 7,
      headers: { trace: "abc" },
    });
  });

  test("who has no queue yet has a task after one click", async () => {
    const fresh = await TestServer.start();
    try {
      const { page } = await openPage();
      await page.goto(fresh.url);
      await page.getByRole("heading", { name: "There are no queues yet" }).waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await button(page, "Enqueue “hello”").click();
      await page.getByText("It is ready").waitFor();
      const { tasks } = await new Queue("hello", { url: fresh.url }).browse();
      expect(tasks).toMatchObject([{ payload: "hello", state: "ready" }]);
    } finally {
      await fresh.stop();
    }
  });

  test("a dead task is redriven with a change, from its group of dead letters", async () => {
    const { queue, page } = await opened("/dead", (made) => killed(made, ["a"], "cannot be read"));
    await page.getByText("Tasks and the error in full").click();
    await page.getByRole("link", { name: "change and redrive" }).click();
    await page.getByRole("heading", { name: "Change and redrive a", level: 1 }).waitFor();
    await page.getByLabel("Payload").fill('{"id": "mended"}');
    await button(page, "Redrive with these changes").click();
    await page.getByText("a is redriven, changed.").waitFor();
    expect(await queue.get("a")).toMatchObject({ state: "ready", payload: { id: "mended" }, attempts: 0 });
  });

  test("a payload that would not survive is reported beside its field, and nothing is sent", async () => {
    const { queue, page } = await opened("/enqueue", (made) => made.enqueue(1));
    await page.getByLabel("Payload").fill('{"id": 12345678901234567890}');
    await button(page, "Enqueue").click();
    await page.getByText("12345678901234567890 does not survive as a JSON number").waitFor();
    await page.getByLabel("Payload").fill("{");
    await button(page, "Enqueue").click();
    await page.getByText("This is not JSON").waitFor();
    await page.getByLabel("Payload").fill("1");
    await page.getByLabel("Priority").fill("101");
    await button(page, "Enqueue").click();
    await page.getByRole("alert").getByText("priority").waitFor();
    expect((await queue.stats()).ready).toBe(1);
  });

  test("a clone begins with what it is cloned from", async () => {
    const { queue, page } = await opened("/tasks/first", (made) =>
      made.enqueue({ city: "Ghent" }, { id: "first", headers: { trace: "abc" } }),
    );
    await page.getByRole("link", { name: "Clone" }).click();
    await page.getByLabel("Payload").fill('{"city": "Turku"}');
    await page.getByLabel("Id", { exact: true }).fill("second");
    await button(page, "Enqueue").click();
    await page.getByRole("heading", { name: "second", level: 1 }).waitFor();
    expect(await queue.get("second")).toMatchObject({ payload: { city: "Turku" }, headers: { trace: "abc" } });
    expect(await queue.get("first")).toMatchObject({ payload: { city: "Ghent" } });
  });

  test("an edit of a task that has moved on is refused, and what was typed stays", async () => {
    const { queue, page } = await opened("/tasks/a/edit", (made) => made.enqueue({ n: 1 }, { id: "a" }));
    await page.getByLabel("Payload").fill('{"n": 2}');
    await queue.change("a", 1, { payload: { n: 3 } });
    await button(page, "Save").click();
    await page.getByRole("alert").waitFor();
    expect(await page.getByLabel("Payload").inputValue()).toBe('{"n": 2}');
    expect(await queue.get("a")).toMatchObject({ payload: { n: 3 } });
    await page.reload();
    await page.getByLabel("Payload").fill('{"n": 4}');
    await button(page, "Save").click();
    await page.getByText("a is changed.").waitFor();
    expect(await queue.get("a")).toMatchObject({ payload: { n: 4 } });
  });

  test("a delayed task is retried now, snoozed, and cancelled", async () => {
    const { queue, page } = await opened("/tasks/a", (made) => made.enqueue(1, { id: "a", delayMs: HOUR_MS }));
    await button(page, "Retry now").click();
    await button(page.getByRole("dialog"), "Retry a").click();
    await page.getByText("Retry: 1 task done").waitFor();
    expect(await queue.get("a")).toMatchObject({ state: "ready" });
    await button(page, "Snooze 1 day").click();
    await button(page.getByRole("dialog"), "Snooze a").click();
    await page.getByText("Snooze: 1 task done").waitFor();
    expect(await queue.get("a")).toMatchObject({ state: "delayed" });
    await button(page, "Cancel").click();
    await button(page.getByRole("dialog"), "Cancel a").click();
    await page.getByText("This task is not here any more").waitFor();
    expect(await queue.get("a")).toBeNull();
  });

  test("a claimed task is cancelled, and its consumer finds it gone", async () => {
    const { queue, page } = await opened("/tasks/a", (made) => made.enqueue(1, { id: "a" }));
    const [task] = await queue.claim({ claimant: "host-1" });
    await page.getByText("It is running: host-1 holds it").waitFor();
    await button(page, "Cancel").click();
    await button(page.getByRole("dialog"), "Cancel a").click();
    await page.getByText("This task is not here any more").waitFor();
    await expect(queue.ack(task?.claim ?? "")).rejects.toMatchObject({ code: "task-not-found" });
  });

  test("a claim is taken from its holder", async () => {
    const { queue, page } = await opened("/tasks/a", (made) => made.enqueue(1, { id: "a" }));
    const [task] = await queue.claim({ claimant: "host-1" });
    await page.getByText("It is running: host-1 holds it").waitFor();
    await button(page, "Release").click();
    await button(page.getByRole("dialog"), "Release a").click();
    await page.getByText("Release: 1 task done").waitFor();
    expect(await queue.get("a")).toMatchObject({ state: "ready", attempts: 0 });
    await expect(queue.ack(task?.claim ?? "")).rejects.toMatchObject({ code: "claim-lost" });
  });

  test("a search that names an unknown qualifier says so", async () => {
    const { page } = await opened("/tasks?find=sate%3Adead", (made) => made.enqueue(1));
    const told = page.getByText('given "sate:dead"').first();
    await told.waitFor();
    expect(await told.innerText()).toContain("allowed: one of state");
  });

  test("rows are selected from one box to another, and the question says how many and which", async () => {
    const { queue, page } = await opened("/tasks?state=ready", (made) =>
      made.enqueueBatch(Array.from({ length: 12 }, (_, at) => ({ id: `t-${at}`, payload: at }))),
    );
    await page.getByLabel("Select t-2", { exact: true }).click();
    await page.getByLabel("Select t-8", { exact: true }).click({ modifiers: ["Shift"] });
    await page.getByText("7 tasks selected").waitFor();
    await button(page, "Snooze 1 h").click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.getByRole("listitem").allInnerTexts()).toEqual([
      "t-2 2",
      "t-3 3",
      "t-4 4",
      "t-5 5",
      "t-6 6",
      "and 2 more",
    ]);
    expect(await axeViolations(page)).toEqual([]);
    await button(dialog, "Snooze 7 tasks").click();
    await page.getByText("Snooze: 7 tasks done").waitFor();
    expect(await queue.stats()).toMatchObject({ ready: 5, delayed: 7 });
  });

  test("all that match are cancelled, and only they, once the queue's name is typed", async () => {
    const { queue, page } = await opened("/tasks?find=payload.city%3AGhent", (made) =>
      made.enqueueBatch(
        Array.from({ length: 300 }, (_, at) => ({ payload: { at, city: at % 3 === 0 ? "Ghent" : "Turku" } })),
      ),
    );
    await page.getByText("All that match").click();
    await button(page, "Cancel: all").click();
    const dialog = page.getByRole("dialog");
    expect(await button(dialog, "Cancel 100 tasks").isDisabled()).toBe(true);
    await dialog.getByRole("textbox").fill("actions");
    expect(await button(dialog, "Cancel 100 tasks").isDisabled()).toBe(true);
    await dialog.getByRole("textbox").fill(queue.name);
    await button(dialog, "Cancel 100 tasks").click();
    await page.getByText("Cancel: 100 tasks done").waitFor();
    expect((await queue.stats()).ready).toBe(200);
    await page.getByText("No task matches").waitFor();
  });

  test("a refusal of one task does not stop the others, and is reported", async () => {
    const { queue, page } = await opened("/tasks?state=ready", (made) =>
      made.enqueueBatch(["a", "b", "c"].map((id) => ({ id, payload: id }))),
    );
    await page.getByLabel("Select all rows").click();
    await queue.change("b", 1, { payload: "moved on" });
    await button(page, "Snooze 1 h").click();
    await button(page.getByRole("dialog"), "Snooze 3 tasks").click();
    await page.getByText("Snooze: 2 tasks done; 1 refused").waitFor();
    expect(await queue.stats()).toMatchObject({ ready: 1, delayed: 2 });
  });

  test("dead letters are together by their error, and a group is redriven", async () => {
    const { queue, page } = await opened("/dead", async (made) => {
      await killed(made, ["a-1", "a-2", "a-3"], "Timeout after 1500 ms");
      await killed(made, ["b-1"], "Timeout after 20 ms");
      await killed(made, ["c-1"], "Out of memory");
    });
    await page.getByText("5 dead letters in 2 groups").waitFor();
    await button(page, "Redrive 4").click();
    await button(page.getByRole("dialog"), "Redrive 4 tasks").click();
    await page.getByText("Redrive: 4 tasks done").waitFor();
    expect(await queue.stats()).toMatchObject({ ready: 4, dead: 1 });
    await page.getByText("1 dead letter in 1 group").waitFor();
  });

  test("a dead letter goes back to the queue where it died", async () => {
    const { queue, page } = await opened("-dead/dead", async (made) => {
      await made.configure({ deadLetterQueue: `${made.name}-dead` });
      await killed(made, ["a"], "Timeout");
      await expect
        .poll(async () => (await new Queue(`${made.name}-dead`, { url: server.url }).get("a"))?.id, { timeout: 20_000 })
        .toBe("a");
    });
    await button(page, "Redrive 1").click();
    await button(page.getByRole("dialog"), "Redrive a").click();
    await page.getByText("No dead letters").waitFor();
    await expect.poll(async () => (await queue.get("a"))?.state, { timeout: 20_000 }).toBe("ready");
  });

  test("all dead tasks of a queue are redriven from its page", async () => {
    const { queue, page } = await opened("", (made) => killed(made, ["a", "b"], "Timeout"));
    await button(page, "Redrive all dead").click();
    await page.getByRole("heading", { name: "Redrive 2 dead tasks?" }).waitFor();
    await button(page.getByRole("dialog"), "Redrive").click();
    await page.getByText("2 tasks redriven.").waitFor();
    expect(await queue.stats()).toMatchObject({ ready: 2, dead: 0 });
  });

  test("pausing is undone by one button", async () => {
    const { queue, page } = await opened("", (made) => made.enqueue(1));
    await button(page, "Pause").click();
    await page.getByText("is paused: nothing is offered").waitFor();
    expect(await queue.settings()).toMatchObject({ paused: true });
    await page.getByText("Paused with 1 task ready").waitFor();
    await button(page, "Undo").click();
    await page.getByText("offers tasks again").waitFor();
    expect(await queue.settings()).toMatchObject({ paused: false });
  });

  test("settings show what will change before it is saved, and an undo after it", async () => {
    const { queue, page } = await opened("/settings", (made) => made.enqueue(1));
    await page.getByLabel("Claim timeout").fill("60000");
    await page.getByLabel("Retention").fill("");
    await page.getByLabel("Jitter").fill("0.5");
    await page.getByLabel("Rate of the queue").fill("10");
    await page.getByLabel("Waiting claims").fill("20");
    await page.getByLabel("When it is used up").selectOption("slow");
    expect(await page.locator(".diff li").allInnerTexts()).toEqual([
      "Claim timeout: 30,000 ms (30 s) 60,000 ms (1 min)",
      "Jitter: 0.2 0.5",
      "Retention: 1,209,600,000 ms (14 d) for ever",
      "Rate of the queue: any number 10",
      "Waiting claims: what holds for every queue 20",
      "When it is used up: a line in the log one enqueue and one claim a second",
    ]);
    await button(page, "Save 6 changes").click();
    await page.getByText("Saved 6 changes").waitFor();
    expect(await queue.settings()).toMatchObject({
      claimTimeoutMs: 60_000,
      retentionMs: null,
      backoff: { jitter: 0.5 },
      rate: { limit: 10, periodMs: 1_000, burst: 1 },
      limits: { parkedClaims: 20 },
      budget: { onReach: "slow" },
    });
    await button(page, "Undo").click();
    await expect
      .poll(() => queue.settings(), { timeout: 20_000 })
      .toMatchObject({ claimTimeoutMs: 30_000, backoff: { jitter: 0.2 }, rate: null, limits: { parkedClaims: null } });
  });

  test("a queue's page says what it costs, and its budget is set from there", async () => {
    const { queue, page } = await opened("", (made) => made.enqueueBatch([{ payload: 1 }, { payload: 2 }]));
    const cost = page.getByRole("region", { name: "Cost" });
    await cost.getByText("It has no budget").waitFor();
    expect(await cost.locator("dt").allInnerTexts()).toEqual(["This hour", "Today", "This month", "Whole month"]);
    await cost.getByRole("link", { name: "Set a budget" }).click();
    const rows = page.getByLabel("Rows an hour");
    await rows.and(page.locator(":focus")).waitFor();
    await page.keyboard.type("1000000");
    await page.getByLabel("When it is used up").selectOption("stop-enqueue");
    await button(page, "Save 2 changes").click();
    await page.getByText("Saved 2 changes").waitFor();
    expect((await queue.settings()).budget).toEqual({
      rowsPerHour: 1_000_000,
      usdPerDay: null,
      onReach: "stop-enqueue",
    });
    await page.goBack();
    await cost.getByText("0% of 1,000,000 rows an hour").waitFor();
    await cost.getByText("When it is used up: nothing is enqueued.").waitFor();
  });

  test("a setting out of its range is reported beside it and cannot be saved", async () => {
    const { page } = await opened("/settings", (made) => made.enqueue(1));
    await page.getByLabel("Attempts").fill("0");
    await page.getByText("A whole number from 1 to 1,000.").waitFor();
    expect(await button(page, "Save 1 change").isDisabled()).toBe(true);
  });

  test("a purge counts what it deletes and asks for the name", async () => {
    const { queue, page } = await opened("/settings", (made) => made.enqueueBatch([{ payload: 1 }, { payload: 2 }]));
    await button(page, "Purge the queue…").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("2 ready, 0 delayed, 0 claimed, 0 dead").waitFor();
    expect(await button(dialog, "Purge 2 tasks").isDisabled()).toBe(true);
    await page.keyboard.press("Escape");
    expect((await queue.stats()).ready).toBe(2);
    await button(page, "Purge the queue…").click();
    await dialog.getByRole("textbox").fill(queue.name);
    await button(dialog, "Purge 2 tasks").click();
    await page.getByText("2 tasks deleted.").waitFor();
    expect((await queue.stats()).ready).toBe(0);
  });

  test("a queue is deleted once its name is typed, and the overview opens", async () => {
    const { queue, page } = await opened("/settings", (made) => made.enqueue(1));
    await button(page, "Delete the queue…").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").fill(queue.name);
    await button(dialog, "Delete the queue").click();
    await page.waitForURL(`${server.url}/`);
    await expect(queue.stats()).rejects.toMatchObject({ code: "queue-not-found" });
  });
});
