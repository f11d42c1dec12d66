// `npm run check:dependencies`: no dependency is deprecated, and none is of another major version than its `latest` tag,
// without a reason in dependency-exceptions.ts. Deprecations that npm wrote into the lockfiles are found without a network;
// the rest is asked of the registry, and left out, with a line that says so, when there is none.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { CommandError } from "../src/serve/command-error.ts";
import { runCommand } from "../src/serve/run-command.ts";
import { DEPENDENCY_EXCEPTIONS } from "./dependency-exceptions.ts";
import { PROJECT_DIR } from "./worker-config.ts";

/** The packages of the repository that have a lockfile. */
const FOLDERS = [".", "bench"];
/** npm starts a process for each question. */
const AT_A_TIME = 4;
/** With a name among them the answer is an object even where nothing else is there. */
const FIELDS = ["name", "deprecated", "dist-tags"];
const IMPATIENT = ["--fetch-retries=0", "--fetch-timeout=10000"];
/** What npm says, as JSON on its standard output, when there is no network or no answer. */
const UNREACHABLE =
  /"code": "(?:ECONN|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|E5\d\d)/;

interface Dependency {
  readonly name: string;
  readonly version: string;
}

interface Finding {
  readonly name: string;
  readonly what: string;
}

const run = promisify(execFile);

await runCommand(async () => {
  const findings = FOLDERS.flatMap(deprecatedInLock);
  const asked = await askRegistry(FOLDERS.flatMap(directDependencies));
  if (asked === null) console.log("The registry does not answer: only the lockfiles were checked for deprecations.");
  findings.push(...(asked ?? []));
  const bad = findings.filter(({ name }) => DEPENDENCY_EXCEPTIONS[name] === undefined);
  if (bad.length > 0) throw new CommandError(bad.map(({ name, what }) => `${name} ${what}`).join("\nedgeq: "));
  const found = new Set(findings.map(({ name }) => name));
  const stale = Object.keys(DEPENDENCY_EXCEPTIONS).filter((name) => !found.has(name));
  if (asked !== null && stale.length > 0)
    throw new CommandError(`dependency-exceptions.ts: no longer needed for ${stale.join(", ")}`);
  return 0;
});

function deprecatedInLock(folder: string): Finding[] {
  const { packages } = readJson(folder, "package-lock.json") as {
    packages: Record<string, { version?: string; deprecated?: string }>;
  };
  return Object.entries(packages).flatMap(([path, { version, deprecated }]) =>
    deprecated === undefined
      ? []
      : [{ name: path.replace(/^.*node_modules\//, ""), what: `${version} is deprecated: ${deprecated}` }],
  );
}

function directDependencies(folder: string): Dependency[] {
  const { dependencies = {}, devDependencies = {} } = readJson(folder, "package.json") as {
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
  };
  return Object.entries({ ...dependencies, ...devDependencies }).map(([name, version]) => ({ name, version }));
}

/** null: it does not answer. */
async function askRegistry(dependencies: readonly Dependency[]): Promise<Finding[] | null> {
  const left = [...new Map(dependencies.map((each) => [`${each.name}@${each.version}`, each])).values()];
  const findings: Finding[] = [];
  const ask = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) findings.push(...(await askAbout(next)));
  };
  try {
    await Promise.all(Array.from({ length: AT_A_TIME }, ask));
  } catch (error) {
    const { stdout = "" } = error as { stdout?: string };
    if (!UNREACHABLE.test(stdout)) throw error;
    return null;
  }
  return findings;
}

async function askAbout({ name, version }: Dependency): Promise<Finding[]> {
  const { stdout } = await run("npm", ["view", `${name}@${version}`, ...FIELDS, "--json", ...IMPATIENT]);
  const { deprecated, "dist-tags": tags } = JSON.parse(stdout) as {
    deprecated?: string;
    "dist-tags": { latest: string };
  };
  return [
    ...(deprecated === undefined ? [] : [{ name, what: `${version} is deprecated: ${deprecated}` }]),
    ...(majorOf(tags.latest) === majorOf(version) ? [] : [{ name, what: `${version}: \`latest\` is ${tags.latest}` }]),
  ];
}

function majorOf(version: string): string {
  return version.split(".")[0] ?? version;
}

function readJson(folder: string, file: string): unknown {
  return JSON.parse(readFileSync(join(PROJECT_DIR, folder, file), "utf8"));
}
