// The package as users get it: packed, unpacked in a folder where nothing else is, typechecked against, and run.

import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiPages } from "../../scripts/api-reference.ts";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { TestServer } from "../node/test-server.ts";
import { layOut, packed, run, type Packed } from "./packed.ts";

const resolveHere = createRequire(import.meta.url).resolve;

let dir: string;
let tarball: string;
let pack: Packed;

beforeAll(async () => {
  pack = await packed();
  ({ dir, tarball } = pack);
  await layOut(tarball, dir);
  await mkdir(join(dir, "node_modules/@types"));
  await symlink(join(PROJECT_DIR, "node_modules/@types/node"), join(dir, "node_modules/@types/node"));
  // For the adapter that docs/trace.md shows.
  await mkdir(join(dir, "node_modules/@opentelemetry"));
  await symlink(join(PROJECT_DIR, "node_modules/@opentelemetry/api"), join(dir, "node_modules/@opentelemetry/api"));
});
afterAll(() => pack.remove());

/** What the compiler says of these programs, each a module of its own; "": nothing. */
async function typecheck(programs: Readonly<Record<string, string>>, options: object): Promise<string> {
  const files = Object.keys(programs);
  for (const [file, program] of Object.entries(programs)) await writeFile(join(dir, file), program);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "ES2022",
    module: "nodenext",
    moduleDetection: "force",
    types: [],
    ...options,
  };
  const config = join(dir, `tsconfig.${files[0]}.json`);
  await writeFile(config, JSON.stringify({ compilerOptions, files }));
  const tsc = join(dirname(resolveHere("typescript/package.json")), "bin/tsc");
  return run(process.execPath, [tsc, "-p", config]).then(
    () => "",
    (error: { stdout: string }) => error.stdout,
  );
}

/** The programs that these pages show for their readers, each as a file that is named after its page. */
async function programsOf(pages: readonly string[]): Promise<Record<string, string>> {
  const programs: Record<string, string> = {};
  for (const page of pages) {
    const text = await readFile(join(PROJECT_DIR, "docs", `${page}.md`), "utf8");
    const shown = [...text.matchAll(/^```ts(?: run)?\n([\s\S]*?)^```/gm)];
    expect({ page, programs: shown.length }).not.toEqual({ page, programs: 0 });
    for (const [index, [, program = ""]] of shown.entries()) programs[`${basename(page)}-${index}.ts`] = program;
  }
  return programs;
}

const USER = `
import { consume, deadLetter, isProblem, Queue, QueueFullError, type ClaimedTask } from "edgeq";

interface Order { readonly item: string; readonly count: number }

const queue = new Queue<Order>("orders", { url: process.argv[2] ?? "" });
for (let count = 0; count < 10; count += 1) await queue.enqueue({ item: "pen", count });
let sum = 0;
const consumer = consume((task: ClaimedTask<Order>) => {
  if (task.payload.count === 9) throw deadLetter("nine");
  sum += task.payload.count;
}, { queue, concurrency: 3, waitMs: 1_000 });
let settled = 0;
await new Promise<void>((resolve) => {
  const one = (): void => { if ((settled += 1) === 10) resolve(); };
  consumer.on("acked", one);
  consumer.on("failed", one);
});
await consumer.stop();
const { ready, claimed, dead } = await queue.stats();
const error: unknown = await new Queue("none", { url: process.argv[2] ?? "" }).info().catch((caught: unknown) => caught);
if (isProblem(error, "queue-full")) throw new QueueFullError(error.problem, null);
console.log(JSON.stringify({ sum, ready, claimed, dead, error: error instanceof Error ? error.name : null }));
`;

/** What of a process the program above uses: the types of no runtime are at hand. */
const PROCESS = `declare const process: { argv: string[] };`;

const WORKER_OPTIONS = {
  lib: ["ESNext"],
  types: ["@cloudflare/workers-types"],
  module: "esnext",
  moduleResolution: "bundler",
};

