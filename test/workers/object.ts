// A queue's object from inside, for what HTTP does not show: its storage and its alarm.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";

/** Runs the object's alarm now; false when none is set. */
export function ringAlarm(queue: string): Promise<boolean> {
  return runDurableObjectAlarm(env.QUEUE.getByName(queue));
}

/** When the object's alarm is set to ring. */
export function alarmAt(queue: string): Promise<number | null> {
  return runInDurableObject(env.QUEUE.getByName(queue), (_object, { storage }) => storage.getAlarm());
}

/**
 * Every row of the object's database, table by table: equal before and after means that nothing was written. Left out is
 * the queue's registration on its way to the directory, which leaves of itself.
 */
export function storedRows(queue: string): Promise<Record<string, unknown[]>> {
  return runInDurableObject(env.QUEUE.getByName(queue), (_object, { storage: { sql } }) => {
    const tables = sql
      .exec<{ name: string }>(
        `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'`,
      )
      .toArray();
    return Object.fromEntries(
      tables.map(({ name }) => {
        const where = name === "outbox" ? "WHERE receiver <> '@directory'" : "";
        return [name, sql.exec(`SELECT * FROM ${name} ${where}`).toArray()];
      }),
    );
  });
}

/** Runs one statement in the object's database. */
export function runSql(queue: string, statement: string): Promise<void> {
  return runInDurableObject(env.QUEUE.getByName(queue), (_object, { storage: { sql } }) => {
    sql.exec(statement).toArray();
  });
}
