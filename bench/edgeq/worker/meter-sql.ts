// A meter on an object's SQLite: the rows that its statements read and write, which is what the platform bills.

export interface RowCounts {
  rowsRead: number;
  rowsWritten: number;
  /** Of those, what time brings and no task: the history's row a minute, and the index entry that moves a producer's end. */
  timedRows: number;
}

/** From now on every statement of the storage adds to `counts`. */
export function meterSql(storage: DurableObjectStorage, counts: RowCounts): void {
  const { sql } = storage;
  // A cursor counts on while its rows are read, and no cursor outlives the turn that opened it.
  let open: { readonly query: string; readonly cursor: Pick<RowCounts, "rowsRead" | "rowsWritten"> }[] = [];
  const settle = (): void => {
    for (const { query, cursor } of open) {
      counts.rowsRead += cursor.rowsRead;
      counts.rowsWritten += cursor.rowsWritten;
      if (/INTO history\b/.test(query)) counts.timedRows += cursor.rowsWritten;
      // The row itself is its call's.
      if (/INTO producers\b/.test(query)) counts.timedRows += Math.max(0, cursor.rowsWritten - 1);
    }
    open = [];
  };
  const exec = (query: string, ...bindings: unknown[]): unknown => {
    const cursor = sql.exec(query, ...bindings);
    if (open.length === 0) queueMicrotask(settle);
    open.push({ query, cursor });
    return cursor;
  };
  const metered = new Proxy(sql, {
    get(target, name) {
      if (name === "exec") return exec;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
  });
  Object.defineProperty(storage, "sql", { value: metered });
}
