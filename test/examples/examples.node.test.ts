// Each example runs as its README says, and says itself whether all went right. It is copied: beside it is the package as it
// would be installed, and nothing else of the project.

import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { layOut, packed, run, userEnvironment, type Packed } from "../package/packed.ts";
import { QUIET, runningWorkers } from "../package/running-workers.ts";

/** With `npm start` against a server. */
const AGAINST_A_SERVER: Readonly<Record<string, RegExp>> = {
  "webhook-fan-in": /^deliveries: 402 accepted, 1 refused\ntable: 300 events, sum 14850, in \d+ batches$/m,
  "per-tenant": /^100 tasks of 20 tenants were done beside \d+ of the flood's 1000$\nat most 2 tasks of a tenant/m,
  "text-pipeline": /^failed attempts: \d+, dead: 1\nthe counts are those taken directly$/m,
  schedule: /^[6-9] ticks, each once, none early$/m,
  "postgres-outbox":
    /^orders: 160 committed, 40 rolled back; 160 tasks sent\nshipped: 160, each once; 20 tasks came a second time$/m,
  tracing: /^3 traces; the mails' batch is linked to 3 of them$/m,
  "python-consumer": /^left: 0, dead: 1$/m,
};
/** With `npm start` beside what other scripts run, each at the address that the example takes from a variable. */
const AGAINST_WORKERS: readonly (readonly [name: string, says: RegExp, scripts: Readonly<Record<string, string>>])[] = [
  ["worker-to-worker", /^warehouse: \{"orders":20,"items":190\}$/m, { workers: "WORKERS_URL" }],
  ["migrate-from-cloudflare-queues", /^the same$/m, { before: "BEFORE_URL", after: "AFTER_URL" }],
];
const EXAMPLES = join(PROJECT_DIR, "examples");
let pack: Packed;

beforeAll(async () => {
  pack = await packed();
});
afterAll(() => pack.remove());

/** The example alone, with its dependencies: edgeq from the tarball, the others from where they are installed. */
async function copied(name: string): Promise<string> {
  const dir = join(pack.dir, name);
  await cp(join(EXAMPLES, name), dir, { recursive: true });
  const { dependencies = {}, devDependencies = {} } = JSON.parse(await readFile(join(dir, "package.json"), "utf8")) as {
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly devDependencies?: Readonly<Record<string, string>>;
  };
  const modules = await layOut(pack.tarball, dir);
  for (const dependency of Object.keys({ ...dependencies, ...devDependencies })) {
    if (dependency === "edgeq") continue;
    await mkdir(join(dir, "node_modules", dependency, ".."), { recursive: true });
    await symlink(join(PROJECT_DIR, "node_modules", dependency), join(dir, "node_modules", dependency));
  }
  // As npm links the programs of packages.
  await mkdir(join(dir, "node_modules/.bin"));
  await symlink(join(modules, "edgeq/dist/package/cli/main.js"), join(dir, "node_modules/.bin/edgeq"));
  await symlink(join(PROJECT_DIR, "node_modules/.bin/wrangler"), join(dir, "node_modules/.bin/wrangler"));
  return dir;
}

/** One of an example's scripts that run Workers, until the test is over. @returns the address, when it answers */
async function scriptOf(dir: string, script: string): Promise<string> {
  const path = join(dir, "package.json");
  const manifest = await readFile(path, "utf8");
  await writeFile(path, manifest.replace(new RegExp(`("${script}": "wrangler dev --port) \\d+`), "$1 0"));
  return (await runningWorkers(dir, ["npm", "run", script])).url;
}

describe("an example that needs a server", () => {
  const server = serverForTests();

  it.each(Object.entries(AGAINST_A_SERVER))("%s runs and ends well", async (name, says) => {
    const dir = await copied(name);
    const env = { ...userEnvironment(), EDGEQ_URL: server.url };
    const { stdout } = await run("npm", ["start", "--silent"], { cwd: dir, env, timeout: 50_000 });
    expect(stdout).toMatch(says);
  });
});

describe("the example to deploy", () => {
  it("is deployed by a dry run", async () => {
    const dir = await copied("deploy");
    const { stdout } = await run("npm", ["run", "deploy", "--", "--dry-run"], {
      cwd: dir,
      env: { ...userEnvironment(), ...QUIET, PATH: `${PROJECT_DIR}/node_modules/.bin:${process.env["PATH"]}` },
    });
    expect(stdout).toContain("env.QUEUE (QueueObject)");
    expect(stdout).toContain("--dry-run: exiting now.");
  });
});

describe("the embedded example", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await copied("embedded");
  });

  const bin = (name: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
    run(join(PROJECT_DIR, "node_modules/.bin", name), args, { cwd: dir, env: { ...userEnvironment(), ...QUIET } });

  it("typechecks", async () => {
    expect((await bin("tsc", [])).stdout).toBe("");
  });

  it("passes its own tests, in the Workers runtime", async () => {
    const { stdout, stderr } = await bin("vitest", ["run"]);
    expect(stdout).toMatch(/Tests .*2 passed/);
    expect(stdout + stderr).not.toContain("compatibility_flags");
  });

  it("is deployed by a dry run", async () => {
    const { stdout } = await bin("wrangler", ["deploy", "--dry-run"]);
    expect(stdout).toContain("shop#OrdersConsumer");
    expect(stdout).toContain("--dry-run: exiting now.");
  });
});

describe("an example that starts what it needs", () => {
  it.each(AGAINST_WORKERS)("%s runs and ends well", async (name, says, scripts) => {
    const dir = await copied(name);
    const env = { ...userEnvironment() };
    for (const [script, variable] of Object.entries(scripts)) env[variable] = await scriptOf(dir, script);
    const { stdout } = await run("npm", ["start", "--silent"], { cwd: dir, env, timeout: 50_000 });
    expect(stdout).toMatch(says);
  });

  it("pipeline counts exactly while its server is killed", async () => {
    const dir = await copied("pipeline");
    const { stdout } = await run("npm", ["start", "--silent"], { cwd: dir, env: userEnvironment(), timeout: 100_000 });
    expect(stdout).toMatch(/^3 kills, \d+ calls not heard, 150 orders of 80175 cents$/m);
    expect(stdout).toMatch(/^the count is exact at every stage$/m);
  });
});

it("the index has every example, and each its README", async () => {
  const index = await readFile(join(EXAMPLES, "README.md"), "utf8");
  const folders = (await readdir(EXAMPLES, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const { name } of folders) {
    expect(index).toContain(`(${name}/README.md)`);
    expect(await readFile(join(EXAMPLES, name, "README.md"), "utf8")).toMatch(/^# /);
  }
  const started = AGAINST_WORKERS.map(([name]) => name);
  const tested = [...Object.keys(AGAINST_A_SERVER), ...started, "pipeline", "embedded", "deploy"];
  expect(folders.map(({ name }) => name).toSorted()).toEqual(tested.toSorted());
});
