// What a queue may hold against the person who looks at it: every text of a task is shown as the text that it is.

import { beforeAll, describe, expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { CHROMIUM, NEEDS_CHROMIUM, openPage } from "./browser.ts";

const MARKUP = `<img src=x onerror="window.broken=1"><script>window.broken=1</script>`;
/** Turns the direction of writing, which hides the end of a name. */
const TURNED = "invoice\u202Efdp.exe";

describe.skipIf(CHROMIUM === null)(`hostile tasks, ${NEEDS_CHROMIUM}`, () => {
  const server = serverForTests();
  let queue: Queue;
  beforeAll(async () => {
    queue = new Queue("hostile", { url: server.url });
    await queue.enqueueBatch([
      { id: "markup", payload: { [MARKUP]: [MARKUP], javascript: "javascript:window.broken=1" } },
      { id: "..%2f", payload: MARKUP },
      { id: "<b>bold</b>", payload: null },
      { id: "headers", payload: 1, headers: { "x-markup": MARKUP, traceparent: `00-${"a".repeat(32)}-${MARKUP}` } },
      { id: TURNED, payload: TURNED },
      { id: "deep", payload: JSON.parse(`${"[".repeat(97)}1${"]".repeat(97)}`) },
      { id: "long", payload: "x".repeat(900_000) },
      { id: "wide", payload: Array.from({ length: 100_000 }, (_, at) => at) },
      { id: "proto", payload: JSON.parse('{"__proto__":{"broken":1},"constructor":1}') },
      { id: "html", payload: MARKUP, contentType: "text/html" },
      { id: "bytes", payload: new Uint8Array([0, 255, 60, 98, 62]) },
      { id: "exact", payload: "[12345678901234567890, 1.10, 1e400]", contentType: "application/vnd.app+json" },
    ]);
    await queue.enqueue(1, { lane: "failing", id: "failed" });
    const [task] = await queue.claim({ lanes: ["failing"], claimant: MARKUP });
    if (task !== undefined) await queue.nack(task, { error: MARKUP, dead: true });
  });

  test.each([
    ["markup", MARKUP],
    ["headers", MARKUP],
    ["html", MARKUP],
    ["failed", MARKUP],
    ["..%2f", "<img src=x"],
    ["<b>bold</b>", "<b>bold</b>"],
    [TURNED, TURNED],
    ["proto", "__proto__"],
    ["bytes", "00 ff 3c 62 3e"],
    ["exact", "12345678901234567890"],
    ["exact", "1.10"],
    ["exact", "1e400"],
    ["long", "xxxxxxxxxx"],
    ["wide", "99,900 more"],
    ["deep", "deep"],
  ])("%s is shown as text on its page", async (id, text) => {
    const { page, failures } = await openPage();
    await page.goto(`${server.url}/queues/hostile/tasks/${encodeURIComponent(id)}`);
    await page.getByText(text).first().waitFor();
    expect(await page.evaluate("window.broken")).toBeUndefined();
    expect(await page.locator("main img, main script, main b:text('bold')").count()).toBe(0);
    expect(failures).toEqual([]);
  });

  test.each(["/tasks?columns=lane,claimant,headers,error,payload", "/dead", "/tasks?find=%3Cimg"])(
    "and in lists: %s",
    async (below) => {
      const { page, failures } = await openPage();
      await page.goto(`${server.url}/queues/hostile${below}`);
      await page.getByText("<img src").first().waitFor();
      expect(await page.evaluate("window.broken")).toBeUndefined();
      expect(await page.locator("main img, main script").count()).toBe(0);
      expect(failures).toEqual([]);
    },
  );

  test("and in an address", async () => {
    const { page, failures } = await openPage();
    await page.goto(
      `${server.url}/queues/hostile/tasks?find=${encodeURIComponent(`"${MARKUP}`)}&state=${MARKUP}&view=x`,
    );
    await page.getByText("looked at").waitFor();
    await page.goto(`${server.url}/queues/%E0%A4%A/tasks`);
    await page.goto(`${server.url}/queues/${encodeURIComponent(MARKUP)}`);
    await page.getByText("The server refused").waitFor();
    expect(await page.evaluate("window.broken")).toBeUndefined();
    expect(failures).toEqual([]);
  });
});
