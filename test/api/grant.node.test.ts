// What a token's claims allow, without tokens.

import { fc } from "../random/fc.ts";
import { describe, expect, test } from "vitest";
import { allows, EVERYTHING, grantOf } from "../../src/api/grant.ts";
import { ACTIONS, type Action } from "../../src/protocol/action.ts";

function textOf(...characters: string[]): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...characters), maxLength: 12 });
}

function allowsQueue(pattern: string, name: string): boolean {
  return allows({ queues: [pattern], can: ["claim"] }, "claim", name);
}

function allowsAdmin(queues: string[]): boolean {
  return allows({ queues, can: ["admin"] }, "admin", "");
}

describe("patterns of queue names", () => {
  test.each([
    ["orders", "orders", true],
    ["orders", "orders2", false],
    ["orders", "Orders", false],
    ["orders*", "orders", true],
    ["orders*", "orders-eu", true],
    ["orders*", "my-orders", false],
    ["*-dead", "orders-dead", true],
    ["*-dead", "orders-dead-2", false],
    ["a*b*c", "abc", true],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "acb", false],
    ["ab*ba", "aba", false],
    ["ab*ba", "abba", true],
    ["a.c", "abc", false],
    ["*", "anything", true],
    ["**", "anything", true],
  ])("%s on queue %s: %s", (pattern, name, expected) => {
    expect(allowsQueue(pattern, name)).toBe(expected);
  });

  test("a pattern matches what a regular expression of the same meaning matches", () => {
    fc.assert(
      fc.property(textOf("a", "b", "*"), textOf("a", "b"), (pattern, name) => {
        expect(allowsQueue(pattern, name)).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(name));
      }),
      { numRuns: 5_000 },
    );
  });

  test("a pattern of many stars on a name that almost matches is decided at once", () => {
    const startedAt = performance.now();
    expect(allowsQueue(`${"a*".repeat(40)}b`, "a".repeat(80))).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(100);
  });
});

describe("actions", () => {
  test("each action allows itself and no other", () => {
    for (const held of ACTIONS) {
      const allowed = ACTIONS.filter((action) => allows({ queues: ["*"], can: [held] }, action, "orders"));
      expect(allowed).toEqual([held]);
    }
  });

  test("what concerns all queues needs a pattern that matches every queue", () => {
    expect(allowsAdmin(["*"])).toBe(true);
    expect(allowsAdmin(["orders*"])).toBe(false);
    expect(allowsAdmin(["orders*", "*"])).toBe(true);
  });

  test("the open mode allows everything", () => {
    for (const action of ACTIONS) {
      expect(allows(EVERYTHING, action, "orders")).toBe(true);
      expect(allows(EVERYTHING, action, "")).toBe(true);
    }
  });
});

describe("claims", () => {
  const queues = ["orders*"];
  const can: Action[] = ["enqueue", "claim"];

  test("queues and actions make a grant", () => {
    expect(grantOf({ queues, can, sub: "somebody" })).toEqual({ kind: "grant", grant: { queues, can } });
  });

  test.each([
    ["no queues", { can }],
    ["queues that are no array", { queues: "orders", can }],
    ["an empty array of queues", { queues: [], can }],
    ["a queue that is no text", { queues: [1], can }],
    ["an empty queue name", { queues: [""], can }],
    ["a character that no queue name has", { queues: ["orders/*"], can }],
    ["a pattern longer than a name may be", { queues: ["a".repeat(82)], can }],
    ["51 queues", { queues: Array.from({ length: 51 }, () => "a"), can }],
  ])("%s makes none, and says what queues may be", (_, claims) => {
    expect(grantOf(claims)).toMatchObject({ kind: "invalid", why: expect.stringMatching(/^queues(\[0\])?: /) });
  });

  test.each([
    ["no actions", { queues }],
    ["an empty array of actions", { queues, can: [] }],
    ["an action that does not exist", { queues, can: ["enqueue", "everything"] }],
    ["an action of the prototype's", { queues, can: ["constructor"] }],
  ])("%s makes none, and says which there are", (_, claims) => {
    expect(grantOf(claims)).toMatchObject({ kind: "invalid", why: expect.stringMatching(/^can(\[\d\])?: /) });
  });

  test("50 queues of 81 characters are allowed", () => {
    const many = Array.from({ length: 50 }, () => `${"a".repeat(80)}*`);
    expect(grantOf({ queues: many, can })).toMatchObject({ kind: "grant" });
  });
});
