// The package as it would be published, with a folder for a user's program.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { built } from "../node/built.ts";

export const run = promisify(execFile);

export interface Packed {
  /** An empty folder with a package.json, for a user's program. */
  readonly dir: string;
  readonly tarball: string;
  remove(): Promise<void>;
}

export async function packed(): Promise<Packed> {
  const tarball = await built("tarball");
  const dir = await mkdtemp(join(tmpdir(), "edgeq-user-"));
  await writeFile(join(dir, "package.json"), JSON.stringify({ name: "user", type: "module" }));
  return { dir, tarball, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** Lays the package out in a project as an installation does, without one: it depends on nothing. @returns the project's node_modules */
export async function layOut(tarball: string, project: string): Promise<string> {
  const modules = join(project, "node_modules");
  await mkdir(join(modules, "edgeq"), { recursive: true });
  await run("tar", ["xzf", tarball, "-C", join(modules, "edgeq"), "--strip-components=1"]);
  return modules;
}

/** npm as a user has it: without what `npm run` of this project put into the environment. Programs that start often do so faster. */
export function userEnvironment(): NodeJS.ProcessEnv {
  const { HOME, NPM_CONFIG_USERCONFIG } = process.env;
  return {
    HOME,
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
    PATH: [dirname(process.execPath), process.env["PATH"]].join(":"),
    ...(NPM_CONFIG_USERCONFIG === undefined ? {} : { NPM_CONFIG_USERCONFIG }),
  };
}
