// Each example runs as its README says, and says itself whether all went right. Those to be copied are copied: beside each is
// the package as it would be installed, and nothing else of the project.

import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { TestServer } from "../node/test-server.ts";
import { packed, run, userEnvironment, type Packed } from "../package/packed.ts";

/** To be copied, with `npm start` against a server. */
const STANDALONE: Readonly<Record<string, RegExp>> = {
  "webhook-fan-in": /^deliveries: 402 accepted, 1 refused\ntable: 300 events, sum 14850, in \d+ batches$/m,
  "text-pipeline": /^failed attempts: \d+, dead: 1\nthe counts are those taken directly$/m,
  schedule: /^6 ticks, each once, none early$/m,
  "python-consumer": /^left: 0, dead: 1$/m,
};
/** From a checkout, with `npm run example:...`. */
const IN_CHECKOUT: Readonly<Record<string, RegExp>> = {
  "worker-to-worker": /^warehouse: \{"orders":20,"items":190\}$/m,
  "migrate-from-cloudflare-queues": /^the same$/m,
  pipeline: /^6 kills, \d+ calls not heard, 300 orders of \d+ cents\nthe count is exact at every stage$/m,
};
const EXAMPLES = join(PROJECT_DIR, "examples");
const QUIET = { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", CI: "true" };

let pack: Packed;

beforeAll(async () => {
  pack = await packed();
}, 120_000);
afterAll(() => pack.remove());

/** The example alone, with its dependencies: edgeq from the tarball, the others from where they are installed. */
async function copied(name: string): Promise<string> {
  const dir = join(pack.dir, name);
  await cp(join(EXAMPLES, name), dir, { recursive: true });
  const { dependencies = {}, devDependencies = {} } = JSON.parse(await readFile(join(dir, "package.json"), "utf8")) as {
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly devDependencies?: Readonly<Record<string, string>>;
  };
  const edgeq = join(dir, "node_modules/edgeq");
  await mkdir(edgeq, { recursive: true });
  await run("tar", ["xzf", pack.tarball, "-C", edgeq, "--strip-components=1"]);
  for (const dependency of Object.keys({ ...dependencies, ...devDependencies })) {
    if (dependency === "edgeq") continue;
    await mkdir(join(dir, "node_modules", dependency, ".."), { recursive: true });
    await symlink(join(PROJECT_DIR, "node_modules", dependency), join(dir, "node_modules", dependency));
  }
  return dir;
}

describe("an example to be copied", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  it.each(Object.entries(STANDALONE))("%s runs and ends well", async (name, says) => {
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

  it("is told in its log which compatibility flags it lacks", async () => {
    const path = join(dir, "wrangler.toml");
    const config = await readFile(path, "utf8");
    await writeFile(
      path,
      config.replace(/^compatibility_flags = .*$/m, 'compatibility_flags = ["enable_request_signal"]'),
    );
    const { stdout, stderr } = await bin("vitest", ["run"]);
    await writeFile(path, config);
    expect(stdout + stderr).toContain('edgeq: add "no_web_socket_compression" to compatibility_flags');
  });

  it("is deployed by a dry run", async () => {
    const { stdout } = await bin("wrangler", ["deploy", "--dry-run"]);
    expect(stdout).toContain("shop#OrdersConsumer");
    expect(stdout).toContain("--dry-run: exiting now.");
  });
});

describe("an example of the checkout", () => {
  it.each(Object.entries(IN_CHECKOUT))("%s runs and ends well", async (name, says) => {
    const { stdout } = await run("npm", ["run", "--silent", `example:${name}`], { cwd: PROJECT_DIR, timeout: 50_000 });
    expect(stdout).toMatch(says);
  });
});

it("the index has every example, and each its README", async () => {
  const index = await readFile(join(EXAMPLES, "README.md"), "utf8");
  const folders = (await readdir(EXAMPLES, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const { name } of folders) {
    expect(index).toContain(`(${name}/README.md)`);
    expect(await readFile(join(EXAMPLES, name, "README.md"), "utf8")).toMatch(/^# /);
  }
  const tested = [...Object.keys(STANDALONE), ...Object.keys(IN_CHECKOUT), "embedded", "deploy"];
  expect(folders.map(({ name }) => name).toSorted()).toEqual(tested.toSorted());
});