describe("the packed package", () => {
  it("holds what it exports, its licence, and nothing of the tests, scripts and sources", async () => {
    const { stdout } = await run("tar", ["tzf", tarball]);
    const tops = new Set(
      stdout
        .trim()
        .split("\n")
        .map((path) => path.split("/").slice(1, 3).join("/")),
    );
    expect(
      [...tops].filter((top) => !/^(README\.md|CHANGELOG\.md|LICENSE|package\.json|dist\/package)$/.test(top)),
    ).toEqual([]);
    expect([...tops]).toContain("LICENSE");
    expect(stdout).not.toMatch(/\.ts$(?<!\.d\.ts)/m);
  });

  it("has a manifest in which npm finds nothing to correct when it publishes", async () => {
    const manifest = await readFile(join(PROJECT_DIR, "package.json"), "utf8");
    await mkdir(join(dir, "manifest"));
    await writeFile(join(dir, "manifest/package.json"), manifest);
    await run("npm", ["pkg", "fix"], { cwd: join(dir, "manifest") });
    expect(JSON.parse(await readFile(join(dir, "manifest/package.json"), "utf8"))).toEqual(JSON.parse(manifest));
  });

  // Those that need the same types in one go: the compiler reads them for longer than it does the programs.
  it("typechecks in every program that the guides show, with fetch and no types of Node or Workers", async () => {
    const guides = ["client", "consumer", "monitor", "trace", "migrate-from-sqs", "migrate-from-bullmq"];
    const programs = { "user.ts": PROCESS + USER, ...(await programsOf(["../README", ...guides])) };
    expect(await typecheck(programs, { lib: ["ES2023", "DOM"], skipLibCheck: false })).toBe("");
  });

  it("typechecks in every program of the guides that show tests of node:test", async () => {
    expect(await typecheck(await programsOf(["test", "keys"]), { lib: ["ES2023", "DOM"], types: ["node"] })).toBe("");
  });

  it("refuses a payload of another type in that program", async () => {
    const wrong = `import { Queue } from "edgeq/client";
      await new Queue<{ id: number }>("q", { url: "http://localhost" }).enqueue({ id: "1" });`;
    expect(await typecheck({ "wrong.ts": wrong }, { lib: ["ES2023", "DOM"] })).toContain("TS2322");
  });

  it("runs, with no package beside it", async () => {
    const server = await TestServer.start();
    try {
      await writeFile(join(dir, "run.ts"), USER);
      const { stdout } = await run(process.execPath, ["run.ts", server.url], { cwd: dir });
      expect(JSON.parse(stdout)).toEqual({ sum: 36, ready: 0, claimed: 0, dead: 1, error: "QueueNotFoundError" });
    } finally {
      await server.stop();
    }
  });

  it("bundles for a Worker that only enqueues into less than 30 kB, without the consumer", async () => {
    await writeFile(
      join(dir, "producer.ts"),
      `import { Queue } from "edgeq/client";
       export default { fetch: (_: Request, env: { URL: string }) => new Queue("q", { url: env.URL }).enqueue(1).then(() => new Response()) };`,
    );
    const { outputFiles } = await build({
      entryPoints: [join(dir, "producer.ts")],
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      platform: "neutral",
    });
    const bundled = outputFiles[0]?.text ?? "";
    expect(bundled.length).toBeLessThan(30_000);
    expect(bundled).not.toContain("the consumer has stopped");
  });

  it("has the Worker, which typechecks and bundles with nothing but the types of Workers, as do those of the guides", async () => {
    const types = join("node_modules", "@cloudflare/workers-types");
    await mkdir(dirname(join(dir, types)), { recursive: true });
    await symlink(join(PROJECT_DIR, types), join(dir, types));
    const worker = `export { default, DirectoryObject, QueueObject } from "edgeq/worker";`;
    const guides = await programsOf(["binding", "embed", "migrate-from-cloudflare-queues"]);
    const programs = { "worker.ts": worker, ...guides };
    expect(await typecheck(programs, { ...WORKER_OPTIONS, skipLibCheck: false })).toBe("");
    const { outputFiles } = await build({
      entryPoints: [join(dir, "worker.ts")],
      bundle: true,
      write: false,
      format: "esm",
      external: ["cloudflare:*", "node:*"],
    });
    expect(outputFiles[0]?.text).toMatch(/as QueueObject|QueueObject,/);
  });

  it("has the command line, which runs", async () => {
    const manifest = JSON.parse(await readFile(join(dir, "node_modules/edgeq/package.json"), "utf8")) as {
      bin: { edgeq: string };
    };
    const { stdout } = await run(process.execPath, [join(dir, "node_modules/edgeq", manifest.bin.edgeq), "--version"]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("has the reference that is in docs/api (if not: npm run docs:api)", async () => {
    const pages = await apiPages(join(dir, "node_modules/edgeq/dist/package"));
    expect([...pages.keys()]).toEqual(["client.md", "consumer.md", "testing.md"]);
    for (const [name, text] of pages) {
      expect(await readFile(join(PROJECT_DIR, "docs/api", name), "utf8")).toBe(text);
    }
  });

  it("passes publint and attw", async () => {
    expect((await run(bin("publint"), ["--strict", tarball])).stdout).toContain("All good!");
    // It exits with an error when it finds a problem.
    const { stdout } = await run(bin("attw"), [tarball, "--profile", "esm-only", "--format", "json"]);
    const { analysis } = JSON.parse(stdout) as { analysis: { entrypoints: object } };
    expect(Object.keys(analysis.entrypoints)).toEqual(
      expect.arrayContaining([".", "./client", "./consumer", "./testing", "./worker"]),
    );
  });
});

function bin(name: string): string {
  return join(PROJECT_DIR, "node_modules/.bin", name);
}
