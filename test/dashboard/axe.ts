// What axe finds wrong with a page, in a few words each.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The rules that another theme can break: the style changes nothing but colours between themes. */
export const OF_COLOURS = ["color-contrast", "link-in-text-block"] as const;

/**
 * The rules broken, each with the elements that break it. Empty: none.
 *
 * @param rules that are looked at; default: all
 */
export async function axeViolations(page: Page, rules?: readonly string[]): Promise<string[]> {
  // As a debugger would: the page's own policy allows no script but its own.
  if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(SOURCE);
  // What is loaded anew for rules of which one is not asked and one is about films takes as long as all rules.
  const options = { resultTypes: ["violations"], preload: false, ...(rules !== undefined && { runOnly: rules }) };
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}
