// The state of a queue: its tables, and the memory beside them that is rebuilt on wake. Operations are functions over it.
// Memory changes only after its SQL succeeded; whoever runs an operation that throws must throw this state away.

import type { ClaimInput } from "../core/operation.ts";
import { keyOf, Sequence } from "../core/sequence.ts";
import type { Lives } from "../core/task-id.ts";
import { AsideTables } from "../store/aside-tables.ts";
import { ExportTables } from "../store/export-tables.ts";
import { ImportTables } from "../store/import-tables.ts";
import { ClaimStatements } from "../store/claim-statements.ts";
import { DocumentStatements } from "../store/document-statements.ts";
import { InboxStatements } from "../store/inbox-statements.ts";
import { migrate, newestSchema, SCHEMA_TABLE, schemaOf, tableNames } from "../store/migrations.ts";
import { KeyStatements } from "../store/key-statements.ts";
import { Outbox } from "./mail/outbox.ts";
import { OutboxStatements } from "../store/outbox-statements.ts";
import { ProducerStatements } from "../store/producer-statements.ts";
import { QueueStatements, type QueueRow } from "../store/queue-statements.ts";
import { SettledStatements } from "../store/settled-statements.ts";
import type { Sql } from "../store/sql.ts";
import type { Claim } from "./claims/claim.ts";
import { Claimants } from "./claims/claimants.ts";
import { ClaimTable } from "./claims/claim-table.ts";
import { Counts } from "./counts.ts";
import type { DividedCalls } from "./divided-calls.ts";
import { Facts } from "./facts.ts";
import { Producers } from "./producers/producers.ts";
import { Keys } from "./keys/keys.ts";
import { LaneTurns } from "./ready/lane-turns.ts";
import { Levels } from "./ready/levels.ts";
import { liveClaims } from "./claims/live-claims.ts";
import type { History } from "./history/history.ts";
import { TurnEvents } from "./history/turn-events.ts";
import { HousekeepingTimes } from "./housekeeping-times.ts";
import { ScanShare } from "./scan-share.ts";
import { TaskRows } from "./arrivals/task-rows.ts";
import { GoneRows } from "./tasks/gone-rows.ts";
import { Arrivals } from "./arrivals/arrivals.ts";

/** What a queue takes from the world beside its database. */
export interface Chance {
  /** A number in [0, 1), for jitter and tags. */
  random(): number;
  /** 64 bits nobody can guess, as 16 hexadecimal digits. */
  nonce(): string;
}

export class QueueState {
  readonly sql: Sql;
  readonly chance: Chance;
  readonly tasks: TaskRows;
  readonly claimRows: ClaimStatements;
  readonly queueRow: QueueStatements;
  readonly outbox: Outbox;
  readonly inbox: InboxStatements;
  readonly documents: DocumentStatements;
  readonly aside: AsideTables;
  readonly exports: ExportTables;
  readonly imports: ImportTables;
  readonly producers: Producers;

