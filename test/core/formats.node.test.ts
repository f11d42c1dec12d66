// Ids and claim tokens of today are read, and so are those of a queue made of several objects, whose tags are longer.

import { describe, expect, test } from "vitest";
import { claimTokenOf, parseClaimToken } from "../../src/core/claim-token.ts";
import { keyOfTaskId, taskIdOf } from "../../src/core/task-id.ts";

const NONCE = "0123456789abcdef";
const KEY = 248_000_000_000_000;

describe.each([["k3x9a"], ["k3x9a0z"]])("with the tag %s", (tag) => {
  test("an id names its key, to the queue of that tag alone", () => {
    const id = taskIdOf(tag, KEY);
    expect(keyOfTaskId(tag, id)).toBe(KEY);
    expect(keyOfTaskId("zzzzz", id)).toBeNull();
  });

  test("a claim token names its parts", () => {
    const token = claimTokenOf(tag, 35, NONCE, KEY);
    expect(parseClaimToken(token)).toEqual({ token, tag, slot: 35, nonce: NONCE, key: KEY });
  });
});

test.each(["k3x9", "k3x9a0", "k3x9a0zz", "K3x9a", ""])("%j is no tag", (tag) => {
  expect(parseClaimToken(claimTokenOf(tag, 35, NONCE, KEY))).toBeNull();
  expect(keyOfTaskId(tag, taskIdOf(tag, KEY))).toBeNull();
});

test("a tag and the same one with an object's characters are two tags", () => {
  expect(keyOfTaskId("k3x9a", taskIdOf("k3x9a0z", KEY))).toBeNull();
});
