// The demo's judgement of a run: what the consumers wrote down in every way that a kill can cut it off.

import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { check } from "../../scripts/demo/check.ts";
import { Journal, readJournal, type JournalLine } from "../../scripts/demo/journal.ts";
import { temporaryFolder } from "./run-script.ts";

const EXPECTED = new Map([["file", "hash"]]);
const DONE = new Set(["file"]);

function result(claim: string, { attempts = 1, sha256 = "hash" } = {}): JournalLine {
  return { kind: "result", id: "file", claim, attempts, sha256 };
}

function ack(claim: string, ok = true): JournalLine {
  return { kind: "ack", claim, ok };
}

describe("one committed result", () => {
  test("is a result whose ack succeeded", () => {
    expect(check(EXPECTED, DONE, [[result("a"), ack("a")], []])).toEqual({
      committed: 1,
      lost: [],
      twice: [],
      wrong: [],
      redelivered: 0,
      unanswered: 0,
    });
  });

  test("is the second attempt's, when the first was killed before its ack", () => {
    const journals = [[result("a")], [result("b", { attempts: 2 }), ack("b")]];
    expect(check(EXPECTED, DONE, journals)).toMatchObject({ committed: 1, redelivered: 1, unanswered: 0 });
  });

  test("is the second attempt's, when the first was too slow and its ack was refused", () => {
    const journals = [
      [result("a"), ack("a", false)],
      [result("b", { attempts: 2 }), ack("b")],
    ];
    expect(check(EXPECTED, DONE, journals)).toMatchObject({ committed: 1, redelivered: 1 });
  });

  test("is the killed one's, when its ack was answered to nobody and no other ack succeeded", () => {
    expect(check(EXPECTED, DONE, [[result("a")], []])).toMatchObject({ committed: 1, unanswered: 1 });
    const journals = [[result("a")], [result("b", { attempts: 2 }), ack("b", false)]];
    expect(check(EXPECTED, DONE, journals)).toMatchObject({ committed: 1, unanswered: 1 });
  });
});

describe("the check fails for", () => {
  test("a file that nobody did", () => {
    expect(check(EXPECTED, DONE, [[], []])).toMatchObject({ committed: 0, lost: ["file"] });
  });

  test("a file whose acks were all refused", () => {
    expect(check(EXPECTED, DONE, [[result("a"), ack("a", false)]])).toMatchObject({ committed: 0, lost: ["file"] });
  });

  test("a task that the queue does not know as done, whatever the consumers say", () => {
    const none = new Set<string>();
    expect(check(EXPECTED, none, [[result("a"), ack("a")]])).toMatchObject({ committed: 0, lost: ["file"] });
    expect(check(EXPECTED, none, [[result("a")]])).toMatchObject({ committed: 0, lost: ["file"] });
  });

  test("a task of which two acks succeeded", () => {
    const journals = [
      [result("a"), ack("a")],
      [result("b", { attempts: 2 }), ack("b")],
    ];
    expect(check(EXPECTED, DONE, journals)).toMatchObject({ committed: 0, twice: ["file"] });
  });

  test("a committed result that is not the hash taken directly", () => {
    const wrong = { sha256: "another" };
    expect(check(EXPECTED, DONE, [[result("a", wrong), ack("a")]])).toMatchObject({ committed: 0, wrong: ["file"] });
    expect(check(EXPECTED, DONE, [[result("a", wrong)]])).toMatchObject({ committed: 0, wrong: ["file"] });
  });
});

test("a wrong result that was never committed does no harm", () => {
  const journals = [[result("a", { sha256: "another" })], [result("b", { attempts: 2 }), ack("b")]];
  expect(check(EXPECTED, DONE, journals)).toMatchObject({ committed: 1, wrong: [] });
});

test("a line that was being written when its writer was killed does not count", () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  const journal = new Journal(path);
  journal.write([result("a"), ack("a")]);
  journal.close();
  appendFileSync(path, JSON.stringify(result("b")));
  expect(readJournal(path)).toEqual([result("a"), ack("a")]);
});
