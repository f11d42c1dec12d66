// The directory lists queues by their names or by their trouble, reads as many rows as a page shows, and forgets what is deleted.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { OverviewPlace, QueueReport, ReportedQueue } from "../../src/core/queue-report.ts";
import type { DirectoryObject } from "../../src/object/directory-object.ts";
import { fc } from "../random/fc.ts";
import { allows, EVERYTHING, type Grant } from "../../src/api/grant.ts";
import { stoppedClock } from "../workers/clock.ts";

stoppedClock();

function report(number: number, changes: Partial<QueueReport> = {}): QueueReport {
  return {
    life: "a",
    number,
    createdAt: 1,
    paused: false,
    maxInFlight: 10,
    maxBacklog: null,
    consumers: 1,
    parked: 0,
    stats: { ready: 0, delayed: 0, claimed: 0, dead: 0, oldestReadyAgeMs: null },
    totals: {},
    ...changes,
  };
}

const UNHEARD = {
  consumers: 0,
  stats: { ready: 5, delayed: 0, claimed: 0, dead: 0, oldestReadyAgeMs: 40_000 },
} satisfies Partial<QueueReport>;

/** A directory of its own for each test. */
function inDirectory<Result>(
  name: string,
  act: (directory: DirectoryObject, sql: SqlStorage) => Result | Promise<Result>,
): Promise<Result> {
  return runInDurableObject(env.DIRECTORY.getByName(name), (directory, { storage }) => act(directory, storage.sql));
}

/** A hundred of them by their names. */
async function named(directory: DirectoryObject, grant: Grant, find = "", after = ""): Promise<ReportedQueue[]> {
  const queues = await directory.overview(after, 100, grant, find);
  if (!Array.isArray(queues)) throw new Error("a page was answered, and queues were asked for");
  return queues;
}

function register(directory: DirectoryObject, name: string, seq = 1): void {
  directory.receive(name, [
    { seq, kind: "register", body: JSON.stringify({ name, createdAt: 1 }), payload: null, createdAt: 1 } as never,
  ]);
}

test("the gravest trouble is first, page by page, and queues without any follow by name, each once", async () => {
  await inDirectory("ordered", async (directory) => {
    const trouble: Record<string, Partial<QueueReport>> = {
      a: {},
      b: { parked: 1 },
      c: UNHEARD,
      d: {},
      e: { totals: { died: 2 } },
      f: { parked: 3, limitedKeys: 1 },
      g: { paused: true, ...UNHEARD },
    };
    for (const [name, changes] of Object.entries(trouble)) {
      register(directory, name);
      directory.report(name, report(1, changes));
    }
    register(directory, "unreported");
    for (const limit of [1, 2, 3, 100]) {
      const seen: string[] = [];
      let after: Parameters<DirectoryObject["overviewByTrouble"]>[0] = null;
      for (;;) {
        const page = await directory.overviewByTrouble(after, limit, EVERYTHING);
        seen.push(...page.queues.map(({ name }) => name));
        if (page.last === null) break;
        after = page.last;
      }
      expect(seen).toEqual(["e", "c", "f", "b", "a", "d", "g", "unreported"]);
    }
  });
});

test("a part of a name finds the queues that have it, page by page, in capitals or not", async () => {
  await inDirectory("found", async (directory) => {
    for (let at = 0; at < 2_500; at += 1) register(directory, at % 500 === 7 ? `Orders-${at}` : `mails-${at}`);
    directory.report("Orders-1007", report(1, { parked: 1 }));
    directory.report("mails-1", report(1, { parked: 1 }));
    expect((await named(directory, EVERYTHING, "rders-1")).map(({ name }) => name)).toEqual([
      "Orders-1007",
      "Orders-1507",
    ]);
    const first = await directory.overviewByTrouble(null, 3, EVERYTHING, "orders-");
    expect(first.queues.map(({ name }) => name)).toEqual(["Orders-1007", "Orders-1507", "Orders-2007"]);
    const next = await directory.overviewByTrouble(first.last, 3, EVERYTHING, "orders-");
    expect(next.queues.map(({ name }) => name)).toEqual(["Orders-507", "Orders-7"]);
    const some = { ...EVERYTHING, queues: ["*-7"] };
    expect((await named(directory, some, "orders")).map(({ name }) => name)).toEqual(["Orders-7"]);
  });
});

