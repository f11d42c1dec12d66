// `npm run capture:dashboard`: the pictures of the dashboard that README and docs show, taken of a real server while a shop's queues
// are at work. Not a test: pictures change with the browser's fonts.

import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium, type Page } from "playwright-core";
import { Queue } from "../../src/client/index.ts";
import { setup, teardown } from "../node/builds.ts";
import { startOwnServer } from "./own-server.ts";
import { fillWithSampleData } from "./sample-data.ts";

const IMAGES = resolve(import.meta.dirname, "../../docs/images");
const WIDE = { width: 1_280, height: 720 };
const PHONE = { width: 380, height: 720 };
/** How long the queues are watched before a picture, so that its charts show something. */
const WATCHED_MS = 150_000;

/** Work comes in waves and is done at a steady pace; a few tasks fail. */
async function work(url: string, signal: AbortSignal): Promise<void> {
  const queue = new Queue("emails", { url });
  for (let second = 0; !signal.aborted; second += 1) {
    const arriving = Math.round(14 + 12 * Math.sin(second / 9));
    await queue.enqueueBatch(Array.from({ length: arriving }, (_, at) => ({ payload: { mail: second * 100 + at } })));
    const held = await queue.claim({ max: 9 + (second % 7), claimant: `mailer-${1 + (second % 3)}.fra` });
    await sleep(600);
    for (const [at, task] of held.entries()) {
      const isBad = second % 25 === 20 && at === 0;
      await (isBad ? queue.nack(task, { dead: true, error: `SmtpError: 550 mailbox unavailable` }) : queue.ack(task));
    }
  }
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${IMAGES}/${name}.png` });
  console.log(`docs/images/${name}.png`);
}

await setup();
const server = await startOwnServer();
const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const stopped = new AbortController();
try {
  await mkdir(IMAGES, { recursive: true });
  await fillWithSampleData(server.url);
  const working = work(server.url, stopped.signal);

  const light = await browser.newContext({ viewport: WIDE, colorScheme: "light" });
  const overview = await light.newPage();
  await overview.goto(server.url);
  const queue = await light.newPage();
  await queue.goto(`${server.url}/queues/emails`);
  const dark = await browser.newContext({ viewport: WIDE, colorScheme: "dark" });
  const night = await dark.newPage();
  await night.goto(server.url);
  await sleep(WATCHED_MS);
  await take(overview, "dashboard-overview");
  await take(night, "dashboard-overview-dark");
  await take(queue, "dashboard-queue");

  const page = await light.newPage();
  await page.goto(`${server.url}/queues/payments-dead/tasks/capture-20417`);
  await page.getByText("It died in payments").waitFor();
  await take(page, "dashboard-task");
  await page.goto(`${server.url}/queues/image-resize/dead`);
  await page.getByText("11 dead letters").waitFor();
  await take(page, "dashboard-dead-letters");
  await page.goto(`${server.url}/queues/image-resize/tasks?find=${encodeURIComponent("state:dead error:memory")}`);
  await page.getByText("6 matches").waitFor();
  await page.getByLabel("Select all rows").click();
  await take(page, "dashboard-search");

  const phone = await browser.newContext({ viewport: PHONE, colorScheme: "dark", deviceScaleFactor: 2 });
  const small = await phone.newPage();
  await small.goto(server.url);
  await small.getByRole("link", { name: "image-resize", exact: true }).waitFor();
  await take(small, "dashboard-phone");
  stopped.abort();
  await working;
} finally {
  stopped.abort();
  await browser.close();
  await server.stop();
  await teardown();
}
