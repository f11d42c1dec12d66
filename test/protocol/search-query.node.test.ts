// The language of searches, as people write it.

import { expect, test } from "vitest";
import { parseSearch, searchedLane, searchedState, SEARCH_QUALIFIERS } from "../../src/protocol/search-query.ts";

function termsOf(text: string) {
  const parsed = parseSearch(text);
  if (parsed.kind !== "terms") throw new Error(`${parsed.term}: ${parsed.allowed}`);
  return parsed.terms;
}

test("terms stand between spaces; quotes hold spaces and colons; a minus excludes", () => {
  expect(termsOf('  state:dead -error:"a \\"b: c" payload.a.b:1 free -"two words" https://example.com/a - ')).toEqual([
    { field: "state", part: "", value: "dead", isExcluded: false },
    { field: "error", part: "", value: 'a "b: c', isExcluded: true },
    { field: "payload", part: "a.b", value: "1", isExcluded: false },
    { field: "text", part: "", value: "free", isExcluded: false },
    { field: "text", part: "", value: "two words", isExcluded: true },
    { field: "text", part: "", value: "https://example.com/a", isExcluded: false },
    { field: "text", part: "", value: "-", isExcluded: false },
  ]);
  expect(termsOf("")).toEqual([]);
});

test.each([
  ["sate:dead", "sate:dead", "one of state, lane, key"],
  ["state:gone", "state:gone", "ready, delayed, claimed or dead"],
  ["ok -state:de*", "-state:de*", "ready, delayed, claimed or dead"],
  ["attempts:many", "attempts:many", "a number"],
  ["priority:>", "priority:>", "a number"],
  ["state:", "state:", "ready"],
  ["error:", "error:", "text"],
  ["header:x", "header:x", "header.NAME"],
  ["header.:x", "header.:x", "header.NAME"],
  ["lane.x:1", "lane.x:1", "one of state"],
  ["constructor:1", "constructor:1", "one of state"],
  ['error:"open', 'error:"open', "ends with a quote"],
  ['"open', '"open', "ends with a quote"],
  [Array.from({ length: 33 }, (_, index) => `lane:w${index}`).join(" "), "lane:w32", "at most 32 terms"],
  [Array.from({ length: 17 }, (_, n) => `w${n}`).join(" "), "w16", "at most 16 terms that look into payloads"],
])("%s is refused, naming the term", (text, term, allowed) => {
  const parsed = parseSearch(text);
  expect(parsed).toMatchObject({ kind: "bad-term", term });
  expect(parsed).toHaveProperty("allowed", expect.stringContaining(allowed));
});

test("one state and one lane that all matches are in are known before anything is read", () => {
  const one = termsOf("state:dead lane:mail error:x");
  expect([searchedState(one), searchedLane(one)]).toEqual(["dead", "mail"]);
  for (const text of ["state:dead state:ready", "-state:dead", "lane:ma*", "-lane:mail", "lane:a lane:b", "dead"]) {
    expect([searchedState(termsOf(text)), searchedLane(termsOf(text))]).toEqual([undefined, undefined]);
  }
});

test("every qualifier that is suggested is one that is taken", () => {
  for (const [written] of SEARCH_QUALIFIERS) {
    const value = { "state:": "dead", "attempts:": "1", "priority:": "1", "header.": "a:1", "payload.": "a:1" }[
      written
    ];
    expect(termsOf(written + (value ?? "x"))).toHaveLength(1);
  }
});
