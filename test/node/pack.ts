// The package as it would be published: packed from a copy of the checkout, so that the checkout's own build stays as it is.

import { execFile } from "node:child_process";
import { cp, readdir, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";

/** What is in the checkout and is not the project. */
const LEFT_OUT = /^(node_modules|\.git|dist|\.edgeq|\.wrangler|bench|test)(\/|$)/;

/** @param dir an empty folder @returns the tarball's path */
export async function pack(dir: string): Promise<string> {
  const checkout = join(dir, "checkout");
  await cp(PROJECT_DIR, checkout, {
    recursive: true,
    filter: (path) => !LEFT_OUT.test(relative(PROJECT_DIR, path)),
  });
  await symlink(join(PROJECT_DIR, "node_modules"), join(checkout, "node_modules"));
  await promisify(execFile)("npm", ["pack", "--pack-destination", dir], { cwd: checkout });
  const tarball = (await readdir(dir)).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack left no tarball");
  return join(dir, tarball);
}
