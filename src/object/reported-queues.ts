// Queues as the directory knows them by their reports. One row a queue holds the last report and what earlier instances had
// counted, so that totals only ever rise. Queues in trouble are in an index as well, so that they are found first.

import { allows, type Grant } from "../api/grant.ts";
import { LIMITS } from "../core/limits.ts";
import type { OverviewPage, OverviewPlace, QueueReport, ReportedQueue } from "../core/queue-report.ts";
import type { Sql } from "../store/sql.ts";
import { deathsIn, isFallingBehind, isWorkedOn, troublesOf, weightOf } from "./reported-trouble.ts";

/** A report as it is kept. */
interface Kept {
  readonly at: number;
  readonly report: QueueReport;
  /** What instances before this one had counted. */
  readonly before: Readonly<Record<string, number>>;
  /** The instance before this one, of which a report may still be on its way. */
  readonly lifeBefore: string | null;
  // Absent from what earlier versions kept:
  readonly lastDeathAt?: number | null;
  readonly isBehind?: boolean;
}

interface Row {
  readonly name: string;
  readonly createdAt: number;
  readonly kept: string | null;
  readonly rank: number | null;
}

/** Which queues a page is of. */
export interface Wanted {
  /** Those that it may browse. */
  readonly grant: Grant;
  /** Those whose names have this in them, in lower case. */
  readonly find: string;
}

/** Patterns of a token after which a page looks at fewer names: each name may be compared with all of them. */
const PATTERNS = 10;
/** Names that are read at a time where not all are wanted. */
const NAMES = 1_000;
/** Before every queue in trouble. */
const FIRST_RANK = -1_000;
/** A queue that has not reported for so long has had no turn in which something happened. ms. */
const RATE_MS = 60_000;

export class ReportedQueues {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#sql.run(`CREATE TABLE IF NOT EXISTS reports (name TEXT PRIMARY KEY, kept TEXT NOT NULL) WITHOUT ROWID`);
    const isRanked = this.#sql.all(`SELECT 1 FROM pragma_table_info('reports') WHERE name = 'rank'`);
    if (isRanked.length > 0) return;
    // The weight of its trouble, negative, so that the index holds the gravest first; null: none, and no entry in it.
    this.#sql.run(`ALTER TABLE reports ADD COLUMN rank INTEGER`);
    this.#sql.run(`CREATE INDEX reports_rank ON reports (rank, name) WHERE rank IS NOT NULL`);
  }

  /** Keeps a report, unless a later one is kept already. One row; two more when it enters, moves in or leaves the trouble index. */
  keep(name: string, report: QueueReport, now: number): void {
    const [row] = this.#sql.all(`SELECT kept, rank FROM reports WHERE name = ?`, name) as unknown as {
      kept: string;
      rank: number | null;
    }[];
    const last = row === undefined ? null : (JSON.parse(row.kept) as Kept);
    const isOfSameLife = last?.report.life === report.life;
    if (last !== null && (report.life === last.lifeBefore || (isOfSameLife && report.number <= last.report.number)))
      return;
    const before = last === null ? {} : isOfSameLife ? last.before : countedBy(last);
    const lifeBefore = last === null ? null : isOfSameLife ? last.lifeBefore : last.report.life;
    const seen = { lastDeathAt: lastDeathAt(last, report, before, now), isBehind: isBehind(last, report, now) };
    const kept: Kept = { at: now, report, before, lifeBefore, ...seen };
    const weight = weightOf(troublesOf(report, seen, now, 0));
    const rank = weight === 0 ? null : -weight;
    // A column that is set is an index entry written, whatever its value.
    if (row !== undefined && row.rank === rank) {
      this.#sql.run(`UPDATE reports SET kept = ? WHERE name = ?`, JSON.stringify(kept), name);
      return;
    }
    this.#sql.run(
      `INSERT INTO reports (name, kept, rank) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET kept = excluded.kept, rank = excluded.rank`,
      name,
      JSON.stringify(kept),
      rank,
    );
  }

  /** The queue is gone. */
  forget(name: string): void {
    this.#sql.run(`DELETE FROM reports WHERE name = ?`, name);
  }

  /** Queues in the order of their names, those after `after` that are looked for. */
  byName(after: string, limit: number, wanted: Wanted, now: number): OverviewPage {
    return this.#page({ weight: 0, name: after }, false, limit, wanted, now);
  }

  /** The same, those in the gravest trouble first, and those without after them in the order of their names. */
  byTrouble(after: OverviewPlace | null, limit: number, wanted: Wanted, now: number): OverviewPage {
    return this.#page(after ?? { weight: -FIRST_RANK, name: "" }, true, limit, wanted, now);
  }

  /** Walks over names, and reads the reports of those that are wanted, until the page is full or enough was looked at. */
  #page(from: OverviewPlace, isByTrouble: boolean, limit: number, { grant, find }: Wanted, now: number): OverviewPage {
    const queues: ReportedQueue[] = [];
    const isForAll = find === "" && grant.queues.includes("*");
    let isRanked = from.weight > 0;
    let at = from;
    let last = from;
    let lookedAt = 0;
    const mostLooks = Math.floor(LIMITS.pageScan / Math.max(1, Math.ceil(grant.queues.length / PATTERNS)));
    while (queues.length < limit && lookedAt < mostLooks) {
      const room = limit - queues.length;
      const most = Math.min(isForAll ? room : NAMES, mostLooks - lookedAt);
      const places = isRanked ? this.#inTrouble(at, most) : this.#named(at, most);
      const names: string[] = [];
      for (const place of places) {
        at = last = place;
        lookedAt += 1;
        if (isWanted(place.name, grant, find)) names.push(place.name);
        if (names.length === room) break;
      }
      for (const { name, createdAt, kept, rank } of this.#rowsOf(names)) {
        // Those in trouble come before the others, and once.
        if (isByTrouble && !isRanked && rank !== null) continue;
        queues.push({ name, createdAt, report: reportOf(createdAt, kept, now) });
      }
      if (places.length === most || at !== (places.at(-1) ?? at)) continue;
      if (!isRanked) return { queues, lookedAt, last: null };
      isRanked = false;
      at = { weight: 0, name: "" };
    }
    return { queues, lookedAt, last };
  }

  /** One value instead of a row for each name: a page may pass ten thousand of them. */
  #named({ name }: OverviewPlace, most: number): OverviewPlace[] {
    const [row] = this.#sql.all(
      `SELECT json_group_array(name) AS names FROM (SELECT name FROM queues WHERE name > ? ORDER BY name LIMIT +?)`,
      name,
      most,
    );
    return (JSON.parse(row?.["names"] as string) as string[]).map((found) => ({ weight: 0, name: found }));
  }

  #inTrouble({ weight, name }: OverviewPlace, most: number): OverviewPlace[] {
    const [row] = this.#sql.all(
      `SELECT json_group_array(json_array(rank, name)) AS places FROM
         (SELECT rank, name FROM reports WHERE rank IS NOT NULL AND (rank, name) > (?, ?) ORDER BY rank, name LIMIT +?)`,
      -weight,
      name,
      most,
    );
    const places = JSON.parse(row?.["places"] as string) as [number, string][];
    return places.map(([rank, found]) => ({ weight: -rank, name: found }));
  }

  /** In the order of the names; a queue that is not registered has none. */
  #rowsOf(names: readonly string[]): Row[] {
    if (names.length === 0) return [];
    return this.#sql.all(
      `SELECT queues.name AS name, created_at AS createdAt, kept, rank FROM json_each(?) AS wanted
         CROSS JOIN queues ON queues.name = wanted.value LEFT JOIN reports ON reports.name = queues.name`,
      JSON.stringify(names),
    ) as unknown as Row[];
  }
}

