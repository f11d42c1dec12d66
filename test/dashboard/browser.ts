// A real browser for the tests, driven by playwright-core: Debian's chromium, without its windows if that is installed, or another
// one that CHROMIUM names.

import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, onTestFinished } from "vitest";

/**
 * Where it is looked for, after the environment's word. The headless shell has no windows, tool bars and extensions: a page takes a
 * fifth of the processor time that it takes in the whole browser.
 */
const PATHS = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** null: there is none, and the tests that need it are skipped. */
export const CHROMIUM: string | null = process.env["CHROMIUM"] ?? PATHS.find((path) => existsSync(path)) ?? null;

/** Begins the name of every suite that needs the browser, so that a skipped one says how to have it. */
export const NEEDS_CHROMIUM =
  CHROMIUM === null ? "needs a browser (apt-get install chromium-headless-shell, or CHROMIUM=<path>)" : "in chromium";

const ARGS = [
  // A container's root has no sandbox to run it in; the pages are this repository's own.
  "--no-sandbox",
  "--disable-gpu",
  // Else one more process stands by for each page that is opened, and goes with it.
  "--renderer-process-limit=1",
];

let browser: Promise<Browser> | null = null;

function launched(): Promise<Browser> {
  browser ??= chromium.launch({ executablePath: CHROMIUM ?? "", args: ARGS });
  return browser;
}

afterAll(async () => {
  await (await browser)?.close();
});

export interface OpenedPage {
  readonly page: Page;
  /** What went wrong in the page so far: errors of its code, and what its policy forbade. */
  readonly failures: readonly string[];
}

const WIDE: BrowserContextOptions = { viewport: { width: 1_440, height: 900 } };

let profile: Promise<BrowserContext> | null = null;

function shared(): Promise<BrowserContext> {
  return (profile ??= launched().then((started) => started.newContext(WIDE)));
}

/**
 * A page, closed with the test, which leaves nothing in the profile that the pages of its file share: one of its own takes as much of the
 * processor as most pages do.
 */
export async function openPage(): Promise<OpenedPage> {
  const context = await shared();
  // The first page of a site starts a process, and the last one ends it.
  const stays = context.pages()[0] ?? (await context.newPage());
  const page = await context.newPage();
  onTestFinished(async () => {
    if (!page.isClosed() && page.url().startsWith("http")) {
      if (stays.url() === "about:blank") await stays.goto(new URL("/v1/nothing", page.url()).href);
      await page.evaluate("localStorage.clear()");
    }
    await page.close();
    await context.clearCookies();
  });
  return watched(page);
}

/** A page in a profile of its own, closed with the test: for one with a clock that the test moves, or another size. */
export async function openProfile(options: BrowserContextOptions = {}): Promise<OpenedPage> {
  const context = await (await launched()).newContext({ ...WIDE, ...options });
  onTestFinished(() => context.close());
  return watched(await context.newPage());
}

function watched(page: Page): OpenedPage {
  const failures: string[] = [];
  page.on("pageerror", (error) => failures.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      failures.push(message.text());
  });
  return { page, failures };
}
