// The dashboard's rules that need no browser: what a search matches, which errors are the same one, which numbers survive.

import { describe, expect, test } from "vitest";
import { deadGroupsOf } from "../../src/dashboard/data/dead-groups.ts";
import { taskOfDraft, EMPTY_DRAFT } from "../../src/dashboard/data/draft.ts";
import { ExactNumber, inexactNumber, parseExactJson } from "../../src/dashboard/data/exact-json.ts";
import { fingerprintOf } from "../../src/dashboard/data/fingerprint.ts";
import { noEvents } from "../../src/core/task-event.ts";
import { columnsOf } from "../../src/dashboard/data/history-columns.ts";
import { heldBackBy, setFor } from "../../src/dashboard/data/key-words.ts";
import type { WireReport } from "../../src/protocol/wire-overview.ts";
import { axisTime } from "../../src/dashboard/parts/words.ts";
import { reportedTroubles, troublesOf } from "../../src/dashboard/data/trouble.ts";
import { whyNotRunning } from "../../src/dashboard/data/why-not-running.ts";
import { span } from "../../src/dashboard/parts/words.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import type { WireQueue, WireStats } from "../../src/protocol/wire-queue.ts";
import type { WireAttempt, WireBrowsedTask, WireTaskLimited } from "../../src/protocol/wire-task.ts";

const NOW = 1_800_000_000_000;

function task(parts: Partial<WireBrowsedTask> = {}): WireBrowsedTask {
  return {
    id: "order-7",
    version: 1,
    lane: "main",
    priority: 0,
    payload: { customer: { id: 42, city: "Ghent" }, items: [{ sku: "a" }, { sku: "b" }], url: "https://example.com/a" },
    encoding: "json",
    headers: { trace: "abc-1" },
    attempts: 3,
    maxAttempts: null,
    enqueuedAt: NOW - 60_000,
    visibleAt: NOW - 60_000,
    expiresAt: null,
    error: "TimeoutError: after 1500 ms",
    origin: null,
    state: "ready",
    claimedUntil: null,
    claimant: null,
    diedAt: null,
    ...parts,
  };
}

function held(by: WireTaskLimited["by"], of: WireTaskLimited["of"], inMs: number | null = null): WireBrowsedTask {
  return task({ key: "tenant-42", limited: { by, of, until: inMs === null ? null : NOW + inMs } });
}

function queue(stats: Partial<WireStats>, settings: Partial<WireQueue["settings"]> = {}): WireQueue {
  const none = { ready: 0, delayed: 0, claimed: 0, dead: 0 };
  return {
    name: "orders",
    createdAt: NOW,
    settings: { ...DEFAULT_SETTINGS, ...settings },
    stats: {
      ...none,
      oldestReadyAgeMs: null,
      bytes: 0,
      outbox: 0,
      budgetReached: null,
      alarmSlowedMs: 0,
      slowedTask: null,
      lanes: {},
      ...stats,
    },
  };
}

function dead(error: string | null, diedAt: number): WireBrowsedTask {
  return task({ state: "dead", error, diedAt });
}

describe("the fingerprint of an error", () => {
  test.each([
    ["Timeout after 1500 ms", "Timeout after 20 ms"],
    ["order 7f9c6a2e-0000-4000-8000-000000000001 not found", "order 11111111-2222-4333-8444-555555555555 not found"],
    ['no column "a" in "t"', 'no column "bb" in "u"'],
    ["connect ECONNREFUSED 10.0.0.1:5432", "connect ECONNREFUSED 10.0.0.17:5432"],
    ["CardDeclined for ord_9323", "CardDeclined for ord_9324"],
    ["commit 3f2a9bc1 failed\n    at a.ts:1", "commit 99ffab12 failed\n    at b.ts:200"],
  ])("%s and %s are the same", (a, b) => {
    expect(fingerprintOf(a)).toBe(fingerprintOf(b));
  });

  test("keeps what tells errors apart", () => {
    expect(fingerprintOf("Timeout after 5 ms")).not.toBe(fingerprintOf("Refused after 5 ms"));
    expect(fingerprintOf("deadbeef")).toBe("deadbeef");
    expect(fingerprintOf("")).toBe("");
  });

  test("groups dead tasks, the largest group first, with first, last and origins", () => {
    const groups = deadGroupsOf([dead("Refused", 5), dead("Timeout 1", 9), dead("Timeout 2", 7), dead(null, 1)]);
    expect(
      groups.map(({ fingerprint, tasks, firstAt, lastAt }) => [fingerprint, tasks.length, firstAt, lastAt]),
    ).toEqual([
      ["Timeout <n>", 2, 7, 9],
      ["Refused", 1, 5, 5],
      ["", 1, 1, 1],
    ]);
  });
});

