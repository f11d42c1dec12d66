// What axe finds wrong with a page, in a few words each.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The rules broken, each with the elements that break it. Empty: none. */
export async function axeViolations(page: Page): Promise<string[]> {
  // As a debugger would: the page's own policy allows no script but its own.
  if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(SOURCE);
  const { violations } = await page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}
