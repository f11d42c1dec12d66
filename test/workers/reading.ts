// What a queue reads of its database: rows, as the platform counts them, and the bytes of them that reach its memory.

import { runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import { ObjectSql } from "../../src/object/object-sql.ts";
import type { ObjectQueue } from "./object-queue.ts";

/** Rows that the queue has read, and bytes of them that reached its memory, while `work` ran. */
export async function reading<Result>(
  queue: ObjectQueue,
  work: () => Promise<Result>,
): Promise<{ result: Result; rows: number; bytes: number }> {
  let bytes = 0;
  // oxlint-disable-next-line typescript/unbound-method -- applied to the object that the spy is called on
  const { all } = ObjectSql.prototype;
  const spy = vi.spyOn(ObjectSql.prototype, "all").mockImplementation(function (this: ObjectSql, ...call) {
    const rows = all.apply(this, call);
    for (const row of rows) {
      for (const value of Object.values(row)) {
        if (typeof value === "string") bytes += value.length;
        else if (value instanceof ArrayBuffer) bytes += value.byteLength;
      }
    }
    return rows;
  });
  const rowsRead = (): Promise<number> => runInDurableObject(queue.stub, (object) => object.usage().rowsRead);
  const before = await rowsRead();
  const result = await work();
  const rows = (await rowsRead()) - before;
  spy.mockRestore();
  return { result, rows, bytes };
}