/** Attempts that failed with these errors; null: their claims ran out. */
function past(...errors: readonly (string | null)[]): WireAttempt[] {
  return errors.map((error, at) => ({
    attempt: at + 1,
    readyAt: 1,
    claimedAt: 2,
    claimant: null,
    endedAt: 3,
    outcome: error === null ? "expired" : error === "later" ? "snoozed" : "failed",
    error,
  }));
}

test("a group of dead tasks says how else they have failed before, and at how many of them", () => {
  const [group] = deadGroupsOf([
    { ...dead("Timeout 1", 1), pastAttempts: past("Refused 1", null, "later", "Refused 2", "Timeout 1") },
    { ...dead("Timeout 2", 2), pastAttempts: past("Refused 3", "Timeout 2") },
    dead("Timeout 3", 3),
  ]);
  expect(group?.earlier).toEqual([
    { fingerprint: "Refused <n>", tasks: 2 },
    { fingerprint: "claim expired", tasks: 1 },
  ]);
});

describe("numbers in JSON", () => {
  test("stay as they are written", () => {
    const json = parseExactJson('{"a":[12345678901234567890,1.10,1e400,5]}');
    expect(json).toEqual({
      a: [new ExactNumber("12345678901234567890"), new ExactNumber("1.10"), new ExactNumber("1e400"), 5],
    });
    expect(parseExactJson("{")).toBeUndefined();
  });

  test.each([
    ["[1.10, 1e3, 9007199254740992, 0.1, -5]", null],
    ['{"a":[{"b":9007199254740993}]}', "9007199254740993"],
    ["[1e400]", "1e400"],
    ["-12345678901234567890", "-12345678901234567890"],
  ])("%s: the first that does not survive is %s", (text, found) => {
    expect(inexactNumber(parseExactJson(text) ?? null)).toBe(found);
  });
});

describe("a draft", () => {
  test("becomes the body of an enqueue", () => {
    const draft = {
      ...EMPTY_DRAFT,
      payload: "hi",
      contentType: "text/plain",
      delayMs: "500",
      headers: "a: b: c\n\nd:e",
    };
    expect(taskOfDraft(draft)).toEqual({
      kind: "task",
      task: {
        payload: "hi",
        encoding: "text",
        contentType: "text/plain",
        lane: "main",
        priority: 0,
        delayMs: 500,
        headers: { a: "b: c", d: "e" },
      },
    });
  });

  test.each([
    [{ payload: "{" }, "payload"],
    [{ payload: "[12345678901234567890]" }, "payload"],
    [{ headers: "no colon" }, "headers"],
    [{ priority: "high" }, "priority"],
    [{ delayMs: "1.5" }, "delayMs"],
  ])("with %j is refused at its field", (part, field) => {
    expect(taskOfDraft({ ...EMPTY_DRAFT, ...part })).toMatchObject({ kind: "wrong", field });
  });
});

describe("trouble", () => {
  const at = { ready: 0, delayed: 0, claimed: 0, dead: 0, at: NOW };
  test.each([
    ["a quiet queue", queue({ delayed: 4 }), [], []],
    ["dead tasks", queue({ dead: 2 }), [], [2]],
    ["dead tasks that grow", queue({ dead: 2 }), [{ ...at, dead: 1 }], [3]],
    ["a backlog and nobody claiming", queue({ ready: 9, oldestReadyAgeMs: 31_000 }), [], [3]],
    ["a backlog that is worked on", queue({ ready: 9, claimed: 1, oldestReadyAgeMs: 31_000 }), [], []],
    ["one of a consumer that polls", { ...queue({ ready: 9, oldestReadyAgeMs: 31_000 }), isWorkedOn: true }, [], []],
    ["a backlog that is late", queue({ ready: 9, claimed: 1, oldestReadyAgeMs: 301_000 }), [], [2]],
    ["a paused queue with a backlog", queue({ ready: 9, oldestReadyAgeMs: 400_000 }, { paused: true }), [], [2]],
    ["a queue at its limit", queue({ claimed: 5 }, { maxInFlight: 5 }), [], [2]],
    ["a full queue", queue({ ready: 5, claimed: 1 }, { maxBacklog: 5 }), [], [3]],
    ["messages on their way", queue({ outbox: 1 }), [], [1]],
  ])("of %s", (_name, of, history, levels) => {
    expect(troublesOf(of, history).map(({ level }) => level)).toEqual(levels);
  });
});

