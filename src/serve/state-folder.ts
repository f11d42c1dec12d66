// The folder in which a server keeps its databases: made, locked, and looked through before workerd sees it.

import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { nodeSqlite, type NodeSqlite } from "./node-sqlite.ts";
import { SettingError } from "./command-error.ts";
import { ServerStartError } from "./server-start-error.ts";
import { lockState, type StateLock } from "./state-lock.ts";

/**
 * The folder that `--state` names.
 *
 * @throws {SettingError} for an empty name, which would be the working folder itself
 */
export function statePath(given: string): string {
  if (given === "") throw new SettingError('--state: given "", allowed: the name of a folder');
  return resolve(given);
}

/**
 * Makes the folder if it is not there, and locks it until the answer is closed.
 *
 * @throws {ServerStartError} "state-in-use", or "state-unusable" when it is no folder, or may not be written or cannot be locked
 */
export function openState(stateDir: string): StateLock {
  let lock: StateLock | null;
  try {
    makeFolder(stateDir);
    lock = lockState(stateDir);
  } catch (error) {
    throw unusable(stateDir, error);
  }
  if (lock === null) {
    const message = `another server is using ${stateDir}: stop it, or choose another folder with --state`;
    throw new ServerStartError("state-in-use", message);
  }
  try {
    setAsideDamagedAlarms(stateDir);
    return lock;
  } catch (error) {
    lock.close();
    throw unusable(stateDir, error);
  }
}

/** Node's own recursive mkdir never ends where the system says of a folder that its parent is missing, though it is there: /proc. */
function makeFolder(path: string): void {
  const missing: string[] = [];
  let folder = resolve(path);
  for (; !existsSync(folder); folder = dirname(folder)) missing.push(folder);
  // Throws if it is a file.
  mkdirSync(folder, { recursive: true });
  for (const name of missing.toReversed()) {
    try {
      mkdirSync(name);
    } catch (error) {
      // Another server that starts may have made it.
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}

function unusable(stateDir: string, error: unknown): ServerStartError {
  const why = error instanceof Error ? error.message : String(error);
  return new ServerStartError(
    "state-unusable",
    `${stateDir} cannot keep the state: ${why}; choose a folder that can with --state`,
  );
}

/** In which workerd keeps the alarms of all objects of a class. It does not start over a damaged one. */
const ALARMS = "metadata.sqlite";

/**
 * One damaged database must not keep all queues from being served. Without its alarm an object is correct but not prompt: what
 * is due is done at the next request, which sets the alarm anew. A Node without SQLite cannot look: there workerd says so itself.
 */
function setAsideDamagedAlarms(stateDir: string): void {
  if (nodeSqlite === undefined) return;
  for (const { name } of readdirSync(stateDir, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const path = join(stateDir, name, ALARMS);
    if (!existsSync(path) || isSound(nodeSqlite, path)) continue;
    const aside = `${path}.damaged-${Date.now()}`;
    renameSync(path, aside);
    for (const part of ["-wal", "-shm"]) if (existsSync(path + part)) renameSync(path + part, aside + part);
    console.error(
      `edgeq: ${path} is damaged and was set aside as ${aside}; each queue sets its alarm anew at its next request`,
    );
  }
}

function isSound({ DatabaseSync: Database }: NodeSqlite, path: string): boolean {
  try {
    const database = new Database(path);
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
