// The lock of a state folder: two servers over the same databases would each trust their own memory. Both kinds are locks of
// the kernel's, so they are gone with their process, however that ends. The two do not see each other, and a Node without SQLite
// has only one of them, so a Node with SQLite takes both where a program can lock.

import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { nodeSqlite, type NodeSqlite } from "./node-sqlite.ts";

export interface StateLock {
  close(): void;
}

/** null: another server holds it. Throws when the folder cannot be locked, saying why. */
export function lockState(stateDir: string): StateLock | null {
  const byProgram = lockByProgram(join(stateDir, "server.flock"));
  if (byProgram === null) return null;
  if (nodeSqlite === undefined) {
    if (byProgram !== undefined) return byProgram;
    throw new Error(`locking it takes flock or perl, or Node 22.13 or later; this is ${process.version}`);
  }
  const bySqlite = lockBySqlite(nodeSqlite, stateDir);
  if (bySqlite === null) {
    byProgram?.close();
    return null;
  }
  return {
    close() {
      bySqlite.close();
      byProgram?.close();
    },
  };
}

function lockBySqlite({ DatabaseSync: Database }: NodeSqlite, stateDir: string): StateLock | null {
  const lock = new Database(join(stateDir, "server.lock"));
  try {
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    if (String(error).includes("database is locked")) return null;
    throw error;
  }
}

/**
 * Programs that lock descriptor 3 and end with status 1 if it is locked already. The lock belongs to the open file, which this
 * process shares with them, so it stays when they have ended. Linux has flock, macOS has perl.
 */
const PROGRAMS: readonly (readonly [program: string, ...args: string[]])[] = [
  ["flock", "--nonblock", "3"],
  [
    "perl",
    "-MFcntl=:flock",
    "-e",
    'open(my $file, "+<&=", 3) or exit 2; exit(flock($file, LOCK_EX | LOCK_NB) ? 0 : 1)',
  ],
];

/** Node before 22.13 has no SQLite, and no lock of its own. @returns null: another server holds it; undefined: no program can lock */
function lockByProgram(path: string): StateLock | null | undefined {
  const descriptor = openSync(path, "a+");
  const close = (): void => closeSync(descriptor);
  for (const [program, ...args] of PROGRAMS) {
    const { status, error } = spawnSync(program, args, { stdio: ["ignore", "ignore", "ignore", descriptor] });
    if (error !== undefined) continue;
    if (status === 0) return { close };
    if (status !== 1) continue;
    close();
    return null;
  }
  close();
  return undefined;
}