  /** null: nothing has been written yet. Its `deletedAt` is set while the queue is deleted. */
  row: QueueRow | null = null;
  readonly sequence = new Sequence();
  readonly claims = new ClaimTable((place) => this.#claimEnded(place));
  readonly claimants = new Claimants();
  readonly levels: Levels;
  readonly keys: Keys;
  readonly arrivals: Arrivals;
  readonly gone: GoneRows;
  readonly counts: Counts;
  readonly turnEvents = new TurnEvents();
  /** Outlives this state. */
  readonly history: History;
  readonly facts: Facts;
  /** Claims of those who stand in line. */
  readonly standing: () => Iterable<ClaimInput>;
  #isInTurn = false;
  /** When the turn that runs began. */
  #turnAt = 0;
  readonly housekeeping = new HousekeepingTimes();
  /** Some dead letters wait for room in the outbox. */
  hasUnsent = false;
  /** Whose turn it is among lanes that take turns. */
  readonly turns = new LaneTurns();
  /** Outlives this state. */
  readonly divided: DividedCalls;
  /** What this turn may still look through and write anew. */
  readonly scans = new ScanShare();
  /** The tables are another life's since, which this memory knows nothing of. */
  isReplaced = false;
  /** Holders of claims that ran out, unfinished and unextended, since it was last looked at. */
  readonly lapsed = new Set<string>();
  /** A key up to which the claims' rows or the queue's own say that keys were given out. */
  #keptKey = 0;
  /** When the last of the claims was made that a wake found; 0 if none. */
  claimedAt = 0;

  constructor(sql: Sql, chance: Chance, history: History, divided: DividedCalls, standing: () => Iterable<ClaimInput>) {
    this.sql = sql;
    this.history = history;
    this.divided = divided;
    this.standing = standing;
    this.chance = chance;
    this.tasks = new TaskRows(sql);
    this.claimRows = new ClaimStatements(sql);
    this.arrivals = new Arrivals(this.tasks, new SettledStatements(sql));
    this.gone = new GoneRows(this.tasks, (rows, lastKey) => {
      this.claims.ackedAreGone();
      for (const row of rows) this.levels.removed(row);
      this.keepKeys(lastKey);
    });
    const writeGone = (): void => this.#asAcks(() => this.gone.write());
    this.counts = new Counts(this.tasks, (from, to) => this.arrivals.runs.goneBetween(from, to), writeGone);
    this.levels = new Levels(this.tasks, this.claims.places, writeGone);
    this.keys = new Keys(
      new KeyStatements(sql),
      () => this.row?.settings,
      (key) => this.claims.places.inKey(key),
      (key) => this.levels.rings.lookAgain(key),
    );
    this.facts = new Facts(this.counts, this.levels, this.turnEvents);
    this.queueRow = new QueueStatements(sql);
    this.outbox = new Outbox(new OutboxStatements(sql), () => this.aside.holdsFor("outbox"));
    this.inbox = new InboxStatements(sql);
    this.documents = new DocumentStatements(sql);
    this.aside = new AsideTables(sql);
    this.exports = new ExportTables(sql, this.aside);
    this.imports = new ImportTables(sql, this.aside);
    this.producers = new Producers(new ProducerStatements(sql));
  }

  /** Rebuilds the memory: reads the claims and the tasks they name, never the backlog (P12). */
  wake(now: number): void {
    const tables = tableNames(this.sql);
    if (!tables.includes(SCHEMA_TABLE)) {
      this.counts.startEmpty();
      this.outbox.startEmpty();
      return;
    }
    this.aside.load(tables);
    this.exports.load(tables);
    this.imports.load(tables);
    if (schemaOf(this.sql) !== newestSchema()) this.#upgrade(now);
    this.levels.stored();
    this.row = this.queueRow.get();
    this.sequence.passed(this.row?.lastKey ?? 0);
    const rows = this.claimRows.all();
    const lastSeqs = this.tasks.lastSeqs();
    let readTo = 0;
    this.#keptKey = this.row?.lastKey ?? 0;
    for (const row of rows) {
      readTo = Math.max(readTo, row.readTo);
      this.#keptKey = Math.max(this.#keptKey, row.lastKey);
      this.claimedAt = Math.max(this.claimedAt, row.claimedAt ?? 0);
      this.sequence.passed(row.lastKey);
    }
    for (const seq of [...lastSeqs, readTo]) this.sequence.passed(seq);
    this.arrivals.load(readTo, lastSeqs[0] ?? 0);
    this.keys.load(rows);
    const acked = this.claimRows.ackedRows();
    this.gone.load(acked);
    for (const { slot } of acked) this.claims.tells(slot);
    this.claims.load(rows, liveClaims(this.claimRows, this.arrivals.runs, this.gone));
    this.outbox.load();
  }

  /**
   * What stands beside the queue is of the schema before: imported tables that took the queue's place would lack what the steps add, and
   * an export would not notice changes in new tables. Both are ended, and begin again when they are asked for again.
   *
   * @throws for a database of a newer schema, untouched
   */
  #upgrade(now: number): void {
    this.sql.transaction(() => {
      if (schemaOf(this.sql) < newestSchema()) {
        this.imports.giveUp();
        this.exports.end();
      }
      migrate(this.sql, now);
    });
  }

  /**
   * Runs what changes the queue in one transaction (P6). What can be written together with what follows, plain tasks, the
   * marks of runs and the calls of producers, is written at its end or, within a turn, at the end of that.
   */
  transaction<Result>(change: () => Result): Result {
    this.writeTasks();
    return this.gathering(change);
  }