test("a part of a name and a token's patterns cost a look at each name, not at its report", async () => {
  await inDirectory("searched", async (directory, sql) => {
    for (let number = 0; number < 3_000; number += 1) {
      const name = `q${String(number).padStart(5, "0")}`;
      register(directory, name);
      directory.report(name, report(1, number % 100 === 0 ? { parked: 1 } : {}));
    }
    const read = async (
      page: () => Promise<readonly { readonly name: string }[]>,
      names: readonly string[],
    ): Promise<number> =>
      (await counted(sql, async () => expect((await page()).map(({ name }) => name)).toEqual(names))).read;
    const some = { ...EVERYTHING, queues: ["*2345", "q0100*"] };
    const granted = [
      "q01000",
      "q01001",
      "q01002",
      "q01003",
      "q01004",
      "q01005",
      "q01006",
      "q01007",
      "q01008",
      "q01009",
      "q02345",
    ];
    expect(await read(() => named(directory, EVERYTHING, "02345"), ["q02345"])).toBeLessThanOrEqual(3_010);
    expect(await read(() => named(directory, some), granted)).toBeLessThanOrEqual(3_050);
    const byTrouble = await read(async () => (await directory.overviewByTrouble(null, 100, some)).queues, granted);
    // Those in trouble are looked at twice, with their names.
    expect(byTrouble).toBeLessThanOrEqual(3_000 + 2_970 + 3 * 30 + 30);
  });
});

test("a page looks at ten thousand names at most, says how many it was, and goes on from there", async () => {
  await inDirectory("many", async (directory, sql) => {
    for (let number = 0; number < 10_500; number += 1) register(directory, `q${String(number).padStart(5, "0")}`);
    directory.report("q10400", report(1, { parked: 1 }));
    for (const grant of [EVERYTHING, { ...EVERYTHING, queues: ["q104*"] }]) {
      const find = grant === EVERYTHING ? "q104" : "";
      const pages: (readonly [queues: number, lookedAt: number])[] = [];
      const { read } = await counted(sql, async () => {
        for (let after: OverviewPlace | null = { weight: 0, name: "" }; after !== null;) {
          const page = await directory.overview(after.name, 1_000, grant, find, true);
          if (Array.isArray(page)) throw new Error("a page was asked for");
          pages.push([page.queues.length, page.lookedAt]);
          after = page.last;
        }
      });
      expect(pages).toEqual([
        [0, 10_000],
        [100, 500],
      ]);
      expect(read).toBeLessThanOrEqual(10_500 + 3 * 100 + 10);
      const seen: string[] = [];
      const looks: number[] = [];
      for (let after: OverviewPlace | null | undefined; after !== null;) {
        const page = await directory.overviewByTrouble(after ?? null, 1_000, grant, find);
        seen.push(...page.queues.map(({ name }) => name));
        looks.push(page.lookedAt);
        after = page.last;
      }
      expect(looks).toEqual([10_000, 501]);
      expect(seen).toHaveLength(100);
      expect(seen[0]).toBe("q10400");
    }
  });
});

test("a token's patterns find the same queues in the directory as elsewhere", async () => {
  await inDirectory("patterns", async (directory) => {
    const names = ["a", "A", "ab", "a.b", "a-b", "a_b", "b.a", "aXb", "z9", "a..b", "Orders-1", "orders-1"];
    for (const name of names) register(directory, name);
    const pattern = fc.array(fc.constantFrom("*", "a", "b", "A", ".", "-", "_", "o", "1"), {
      minLength: 1,
      maxLength: 8,
    });
    const patterns = fc.array(
      pattern.map((parts) => parts.join("")),
      { minLength: 1, maxLength: 50 },
    );
    await fc.assert(
      fc.asyncProperty(patterns, async (queues) => {
        const grant = { ...EVERYTHING, queues };
        const seen = (await named(directory, grant)).map(({ name }) => name);
        expect(seen.toSorted()).toEqual(names.filter((name) => allows(grant, "browse", name)).toSorted());
      }),
      { numRuns: 300 },
    );
  });
});

/** Rows that statements read and write while `act` runs. */
async function counted(
  sql: SqlStorage,
  act: () => unknown,
): Promise<{ readonly read: number; readonly written: number }> {
  const exec = sql.exec.bind(sql);
  const cursors: { readonly rowsRead: number; readonly rowsWritten: number }[] = [];
  sql.exec = ((...args: Parameters<typeof exec>) => {
    const cursor = exec(...args);
    cursors.push(cursor);
    return cursor;
  }) as typeof sql.exec;
  try {
    await act();
  } finally {
    sql.exec = exec;
  }
  const sum = (of: "rowsRead" | "rowsWritten"): number => cursors.reduce((total, cursor) => total + cursor[of], 0);
  return { read: sum("rowsRead"), written: sum("rowsWritten") };
}

