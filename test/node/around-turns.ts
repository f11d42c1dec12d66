// What a whole turn did to a database, for tests that weigh turns.

import type { Sql } from "../../src/store/sql.ts";

/** Calls `begins` before each outermost transaction, which is a turn, and `ended` after it, also when it throws. */
export function aroundTurns(sql: Sql, ended: () => void, begins: () => void = () => {}): void {
  const transaction = sql.transaction.bind(sql);
  let depth = 0;
  sql.transaction = (body) => {
    if (depth === 0) begins();
    depth += 1;
    try {
      return transaction(body);
    } finally {
      depth -= 1;
      if (depth === 0) ended();
    }
  };
}