describe("trouble as it was reported", () => {
  const report: WireReport = {
    ageMs: 0,
    paused: false,
    maxInFlight: 10,
    maxBacklog: null,
    deadLetterQueue: null,
    consumers: 1,
    parked: 0,
    limitedKeys: 0,
    inPerMinute: 0,
    outPerMinute: 0,
    trouble: [],
    stats: { ready: 5, delayed: 0, claimed: 0, dead: 0, oldestReadyAgeMs: 40_000 },
  };
  test.each([
    ["a queue with a consumer that waits", {}, []],
    ["one that nobody listens to", { consumers: 0 }, [3]],
    ["one whose consumer polls", { consumers: 0, ackedPerMinute: 3, failedPerMinute: 0 }, []],
    ["one whose consumer polled half a minute ago", { consumers: 0, ackedPerMinute: 3, ageMs: 30_000 }, [3]],
    ["one that fails more than it does", { failedPerMinute: 10, ackedPerMinute: 9 }, [3]],
    ["one that does more than it fails", { failedPerMinute: 10, ackedPerMinute: 10 }, []],
    ["one of few failures", { failedPerMinute: 9, ackedPerMinute: 0 }, []],
    ["deaths", { trouble: ["deaths"] }, [3]],
    ["one that falls behind", { trouble: ["falling-behind"] }, [2]],
    ["parked messages and limited keys", { parked: 2, limitedKeys: 1 }, [2, 1]],
    ["one that is not counted", { stats: null, parked: 1 }, [2]],
  ])("of %s", (_name, changes, levels) => {
    const reported = { name: "other", createdAt: NOW, report: { ...report, ...changes } };
    expect(reportedTroubles(reported, []).map(({ level }) => level)).toEqual(levels);
  });
  test("of a queue that has not reported is none", () => {
    expect(reportedTroubles({ name: "new", createdAt: NOW, report: null }, [])).toEqual([]);
  });
});

describe("the columns of a queue's history", () => {
  const EVENTS = {
    enqueued: 6,
    received: 0,
    claimed: 3,
    acked: 3,
    cancelled: 0,
    moved: 0,
    removed: 0,
    failed: 1,
    expired: 0,
    snoozed: 0,
    died: 0,
    redriven: 0,
  };
  const happened = { events: EVENTS, waitMs: { p50: 500, p95: 2_000 }, runMs: null };
  const minute = { at: 60_000, ms: 60_000, ...happened, backlog: 4, dead: 1 };
  const fine = { at: 130_000, ms: 10_000, ...happened, backlog: null, dead: null };

  test("a minute stands for its ten-second steps, an empty step for nothing, and rates are by the minute", () => {
    const history = { from: 60_000, to: 150_000, stepMs: 10_000, points: [minute, fine], total: happened, lanes: [] };
    const { throughput, backlog, wait, run } = columnsOf(history, { createdAt: 0, waiting: 7, dead: 0 });
    expect(throughput).toEqual([
      [60, 120, 130, 140],
      [6, 0, 36, 0],
      [3, 0, 18, 0],
    ]);
    expect(backlog[1]).toEqual([4, 4, 4, 7]);
    expect(backlog[2]).toEqual([1, 1, 1, 0]);
    expect(wait[2]).toEqual([2, null, 2, null]);
    expect(run[1]).toEqual([null, null, null, null]);
  });
});

describe("a backlog of which its history says nothing", () => {
  test("has been what it is now", () => {
    const total = { events: noEvents(), waitMs: null, runMs: null };
    const history = { from: 0, to: 30_000, stepMs: 10_000, points: [], total, lanes: [] };
    expect(columnsOf(history, { createdAt: 0, waiting: 100, dead: 2 }).backlog).toEqual([
      [0, 10, 20],
      [100, 100, 100],
      [2, 2, 2],
    ]);
  });
});

describe("the columns of a young queue", () => {
  test.each([
    [[], 20_000, [20, 30]],
    // As after an import: what is known of is older than the queue.
    [
      [{ at: 10_000, ms: 10_000, events: noEvents(), waitMs: null, runMs: null, backlog: 1, dead: 0 }],
      20_000,
      [10, 20, 30],
    ],
    // By a reader's clock that is behind.
    [[], 999_000, [30]],
  ])("%#: begin with it", (points, createdAt, instants) => {
    const total = { events: noEvents(), waitMs: null, runMs: null };
    const history = { from: 0, to: 40_000, stepMs: 10_000, points, total, lanes: [] };
    expect(columnsOf(history, { createdAt, waiting: 0, dead: 0 }).throughput[0]).toEqual(instants);
  });
});

