// The SQLite that Node has built in, without a flag since 22.13. The command line runs on Node 20.19 too, and does without.

import type * as Sqlite from "node:sqlite";

export type NodeSqlite = typeof Sqlite;

/** undefined: this Node has none, whatever its types say. */
export const nodeSqlite: NodeSqlite | undefined = process.getBuiltinModule("node:sqlite");
