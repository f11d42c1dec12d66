// The SQL port over node:sqlite, in memory: the queue's own code in plain Node.

import type * as NodeSqlite from "node:sqlite";
import type { Sql, SqlRow, SqlValue } from "../store/sql.ts";

export class MemorySql implements Sql {
  readonly #database = new (sqlite().DatabaseSync)(":memory:");
  /** The queue's statements are a fixed few, and preparing one takes longer than most of them. */
  readonly #prepared = new Map<string, NodeSqlite.StatementSync>();
  #depth = 0;
  rowsRead = 0;
  rowsWritten = 0;

  all(statement: string, ...parameters: readonly SqlValue[]): SqlRow[] {
    const rows = this.#statement(statement).all(...(parameters as (string | number | Uint8Array | null)[]));
    this.rowsRead += rows.length;
    return rows as SqlRow[];
  }

  lists(statement: string, ...parameters: readonly SqlValue[]): SqlValue[][] {
    return this.all(statement, ...parameters).map((row) => Object.values(row));
  }

  run(statement: string, ...parameters: readonly SqlValue[]): number {
    const result = this.#statement(statement).run(...(parameters as (string | number | Uint8Array | null)[]));
    this.rowsWritten += Number(result.changes);
    return Number(result.changes);
  }

  transaction<Result>(body: () => Result): Result {
    const savepoint = `depth_${this.#depth}`;
    this.#statement(`SAVEPOINT ${savepoint}`).run();
    this.#depth += 1;
    try {
      const result = body();
      this.#statement(`RELEASE ${savepoint}`).run();
      return result;
    } catch (error) {
      // SQLite rolls back all by itself when there is no room to write.
      if (this.#database.isTransaction) this.#database.exec(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  sizeBytes(): number {
    const [pages] = this.all(`SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size`);
    return Number(pages?.["bytes"] ?? 0);
  }

  isLargerThan(bytes: number): boolean {
    return this.sizeBytes() > bytes;
  }

  #statement(text: string): NodeSqlite.StatementSync {
    let prepared = this.#prepared.get(text);
    if (prepared === undefined) this.#prepared.set(text, (prepared = this.#database.prepare(text)));
    return prepared;
  }
}

/** Asked for when it is needed, so that a Node without SQLite says what is missing. Throws where it is. */
export function sqlite(): typeof NodeSqlite {
  const found = process.getBuiltinModule("node:sqlite");
  // Absent from older Nodes, whatever the types say.
  if ((found as typeof found | undefined) === undefined) {
    throw new Error(`edgeq/testing needs Node 22.13 or later; this is ${process.version}`);
  }
  return found;
}
