// The package as it would be published: packed from a copy of the checkout, so that files of tests that run side by side
// do not build over each other.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";

export const run = promisify(execFile);

/** What is in the checkout and is not the project. */
const LEFT_OUT = /^(node_modules|\.git|dist|\.edgeq|\.wrangler|bench|test)(\/|$)/;

export interface Packed {
  /** An empty folder with a package.json, for a user's program. */
  readonly dir: string;
  readonly tarball: string;
  remove(): Promise<void>;
}

export async function packed(): Promise<Packed> {
  const root = await mkdtemp(join(tmpdir(), "edgeq-package-"));
  const checkout = join(root, "checkout");
  await cp(PROJECT_DIR, checkout, {
    recursive: true,
    filter: (path) => !LEFT_OUT.test(relative(PROJECT_DIR, path)),
  });
  await symlink(join(PROJECT_DIR, "node_modules"), join(checkout, "node_modules"));
  await run("npm", ["pack", "--pack-destination", root], { cwd: checkout });
  const tarball = join(root, (await readdir(root)).find((name) => name.endsWith(".tgz")) ?? "");
  const dir = join(root, "user");
  await mkdir(dir);
  await writeFile(join(dir, "package.json"), JSON.stringify({ name: "user", type: "module" }));
  return { dir, tarball, remove: () => rm(root, { recursive: true, force: true }) };
}

/** npm as a user has it: without what `npm run` of this project put into the environment. */
export function userEnvironment(): NodeJS.ProcessEnv {
  const { HOME, NPM_CONFIG_USERCONFIG } = process.env;
  return {
    HOME,
    PATH: [dirname(process.execPath), process.env["PATH"]].join(":"),
    ...(NPM_CONFIG_USERCONFIG === undefined ? {} : { NPM_CONFIG_USERCONFIG }),
  };
}
