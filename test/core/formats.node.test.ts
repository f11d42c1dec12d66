// Ids and claim tokens of today are read, and so are those of a queue made of several objects, whose tags are longer.

import { describe, expect, test } from "vitest";
import { claimTokenOf, parseClaimToken } from "../../src/core/claim-token.ts";
import { keyOfTaskId, taskIdOf, type FormerLife, type Lives } from "../../src/core/task-id.ts";

const NONCE = "0123456789abcdef";
const KEY = 248_000_000_000_000;

function lives(tag: string, former: readonly FormerLife[] = []): Lives {
  return { tag, former };
}

describe.each([["k3x9a"], ["k3x9a0z"]])("with the tag %s", (tag) => {
  test("an id names its key, to the queue of that tag alone", () => {
    const id = taskIdOf(lives(tag), KEY);
    expect(keyOfTaskId(lives(tag), id)).toBe(KEY);
    expect(keyOfTaskId(lives("zzzzz"), id)).toBeNull();
  });

  test("a claim token names its parts", () => {
    const token = claimTokenOf(tag, 35, NONCE, KEY);
    expect(parseClaimToken(token)).toEqual({ token, tag, slot: 35, nonce: NONCE, key: KEY });
  });
});

test.each(["k3x9", "k3x9a0", "k3x9a0zz", "K3x9a", ""])("%j is no tag", (tag) => {
  expect(parseClaimToken(claimTokenOf(tag, 35, NONCE, KEY))).toBeNull();
  expect(keyOfTaskId(lives(tag), taskIdOf(lives(tag), KEY))).toBeNull();
});

test("a tag and the same one with an object's characters are two tags", () => {
  expect(keyOfTaskId(lives("k3x9a"), taskIdOf(lives("k3x9a0z"), KEY))).toBeNull();
});

test("a task keeps the id of the life that it came in, and that id names it in later ones", () => {
  const first = lives("aaaaa");
  const third = lives("ccccc", [
    { tag: "aaaaa", upTo: KEY },
    { tag: "bbbbb", upTo: KEY + 10 },
  ]);
  expect(taskIdOf(third, KEY)).toBe(taskIdOf(first, KEY));
  expect(taskIdOf(third, KEY + 1)).toBe(taskIdOf(lives("bbbbb"), KEY + 1));
  expect(taskIdOf(third, KEY + 11)).toBe(taskIdOf(lives("ccccc"), KEY + 11));
  expect(keyOfTaskId(third, taskIdOf(first, KEY))).toBe(KEY);
  // Given out by the first life after the copy was taken: another task's.
  expect(keyOfTaskId(third, taskIdOf(first, KEY + 1))).toBeNull();
  expect(keyOfTaskId(third, taskIdOf(lives("ccccc"), KEY))).toBeNull();
});

function tokenOf(key: number): string {
  return claimTokenOf("k3x9a", 35, NONCE, key);
}

describe("tokens that begin like the one before", () => {
  test("each name their own key", () => {
    const keys = Array.from({ length: 3_000 }, (_, index) => KEY + index);
    expect(keys.map((key) => parseClaimToken(tokenOf(key))?.key)).toEqual(keys);
  });

  test.each(["-0", "0-", "A0", "0A", " 0", "0\u0000", "{0", "0`", "0:", "/0"])("and end with %j are none", (end) => {
    expect(parseClaimToken(tokenOf(KEY))).not.toBeNull();
    expect(parseClaimToken(tokenOf(KEY).slice(0, -2) + end)).toBeNull();
  });

  test("where the key would have no digit are none", () => {
    expect(parseClaimToken(`k3x9a-z-${NONCE}-5`)?.key).toBe(5);
    expect(parseClaimToken(`k3x9a-z-${NONCE}ab`)).toBeNull();
    expect(parseClaimToken(`k3x9a-z-${NONCE}-55`)?.key).toBe(185);
    expect(parseClaimToken(`k3x9a-z-${NONCE}-56`)?.key).toBe(186);
  });

  test("beyond the keys that a number holds are none", () => {
    const last = `k3x9a-z-${NONCE}-${Number.MAX_SAFE_INTEGER.toString(36)}`;
    expect(parseClaimToken(last)?.key).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseClaimToken(`${last.slice(0, -2)}zz`)).toBeNull();
  });
});

/** The form of a claim token, which the queue reads by hand. */
const FORM = /^([0-9a-z]{5}(?:[0-9a-z]{2})?)-([0-9a-z]{1,7})-([0-9a-f]{16}(?:[0-9a-f]{8})?)-([0-9a-z]{1,11})$/;

test.each([
  ["of a claim", NONCE],
  ["of an owner's claim", `${NONCE}00ff00ff`],
])("a token %s with one character changed, added or left out is read if it has the form", (_whose, nonce) => {
  const token = claimTokenOf("k3x9a", 35 ** 4, nonce, KEY);
  for (let index = 0; index <= token.length; index += 1) {
    const [before, after] = [token.slice(0, index), token.slice(index)];
    for (const other of ["", "-", "0", "f", "g", "z", "A", " ", "/", ":", "`", "{", "é"]) {
      for (const changed of [before + other + after, before + other + after.slice(1)]) {
        const [, tag, slot = "", given, key = ""] = FORM.exec(changed) ?? [];
        const named = {
          token: changed,
          tag,
          slot: Number.parseInt(slot, 36),
          nonce: given,
          key: Number.parseInt(key, 36),
        };
        expect(parseClaimToken(changed)).toEqual(Number.isSafeInteger(named.key) ? named : null);
      }
    }
  }
});
