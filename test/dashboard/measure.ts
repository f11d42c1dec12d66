// `npm run measure:dashboard`: how soon the overview shows its queues, what is sent for it, and how long the page's thread is busy, with
// few queues and with many. Not a test: the figures are those of the machine. `--queues 100,10000`: how many.

import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { chromium, type Browser, type Page } from "playwright-core";
import { request as get } from "node:http";
import { startOwnServer } from "./own-server.ts";

const ROUNDS = 7;
const MAKERS = 24;

interface Visit {
  /** From the first request until the rows have been painted. */
  readonly shownMs: number;
  /** The longest turn of the page's thread. */
  readonly longestMs: number;
  readonly bytes: number;
}

/** Made of one task each, by requests beside each other. */
async function makeQueues(url: string, count: number): Promise<void> {
  let next = 0;
  const make = async (): Promise<void> => {
    while (next < count) {
      const name = `queue-${String((next += 1)).padStart(6, "0")}`;
      const init = { method: "POST", body: `{"payload":1}`, headers: { "content-type": "application/json" } };
      const { status } = await fetch(`${url}/v1/queues/${name}/tasks`, init);
      if (status !== 201) throw new Error(`${name} was answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: MAKERS }, make));
  // Each registers after its commit.
  for (let last = ""; last !== `queue-${String(count).padStart(6, "0")}`;) {
    const page = await fetch(`${url}/v1/overview?find=${String(count).padStart(6, "0")}`);
    const { queues } = (await page.json()) as { queues: { name: string; report: unknown }[] };
    last = queues.find(({ report }) => report !== null)?.name ?? "";
  }
}

/** Over a connection of its own, so that nothing but the answer is measured. */
function answerOf(url: string): Promise<{ readonly ms: number; readonly body: Buffer }> {
  const begun = performance.now();
  return new Promise((fulfil, reject) => {
    const asked = get(url, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => fulfil({ ms: performance.now() - begun, body: Buffer.concat(parts) }));
    });
    asked.once("error", reject);
    asked.end();
  });
}

/** Runs in the page, before its own code: says when the first rows were painted. */
const WHEN_SHOWN = `
  window.shown = new Promise((fulfil) => {
    const look = () => document.querySelector("table.queues tbody tr") === null
      ? requestAnimationFrame(look)
      : requestAnimationFrame(() => fulfil(performance.now()));
    requestAnimationFrame(look);
  });
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
  }).observe({ type: "longtask", buffered: true });
`;

async function visit(page: Page, url: string): Promise<Visit> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await page.goto(url);
  const shownMs = await page.evaluate<number>("window.shown");
  await page.waitForLoadState("networkidle");
  const longestMs = await page.evaluate<number>("window.longest");
  await session.detach();
  return { shownMs, longestMs, bytes };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

async function measure(browser: Browser, count: number): Promise<void> {
  const server = await startOwnServer();
  try {
    await makeQueues(server.url, count);
    const say = (what: string, figures: string): void => console.log(`${count} queues, ${what}: ${figures}`);
    for (const path of ["/v1/overview?order=trouble&limit=100", "/v1/overview?order=trouble&limit=100&find=99"]) {
      const answers = [];
      for (let round = 0; round < ROUNDS; round += 1) answers.push(await answerOf(server.url + path));
      const [{ body } = { body: Buffer.of() }] = answers;
      const ms = median(answers.map((answer) => answer.ms)).toFixed(1);
      say(path, `${ms} ms, ${body.length} bytes, ${gzipSync(body).length} compressed`);
    }
    const first: Visit[] = [];
    const again: Visit[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
      const page = await context.newPage();
      await page.addInitScript(WHEN_SHOWN);
      first.push(await visit(page, server.url));
      again.push(await visit(page, server.url));
      await context.close();
    }
    for (const [what, visits] of [
      ["first visit", first],
      ["again", again],
    ] as const) {
      const of = (name: keyof Visit): string => median(visits.map((one) => one[name])).toFixed(0);
      say(what, `shown after ${of("shownMs")} ms, ${of("bytes")} bytes, longest turn ${of("longestMs")} ms`);
    }
  } finally {
    await server.stop();
  }
}

const { values } = parseArgs({ options: { queues: { type: "string", default: "100,10000" } } });
const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
try {
  for (const count of values.queues.split(",").map(Number)) await measure(browser, count);
} finally {
  await browser.close();
}
