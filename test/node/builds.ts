// Before any test: offers what many files of tests need and takes seconds to make. Each is made once a run, when a file first asks
// for it, by this process: files of tests run in processes that know nothing of each other.

import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildCli } from "../../scripts/build-package.ts";
import { bundle } from "../../scripts/bundle.ts";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { BUILDS_URL, type Builds } from "./built.ts";
import { bundleInTurn } from "./bundle-in-turn.ts";
import { pack } from "./pack.ts";

type Makers = { readonly [Name in keyof Builds]: (dir: string) => Promise<Builds[Name]> };

/** The Worker and the command line lie as in the package, so that the one finds the other. */
const MAKERS: Makers = {
  worker: (dir) => bundleInTurn(() => bundle(join(dir, "dist/package/worker"))),
  cli: (dir) => bundleInTurn(() => buildCli(join(dir, "dist/package/cli"))),
  tarball: (dir) => pack(join(dir, "packed")),
};

/**
 * What Node makes of sources is kept from one process to the next: the tests start the command line, scripts, npm and wrangler hundreds of times,
 * and stripping the types of the scripts' files takes three times as long as all that they do.
 */
const COMPILE_CACHE = "NODE_COMPILE_CACHE";

let dir: string | undefined;
let server: Server | undefined;
const made = new Map<keyof Builds, Promise<unknown>>();

export async function setup(project?: TestProject): Promise<void> {
  dir = await mkdtemp(join(tmpdir(), "edgeq-builds-"));
  for (const name of ["package.json", "node_modules"]) await symlink(join(PROJECT_DIR, name), join(dir, name));
  await mkdir(join(dir, "packed"));
  const into = dir;
  server = createServer((request, response) => {
    const name = (request.url ?? "").slice(1) as keyof Builds;
    let build = made.get(name);
    if (build === undefined) made.set(name, (build = MAKERS[name](into)));
    build.then(
      (value) => response.end(JSON.stringify(value)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  process.env[COMPILE_CACHE] = join(dir, "compiled");
  process.env[BUILDS_URL] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // `vitest` that watches: the sources are others now.
  project?.onTestsRerun(() => made.clear());
}

export async function teardown(): Promise<void> {
  for (const name of [BUILDS_URL, COMPILE_CACHE]) delete process.env[name];
  server?.closeAllConnections();
  server?.close();
  // A process that ends now may be writing what it compiled.
  if (dir !== undefined) await rm(dir, { recursive: true, force: true, maxRetries: 20 });
}
