// A queue as it stands, page by page, while it goes on living: every row once, and then those again that changed meanwhile, until
// the two have met. With its last page an export is the queue at that instant.

import { LIMITS } from "../../core/limits.ts";
import type { ExportHead, TransferRecord, TransferValue } from "../../core/transfer.ts";
import { parseKey } from "../../store/export-tables.ts";
import { newestSchema } from "../../store/migrations.ts";
import type { SqlRow, SqlValue } from "../../store/sql.ts";
import { keyOfRow, rowAt, rowsAfter, storedTables, type RowKey, type StoredTable } from "../../store/stored-tables.ts";
import type { QueueState } from "../state.ts";
import { LATER } from "../turn.ts";
import type { OnQueue } from "./run.ts";

/** How far an export has come: in its way through the tables, then through what changed. */
type Place =
  | { readonly table: string; readonly after: RowKey | null }
  | { readonly changedUpTo: number }
  | { readonly isDone: true };

export const exportQueue: OnQueue<"exportQueue"> = (state, { after }, now, queue) => {
  // Ids that a purge has set aside are on their way back, row by row.
  if (state.scans.isUsedUp || state.aside.areThere) return LATER;
  state.writeGathered();
  const { exports } = state;
  if (after === null) {
    exports.begin();
    state.scans.remade(storedTables(state.sql).length);
  }
  const kept = after !== null && exports.touchedAt !== null ? exports.get() : undefined;
  if (after !== null && (kept?.export !== after.export || after.page > kept.page + 1 || after.page < kept.page)) {
    return { kind: "export-ended" };
  }
  const name = kept?.export ?? state.chance.nonce();
  const page = after?.page ?? 1;
  const tables = storedTables(state.sql);
  const first: Place = { table: tables[0]?.name ?? "", after: null };
  // The page before once more, if its answer was lost; else the next.
  const text = kept === undefined ? JSON.stringify(first) : page === kept.page ? kept.at : kept.next;
  const at = JSON.parse(text) as Place;
  const head: ExportHead = { export: name, format: 1, schema: newestSchema(), queue: queue.name, exportedAt: now };
  if ("isDone" in at) {
    exports.end();
    return { kind: "exported", head, records: [], isLast: true, after: null };
  }
  const run = new Page(state, tables);
  const next = run.from(at);
  exports.put({ export: name, page, at: text, next: JSON.stringify(next), touchedAt: now });
  const { records } = run;
  return { kind: "exported", head, records, isLast: "isDone" in next, after: { export: name, page: page + 1 } };
};

/** One page in the making. */
class Page {
  readonly records: TransferRecord[] = [];
  readonly #state: QueueState;
  readonly #tables: readonly StoredTable[];
  #bytes = 0;

  constructor(state: QueueState, tables: readonly StoredTable[]) {
    this.#state = state;
    this.#tables = tables;
  }

  /** Fills it, and says where the next begins. */
  from(at: Exclude<Place, { readonly isDone: true }>): Place {
    let place: Place = at;
    while (!this.#isFull && "table" in place) place = this.#rows(place);
    if ("table" in place || this.#isFull) return place;
    return "changedUpTo" in place ? this.#changed(place.changedUpTo) : place;
  }

  get #isFull(): boolean {
    return this.records.length >= LIMITS.exportRecords || this.#bytes >= LIMITS.exportBytes;
  }

  #rows({ table: name, after }: { readonly table: string; readonly after: RowKey | null }): Place {
    const index = this.#tables.findIndex((each) => each.name >= name);
    const table = this.#tables[index];
    if (table === undefined) return { changedUpTo: 0 };
    const limit = LIMITS.exportRecords - this.records.length;
    const rows = rowsAfter(this.#state.sql, table, after, limit, LIMITS.exportBytes - this.#bytes);
    for (const row of rows) this.#add(table, row);
    const last = rows.at(-1);
    // A short page of rows is the end of its table, or of this page's bytes.
    if (last !== undefined && this.#isFull) return { table: table.name, after: keyOfRow(table, last) };
    const next = this.#tables[index + 1];
    return next === undefined ? { changedUpTo: 0 } : { table: next.name, after: null };
  }

  /** What changed while pages were sent, each row as it is now. When nothing is left of that, the export is whole. */
  #changed(upTo: number): Place {
    const limit = LIMITS.exportRecords - this.records.length;
    const entries = this.#state.exports.changedAfter(upTo, limit);
    this.#state.scans.looked(2 * entries.length);
    const seen = new Set<string>();
    let last = upTo;
    for (const { n, of, key } of entries) {
      if (this.#isFull) return { changedUpTo: last };
      last = n;
      const name = `${of} ${key}`;
      const table = this.#tables.find((each) => each.name === of);
      if (seen.has(name) || table === undefined) continue;
      seen.add(name);
      const at = parseKey(key);
      const row = rowAt(this.#state.sql, table, at);
      if (row === undefined) this.records.push({ table: of, gone: at.map(asValue) });
      else this.#add(table, row);
    }
    if (entries.length === limit) return { changedUpTo: last };
    // Keys that were given out and are in no row any more are never given out again.
    const [queue = {}] = this.#state.sql.all(`SELECT * FROM queue`);
    this.records.push({ table: "queue", row: { ...asValues(queue), last_key: this.#state.sequence.last } });
    return { isDone: true };
  }

  #add(table: StoredTable, row: SqlRow): void {
    const values = asValues(row);
    this.records.push({ table: table.name, row: values });
    let bytes = 0;
    for (const value of Object.values(values)) bytes += sizeOf(value);
    this.#bytes += bytes;
    this.#state.scans.looked(2);
    this.#state.scans.moved(bytes);
  }
}

function asValues(row: SqlRow): Readonly<Record<string, TransferValue>> {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, asValue(value)]));
}

function asValue(value: SqlValue): TransferValue {
  if (typeof value !== "object" || value === null) return value;
  return { base64: (value instanceof Uint8Array ? value : new Uint8Array(value)).toBase64() };
}

function sizeOf(value: TransferValue): number {
  if (typeof value === "string") return value.length;
  return typeof value === "object" && value !== null ? value.base64.length : 8;
}
