// Every page of the dashboard on a real server in a real browser: it shows what is there, breaks no rule of accessibility, loads
// nothing from elsewhere and does not scroll sideways, in both themes, at 380 and 1,440 pixels.

import { beforeAll, describe, expect, test } from "vitest";
import { serverForTests } from "../node/server-for-tests.ts";
import { axeViolations, OF_COLOURS } from "./axe.ts";
import { CHROMIUM, NEEDS_CHROMIUM, openPage } from "./browser.ts";
import { fillWithSampleData } from "./sample-data.ts";

/** Each page with a text that it shows once it has loaded. */
const PAGES = [
  ["the overview", "/", "Paused with 23 tasks ready"],
  ["a queue", "/queues/image-resize", "of 2,000 rows an hour"],
  ["tasks", "/queues/image-resize/tasks", "resize-8800"],
  [
    "dead tasks with all columns",
    "/queues/image-resize/tasks?state=dead&columns=lane,priority,attempts,enqueued,when,claimant,origin,headers,error,payload",
    "DecodeError",
  ],
  ["a search", "/queues/emails/tasks?find=payload.locale%3Apt", "50 matches"],
  ["a task", "/queues/image-resize/tasks/resize-8800", "It is dead: attempt 1 failed"],
  ["a dead letter in hex", "/queues/payments-dead/tasks/capture-20417?view=hex", "It died in payments"],
  ["dead letters", "/queues/payments-dead/dead", "GatewayTimeout: upstream card-gateway"],
  ["keys", "/queues/tenant-jobs/keys", "as many as may be"],
  ["no keys", "/queues/emails/keys", "No task has a key"],
  ["a page past the last queue", "/?cursor=0~zzz", "No more queues"],
  ["a page past the last task", "/queues/partner-webhooks/tasks?cursor=9zzzzzzzzz", "No more tasks"],
  ["consumers", "/queues/emails/consumers", "mailer-1.fra"],
  ["the outbox", "/queues/emails/outbox", "Nothing is on its way"],
  ["settings", "/queues/payments/settings", "Rows an hour"],
  ["enqueue", "/queues/emails/enqueue", "Enqueue a task"],
  ["a clone", "/queues/image-resize/enqueue?from=resize-8800", "JSON; or any text"],
  ["an edit", "/queues/payments-dead/tasks/capture-20417/edit", "Edit capture-20417"],
  ["a change of a dead task", "/queues/image-resize/tasks/resize-8800/edit", "Redrive with these changes"],
  ["an empty queue", "/queues/audit-log/tasks", "The queue is empty"],
  ["a queue that is not there", "/queues/nothing", "There is no queue “nothing” yet"],
  ["a task that is not there", "/queues/emails/tasks/nothing", "This task is not here any more"],
  ["an address that is not there", "/queues/emails/nothing", "There is no page at this address"],
] as const;
/** Taken on without loading again: the style alone knows widths and themes. Each width is held to all rules once. */
const LOOKS = [
  ["light", 380, undefined],
  ["dark", 380, OF_COLOURS],
  ["dark", 1_440, undefined],
  ["light", 1_440, OF_COLOURS],
] as const;

describe.skipIf(CHROMIUM === null)(`every page, ${NEEDS_CHROMIUM}`, () => {
  const server = serverForTests();
  beforeAll(async () => {
    await fillWithSampleData(server.url);
  });

  test.each(PAGES)("%s", async (_name, path, text) => {
    const { page, failures } = await openPage();
    const elsewhere: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(server.url)) elsewhere.push(request.url());
    });

    await page.goto(server.url + path);
    await page.getByText(text).first().waitFor();

    for (const [colorScheme, width, rules] of LOOKS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const look = `${colorScheme} at ${width} pixels`;
      expect({ look, found: await axeViolations(page, rules) }).toEqual({ look, found: [] });
      const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      expect({ look, overflow: await page.evaluate(overflow) }).toEqual({ look, overflow: 0 });
    }
    expect(elsewhere).toEqual([]);
    expect(failures).toEqual([]);
  });
});
