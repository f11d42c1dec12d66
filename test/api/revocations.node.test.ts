// When an isolate asks for revoked tokens, and what it goes by meanwhile.

import { beforeEach, expect, test, vi } from "vitest";
import { Revocations, REVOKED_WITHIN_MS } from "../../src/api/revocations.ts";
import type { RevokedToken } from "../../src/core/revoked-token.ts";
import type { Grant } from "../../src/api/grant.ts";

const NOW = 1_800_000_000_000;

let revocations: Revocations;
let list: RevokedToken[];
const ask = vi.fn((seq: number) => Promise.resolve(list.filter((token) => token.seq > seq)));

beforeEach(() => {
  revocations = new Revocations();
  list = [];
  ask.mockClear();
});

function revoke(id: string): void {
  list.push({ seq: NOW + list.length, id, expiresAt: NOW + 86_400_000 });
}

const has = (id: string): boolean => revocations.covers({ tokenIds: [id, "fingerprint"] } as unknown as Grant);

test("it asks at its first token, and not again for 30 seconds", async () => {
  revoke("a");
  await revocations.refresh(ask, NOW);
  expect([has("a"), has("b")]).toEqual([true, false]);
  revoke("b");
  await revocations.refresh(ask, NOW + REVOKED_WITHIN_MS - 1);
  expect([has("b"), ask.mock.calls]).toEqual([false, [[0]]]);
  await revocations.refresh(ask, NOW + REVOKED_WITHIN_MS);
  expect([has("a"), has("b")]).toEqual([true, true]);
  expect(ask.mock.calls).toEqual([[0], [NOW]]);
});

test("a clock that is set back makes it ask at once", async () => {
  await revocations.refresh(ask, NOW);
  await revocations.refresh(ask, NOW - 86_400_000);
  expect(ask).toHaveBeenCalledTimes(2);
});

test("while one asks, others go by what is known; at first each asks, since nothing is", async () => {
  revoke("a");
  await Promise.all([revocations.refresh(ask, NOW), revocations.refresh(ask, NOW)]);
  expect(ask).toHaveBeenCalledTimes(2);
  await Promise.all([revocations.refresh(ask, NOW + 30_000), revocations.refresh(ask, NOW + 30_000)]);
  expect(ask).toHaveBeenCalledTimes(3);
});

test("what was revoked here counts at once, and hides nothing that was revoked elsewhere", async () => {
  await revocations.refresh(ask, NOW);
  revoke("elsewhere");
  revoke("here");
  revocations.add("here");
  expect([has("here"), has("elsewhere")]).toEqual([true, false]);
  await revocations.refresh(ask, NOW + 30_000);
  expect(has("elsewhere")).toBe(true);
});

test("what is known counts on while the directory cannot be asked, and it is asked again after 5 seconds", async () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  revoke("a");
  await revocations.refresh(ask, NOW);
  ask.mockRejectedValueOnce(new Error("the disk"));
  await revocations.refresh(ask, NOW + 30_000);
  expect([has("a"), said.mock.calls.length]).toEqual([true, 1]);
  revoke("b");
  await revocations.refresh(ask, NOW + 34_999);
  expect(has("b")).toBe(false);
  await revocations.refresh(ask, NOW + 35_000);
  expect(has("b")).toBe(true);
  said.mockRestore();
});