test("a report costs one row, and its place in the order one or two more when it changes", async () => {
  await inDirectory("priced", async (directory, sql) => {
    register(directory, "a");
    const written = async (number: number, changes: Partial<QueueReport> = {}): Promise<number> =>
      (await counted(sql, () => directory.report("a", report(number, changes)))).written;
    expect(await written(1)).toBe(1);
    expect(await written(2)).toBe(1);
    expect(await written(3, { parked: 1 })).toBeLessThanOrEqual(3);
    expect(await written(4, { parked: 2 })).toBe(1);
    expect(await written(5, UNHEARD)).toBeLessThanOrEqual(3);
    expect(await written(6)).toBeLessThanOrEqual(3);
    expect(await written(7)).toBe(1);
  });
});

test("of ten thousand queues a page reads its own rows, in either order", async () => {
  await inDirectory("large", async (directory, sql) => {
    for (let number = 0; number < 10_000; number += 1) {
      const name = `q${String(number).padStart(5, "0")}`;
      register(directory, name);
      directory.report(name, report(1, number % 10 === 0 ? UNHEARD : {}));
    }
    const read = async (page: () => Promise<{ readonly length: number }>): Promise<number> =>
      (await counted(sql, async () => expect((await page()).length).toBe(100))).read;
    expect(await read(() => named(directory, EVERYTHING, "", "q05000"))).toBeLessThanOrEqual(410);
    expect(
      await read(async () => (await directory.overviewByTrouble(null, 100, EVERYTHING)).queues),
    ).toBeLessThanOrEqual(450);
    const later = { weight: 16, name: "q05000" };
    expect(
      await read(async () => (await directory.overviewByTrouble(later, 100, EVERYTHING)).queues),
    ).toBeLessThanOrEqual(450);
    const calm = { weight: 0, name: "q05000" };
    expect(
      await read(async () => (await directory.overviewByTrouble(calm, 100, EVERYTHING)).queues),
    ).toBeLessThanOrEqual(450);
  });
});

test("a deleted queue's report is forgotten, and not by a late message of a life before", async () => {
  await inDirectory("forgetful", (directory, sql) => {
    const reports = (): number => sql.exec(`SELECT 1 FROM reports`).toArray().length;
    const unregister = (seq: number): void =>
      void directory.receive("a", [{ seq, kind: "unregister", body: "{}", payload: null, createdAt: 1 } as never]);
    register(directory, "a", 5);
    directory.report("a", report(1, UNHEARD));
    unregister(4);
    expect(reports()).toBe(1);
    unregister(6);
    expect(reports()).toBe(0);
  });
});

test("a directory of the version before gets the order, and keeps its reports", async () => {
  await inDirectory("upgraded", (directory, sql) => {
    register(directory, "a");
    directory.report("a", report(1, { parked: 1 }));
    sql.exec(`DROP INDEX reports_rank`);
    sql.exec(`ALTER TABLE reports DROP COLUMN rank`);
  });
  await evictDurableObject(env.DIRECTORY.getByName("upgraded"));
  await inDirectory("upgraded", async (directory) => {
    expect((await directory.overviewByTrouble(null, 10, EVERYTHING)).queues).toMatchObject([
      { name: "a", report: { parked: 1 } },
    ]);
    directory.report("a", report(2, { parked: 2 }));
    expect((await directory.overviewByTrouble(null, 1, EVERYTHING)).last).toMatchObject({ weight: 2, name: "a" });
  });
});

test("pages that are asked for at once are made one after the other, others served between", async () => {
  await inDirectory("asked-at-once", async (directory) => {
    for (let number = 0; number < 20; number += 1) register(directory, `q${number}`);
    const served: string[] = [];
    const pages = Array.from({ length: 3 }, () => [
      directory.overview("", 10, EVERYTHING).then(() => served.push("page")),
      directory.overviewByTrouble(null, 10, EVERYTHING).then(() => served.push("page")),
      directory.list("", 10).then(() => served.push("page")),
    ]);
    const other = scheduler.wait(0).then(() => served.push("other"));
    await Promise.all([...pages.flat(), other]);
    expect(served.indexOf("other")).toBeLessThan(2);
    expect(served).toHaveLength(10);
  });
});

test("a token of many patterns has pages that look at fewer names", async () => {
  await inDirectory("compared", async (directory) => {
    for (let number = 0; number < 3_000; number += 1) register(directory, `q${String(number).padStart(5, "0")}`);
    const grant = { ...EVERYTHING, queues: Array.from({ length: 50 }, (_, n) => `*0*0*${n}x`) };
    const page = await directory.overview("", 100, grant, "", true);
    expect(page).toMatchObject({ queues: [], lookedAt: 2_000, last: { name: "q01999" } });
    const next = await directory.overview("q01999", 100, grant, "", true);
    expect(next).toMatchObject({ queues: [], lookedAt: 1_000, last: null });
  });
});
