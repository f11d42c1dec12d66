// Before any test: temporary files go to memory, where the system has room. The servers and objects of the tests make thousands of
// databases, and most of the time of a new one is the disk's. A killed process loses nothing there that it would not lose on disk.

import { access, constants, mkdtemp, readFile, rm, statfs } from "node:fs/promises";
import { join } from "node:path";

const MEMORY = "/dev/shm";
/** Several times what a run of all tests has stored at one time. */
const ROOM_BYTES = 4 * 1_073_741_824;

let folder: string | null = null;

export async function setup(): Promise<void> {
  if (process.env["TMPDIR"] !== undefined || !(await isUsable())) return;
  folder = await mkdtemp(join(MEMORY, "edgeq-tests-"));
  process.env["TMPDIR"] = folder;
}

export async function teardown(): Promise<void> {
  if (folder === null) return;
  delete process.env["TMPDIR"];
  await rm(folder, { recursive: true, force: true, maxRetries: 20 });
}

/** Linux alone has it; a container may give it little room, or forbid programs to be run there. */
async function isUsable(): Promise<boolean> {
  try {
    await access(MEMORY, constants.W_OK);
    const { bavail, bsize } = await statfs(MEMORY);
    const mounts = await readFile("/proc/mounts", "utf8");
    const mount = mounts.split("\n").find((line) => line.split(" ")[1] === MEMORY);
    return bavail * bsize >= ROOM_BYTES && mount !== undefined && !/[ ,]noexec[ ,]/.test(mount);
  } catch {
    return false;
  }
}