  /** The same, leaving unwritten what of tasks was gathered before: for an operation that reads none. */
  gathering<Result>(change: () => Result): Result {
    if (this.#isInTurn) return change();
    return this.sql.transaction(() => {
      const result = change();
      this.writeGathered(true);
      return result;
    });
  }

  /** The same for a claim: it passes over tasks that have ended and whose rows are yet to go. */
  claiming<Result>(claim: () => Result): Result {
    this.arrivals.writeGathered();
    return this.gathering(claim);
  }

  /** Several transactions that are one commit, and share what they gather. */
  turn(now: number, body: () => void): void {
    this.#turnAt = now;
    this.counts.turn(now);
    this.sql.transaction(() => {
      this.#isInTurn = true;
      this.scans.begin();
      body();
      this.#isInTurn = false;
      this.writeGathered(true);
      const { runs } = this.arrivals;
      if (runs.hasTooMany(this.claims.size)) runs.keepOnly(this.claims.values());
    });
  }

  /** Writes what has been gathered so far. At the end of a turn, rows of tasks that have ended may wait for more. */
  writeGathered(isTurnOver = false): void {
    this.arrivals.writeGathered();
    this.#asAcks(() => (isTurnOver ? this.gone.endTurn() : this.gone.write()));
    this.arrivals.writeRuns();
    this.producers.write();
  }

  /** Writes the tasks that have been gathered, and takes out the rows of those that have ended. Before stored tasks are read. */
  writeTasks(): void {
    this.arrivals.writeGathered();
    this.#asAcks(() => this.gone.write());
  }

  /** What is written is of acks to those who ask what the queue uses. */
  #asAcks(write: () => void): void {
    if (this.gone.isEmpty) return;
    this.history.meter.charge("enqueue", 0);
    write();
    this.history.meter.charge("ack", 0);
  }

  /** Brings the counts up to date; false: they are exact only in a later turn, since a part of the rows is counted in each. */
  isCounted(now: number, rows?: number): boolean {
    if (!this.counts.isComplete) this.writeTasks();
    return this.counts.bringTo(now, rows);
  }

  /** The same but for which tasks are delayed. */
  isBacklogCounted(now: number): boolean {
    if (!this.counts.isComplete) this.writeTasks();
    return this.counts.count(now);
  }

  /** How far reading and keys have come: kept in every claim's row, where it costs nothing. */
  progress(): { readTo: number; lastKey: number; rateAt: number } {
    this.#keptKey = this.sequence.last;
    return { readTo: this.arrivals.readTo, lastKey: this.sequence.last, rateAt: this.keys.rateAt };
  }

  #claimEnded({ place, slot, turnMs, expiresAt }: Claim): void {
    const { lane, key, priority } = place;
    this.levels.freed(place);
    const { rings } = this.levels;
    if (key !== null) rings.wake(key);
    // A task without a key was served when no key waited: it had no turn.
    else if (turnMs === 0) return;
    if (slot.claimedAt === null || this.keys.settings.fairness !== "share") return;
    const tookMs = Math.max(0, Math.min(this.#turnAt, expiresAt) - slot.claimedAt);
    rings.ended(lane, priority, tookMs, turnMs, key === null ? 1 : this.keys.weightOf(key.name));
  }

  /** No claim's row says any longer which keys were given out: the queue's does. */
  keepAllKeys(): void {
    this.#keptKey = this.row?.lastKey ?? 0;
    this.keepKeys(this.sequence.last);
  }

  /** Whose ids are this queue's own. */
  get lives(): Lives {
    return this.row ?? NO_LIVES;
  }

  /** The queue if it exists: written once, and not deleted since. */
  existing(): QueueRow | null {
    return this.row === null || this.row.deletedAt !== null ? null : this.row;
  }

  put(row: QueueRow): void {
    this.queueRow.put(row);
    this.row = row;
  }

  /**
   * Rows up to this key are gone, or a document of this version: if no later row and no claim's says that the key was given out,
   * the queue's row does from now on, so that no later task or document gets it again, whatever the clock says then.
   */
  keepKeys(upTo: number): void {
    if (upTo <= this.#keptKey || this.row === null) return;
    if (this.tasks.lastSeqs().some((seq) => keyOf(seq) > upTo)) return;
    this.#keptKey = this.sequence.last;
    this.put({ ...this.row, lastKey: this.sequence.last });
  }
}

const NO_LIVES: Lives = { tag: "", former: [] };