describe("an axis of time", () => {
  const AT = new Date(2026, 10, 27, 14, 5, 30).getTime();
  test.each([
    [AT, 10, "14:05:30"],
    [AT, 900, "14:05"],
    [new Date(2026, 10, 27).getTime(), 14_400, "27 Nov"],
    [AT, 14_400, "14:05"],
    [AT, 86_400, "27 Nov"],
  ])("%d, with marks %d seconds apart, is %s", (at, stepS, text) => {
    expect(axisTime(at, stepS)).toBe(text);
  });
});

describe("what holds a key back", () => {
  const override = { concurrency: null, rate: null, weight: null, paused: false };
  const key = {
    key: "acme",
    ready: 3,
    delayed: 0,
    claimed: 2,
    hasMore: false,
    credit: null,
    override,
    blockedBy: ["a"],
  };
  test.each([
    [null, ""],
    [{ by: "paused", until: null }, "It is paused"],
    [{ by: "blocked", until: null }, "Blocked by 1 dead task"],
    [{ by: "order", until: null }, "An earlier task of it is claimed"],
    [{ by: "order", until: NOW + 5_000 }, "An earlier task of it is tried again at "],
    [{ by: "concurrency", until: null }, "2 tasks of it are claimed, as many as may be"],
    [{ by: "limitKey", until: NOW + 5_000 }, "A consumer asked for a rest until "],
    [{ by: "rate", until: NOW + 5_000 }, "Its rate is used up until "],
  ] as const)("%j: %s", (limited, text) => {
    const said = heldBackBy({ ...key, limited }, NOW);
    expect(text.endsWith(" ") ? said.slice(0, text.length) : said).toBe(text);
  });
  test("and what is set for it alone is shown with units", () => {
    const rate = { limit: 100, periodMs: 60_000, burst: 10 };
    expect(setFor({ concurrency: 2, rate, weight: 3, paused: false })).toBe("2 at one time, 100 in 1 min, 3 turns");
    expect(setFor(override)).toBe("");
  });
});

describe("why a task is not running", () => {
  test.each([
    ["paused", held("paused", "queue"), queue({ ready: 1 }, { paused: true }), "The queue is paused"],
    ["limit", held("maxInFlight", "queue"), queue({ claimed: 5 }, { maxInFlight: 5 }), "at its limit: 5 tasks of 5"],
    ["rate", held("rate", "queue", 5_000), queue({ ready: 1 }), "The queue has used up its rate"],
    ["key's rate", held("rate", "key", 5_000), null, "key tenant-42 has used up its rate. It may be offered from"],
    ["key's pause", held("paused", "key"), null, "key tenant-42 is paused"],
    ["key's rest", held("limitKey", "key", 5_000), null, "asked for a rest of its key tenant-42 until"],
    ["key's limit", held("concurrency", "key"), null, "As many tasks of its key tenant-42 are claimed as may be"],
    ["order", held("order", "key"), null, "An earlier task of its key tenant-42 is claimed"],
    ["retry before it", held("order", "key", 5_000), null, "failed and is tried again at"],
    ["block", held("blocked", "key"), null, "blocked by a dead task"],
    [
      "returns",
      { ...held("returns", "task", 500), state: "delayed" as const },
      null,
      "3 attempts so far, and so it is slowed",
    ],
    ["nobody", task(), queue({ ready: 1 }), "waited 1 min, but no consumer holds a claim"],
    ["next", task(), queue({ ready: 1, claimed: 2 }), "the next claim takes it"],
    ["others", task(), queue({ ready: 9, claimed: 2 }), "one of 9 ready tasks; consumers hold 2"],
    ["scheduled", task({ state: "delayed", attempts: 0, visibleAt: NOW + 5_000 }), null, "in 5 s"],
    [
      "retry",
      task({ state: "delayed", attempts: 2, maxAttempts: 5, visibleAt: NOW + 5_000 }),
      null,
      "Attempt 2 of 5 failed",
    ],
    [
      "running",
      task({ state: "claimed", claimant: "host-1", claimedUntil: NOW + 5_000 }),
      null,
      "host-1 holds it until",
    ],
    ["dead", task({ state: "dead", diedAt: NOW }), null, "attempt 3 failed"],
  ])("%s", (_name, of, its, text) => {
    expect(whyNotRunning(of, its, NOW)).toContain(text);
  });
});

test.each([
  [-5, "0 ms"],
  [999, "999 ms"],
  [1_000, "1 s"],
  [61_000, "1 min 1 s"],
  [3_600_000, "1 h"],
  [7_500_000, "2 h 5 min"],
  [86_400_000 * 14, "14 d"],
])("%i ms are %s", (ms, text) => {
  expect(span(ms)).toBe(text);
});
