// The folder in which a server keeps its databases: made, locked, and looked through before workerd sees it.

import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ServerStartError } from "./server-start-error.ts";

/**
 * Makes the folder if it is not there, and locks it until the answer is closed: two servers over the same databases would each
 * trust their own memory. SQLite's file lock is the kernel's, so it is gone with its process, however that ends.
 *
 * @throws {ServerStartError} "state-in-use", or "state-unusable" when it is no folder or may not be written
 */
export function openState(stateDir: string): DatabaseSync {
  try {
    mkdirSync(stateDir, { recursive: true });
    const lock = new DatabaseSync(join(stateDir, "server.lock"));
    try {
      lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
      setAsideDamagedAlarms(stateDir);
      return lock;
    } catch (error) {
      lock.close();
      throw error;
    }
  } catch (error) {
    if (String(error).includes("database is locked"))
      throw new ServerStartError("state-in-use", `another server is using ${stateDir}`);
    const why = error instanceof Error ? error.message : String(error);
    throw new ServerStartError("state-unusable", `${stateDir} cannot keep the state: ${why}`);
  }
}

/** In which workerd keeps the alarms of all objects of a class. It does not start over a damaged one. */
const ALARMS = "metadata.sqlite";

/**
 * One damaged database must not keep all queues from being served. Without its alarm an object is correct but not prompt: what
 * is due is done at the next request, which sets the alarm anew.
 */
function setAsideDamagedAlarms(stateDir: string): void {
  for (const { name } of readdirSync(stateDir, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const path = join(stateDir, name, ALARMS);
    if (!existsSync(path) || isSound(path)) continue;
    const aside = `${path}.damaged-${Date.now()}`;
    renameSync(path, aside);
    for (const part of ["-wal", "-shm"]) if (existsSync(path + part)) renameSync(path + part, aside + part);
    console.error(
      `edgeq: ${path} is damaged and was set aside as ${aside}; each queue sets its alarm anew at its next request`,
    );
  }
}

function isSound(path: string): boolean {
  try {
    const database = new DatabaseSync(path);
    try {
      const [{ quick_check: verdict } = {}] = database.prepare("PRAGMA quick_check(1)").all();
      return verdict === "ok";
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}
