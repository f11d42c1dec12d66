// `npm run licences`: what this repository depends on, by licence, as the lockfile says. Fails for a licence that is not known to
// allow what a dependency is used for here. The published package depends on nothing.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../src/serve/command-error.ts";
import { runCommand } from "../src/serve/run-command.ts";
import { PROJECT_DIR } from "./worker-config.ts";

/** Permissive, or of tools whose code is in nothing that is built here. */
const ALLOWED =
  /^(MIT|MIT-0|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0|CC0-1\.0|CC-BY-4\.0|Python-2\.0|PSF-2\.0|Unlicense|WTFPL)$/;
/** Allowed for these alone, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "@img/sharp": "LGPL-3.0: the images of wrangler's local mode, linked by it, unchanged, and in nothing that is built",
  "axe-core": "MPL-2.0: run by the browser tests, unchanged, and in nothing that is built",
  lightningcss: "MPL-2.0: part of the test runner, unchanged, and in nothing that is built",
};

interface Locked {
  readonly version: string;
  readonly license?: string;
}

await runCommand(() => {
  const lock = JSON.parse(readFileSync(join(PROJECT_DIR, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const byLicence = new Map<string, Set<string>>();
  const refused: string[] = [];
  for (const [path, { version, license = "none" }] of Object.entries(lock.packages)) {
    if (path === "") continue;
    const name = path.replace(/^.*node_modules\//, "");
    byLicence.set(license, (byLicence.get(license) ?? new Set()).add(`${name}@${version}`));
    const isExcepted = Object.keys(EXCEPTIONS).some((each) => name === each || name.startsWith(`${each}-`));
    if (!isAllowed(license) && !isExcepted) refused.push(`${name} is under ${license}`);
  }
  for (const [licence, packages] of [...byLicence].toSorted()) {
    console.log(`${licence} (${packages.size})\n  ${[...packages].toSorted().join("\n  ")}`);
  }
  for (const [name, why] of Object.entries(EXCEPTIONS)) console.log(`${name}: ${why}`);
  if (refused.length > 0) throw new CommandError(refused.join("\nedgeq: "));
  return Promise.resolve(0);
});

/** An expression of SPDX: one of several, or all of them. */
function isAllowed(expression: string): boolean {
  const alternatives = expression.replaceAll(/[()]/g, "").split(" OR ");
  return alternatives.some((each) => each.split(" AND ").every((licence) => ALLOWED.test(licence.trim())));
}