function isWanted(name: string, grant: Grant, find: string): boolean {
  return name.toLowerCase().includes(find) && allows(grant, "browse", name);
}

/** All that a queue has counted up to a report. */
function countedBy({ before, report }: Pick<Kept, "before" | "report">): Record<string, number> {
  return sum(before, { ...report.totals, ...report.durations });
}

function lastDeathAt(last: Kept | null, report: QueueReport, before: Kept["before"], now: number): number | null {
  const isOfSameQueue = last?.report.createdAt === report.createdAt;
  const deaths = deathsIn(sum(before, report.totals), report.deadLetterQueue);
  const known = last === null ? 0 : deathsIn(countedBy(last), last.report.deadLetterQueue);
  if (deaths > known) return now;
  return isOfSameQueue ? (last.lastDeathAt ?? null) : null;
}

function isBehind(last: Kept | null, report: QueueReport, now: number): boolean {
  return last !== null && isFallingBehind(report.stats, last.report.stats, now - last.at);
}

/** A report of a former life of the queue says nothing of this one. */
function reportOf(createdAt: number, text: string | null, now: number): ReportedQueue["report"] {
  if (text === null) return null;
  const kept = JSON.parse(text) as Kept;
  const { at, report, lastDeathAt: diedAt = null, isBehind: wasBehind = false } = kept;
  if (report.createdAt !== createdAt) return null;
  const { paused, maxInFlight, maxBacklog, consumers, parked, limitedKeys = null, deadLetterQueue = null } = report;
  const ageMs = Math.max(0, now - at);
  const waitedMs = report.stats?.oldestReadyAgeMs ?? null;
  const oldestReadyAgeMs = waitedMs === null ? null : waitedMs + ageMs;
  const stats = report.stats === null ? null : { ...report.stats, oldestReadyAgeMs };
  const rate = (reported: number | undefined): number | null =>
    reported === undefined ? null : ageMs > RATE_MS ? 0 : reported;
  const failedPerMinute = rate(report.failedPerMinute);
  const ackedPerMinute = rate(report.ackedPerMinute);
  const attempts = { failedPerMinute: failedPerMinute ?? 0, ackedPerMinute: ackedPerMinute ?? 0 };
  const counted = Object.entries(countedBy(kept));
  return {
    ageMs,
    paused,
    maxInFlight,
    maxBacklog,
    deadLetterQueue,
    consumers,
    parked,
    limitedKeys,
    inPerMinute: rate(report.inPerMinute),
    outPerMinute: rate(report.outPerMinute),
    failedPerMinute,
    ackedPerMinute,
    lastDeathAt: diedAt,
    trouble: troublesOf(
      { ...report, ...attempts, stats },
      { lastDeathAt: diedAt, isBehind: wasBehind, isWorkedOn: isWorkedOn(report, ageMs) },
      now,
    ),
    stats,
    totals: Object.fromEntries(counted.filter(([name]) => !isDuration(name))),
    durations: Object.fromEntries(counted.filter(([name]) => isDuration(name))),
  };
}

/** Durations are counted beside events, under names with a space. */
function isDuration(name: string): boolean {
  return name.includes(" ");
}

function sum(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((kind) => [kind, (a[kind] ?? 0) + (b[kind] ?? 0)]),
  );
}
