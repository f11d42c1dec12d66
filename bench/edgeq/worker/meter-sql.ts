// A meter on an object's SQLite: the rows that its statements read and write, which is what the platform bills.

export interface RowCounts {
  rowsRead: number;
  rowsWritten: number;
}

/** From now on every statement of the storage adds to `counts`. */
export function meterSql(storage: DurableObjectStorage, counts: RowCounts): void {
  const { sql } = storage;
  // A cursor counts on while its rows are read, and no cursor outlives the turn that opened it.
  let open: { readonly rowsRead: number; readonly rowsWritten: number }[] = [];
  const settle = (): void => {
    for (const cursor of open) {
      counts.rowsRead += cursor.rowsRead;
      counts.rowsWritten += cursor.rowsWritten;
    }
    open = [];
  };
  const exec = (query: string, ...bindings: unknown[]): unknown => {
    const cursor = sql.exec(query, ...bindings);
    if (open.length === 0) queueMicrotask(settle);
    open.push(cursor);
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
