// When an isolate asks for revoked tokens, and what it goes by meanwhile.

import { beforeEach, expect, test, vi } from "vitest";
import { Revocations, REVOKED_WITHIN_MS } from "../../src/api/revocations.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { RevokedToken } from "../../src/core/revoked-token.ts";
import type { Grant } from "../../src/api/grant.ts";

const NOW = 1_800_000_000_000;

let revocations: Revocations;
let list: RevokedToken[];
const ask = vi.fn<(seq: number) => Promise<RevokedToken[]>>((seq) =>
  Promise.resolve(list.filter((token) => token.seq > seq)),
);

const failed = vi.fn<(error: unknown) => void>();

beforeEach(() => {
  revocations = new Revocations();
  list = [];
  ask.mockClear();
  failed.mockClear();
});

const refresh = (now: number): Promise<void> => revocations.refresh(ask, now, failed);

function revoke(id: string): void {
  list.push({ seq: NOW + list.length, id, expiresAt: NOW + 86_400_000 });
}

const has = (id: string): boolean => revocations.covers({ tokenIds: [id, "fingerprint"] } as unknown as Grant);

test("it asks at its first token, and not again for 30 seconds", async () => {
  revoke("a");
  await refresh(NOW);
  expect([has("a"), has("b")]).toEqual([true, false]);
  revoke("b");
  await refresh(NOW + REVOKED_WITHIN_MS - 1);
  expect([has("b"), ask.mock.calls]).toEqual([false, [[0]]]);
  await refresh(NOW + REVOKED_WITHIN_MS);
  expect([has("a"), has("b")]).toEqual([true, true]);
  expect(ask.mock.calls).toEqual([[0], [NOW]]);
});

test("a clock that is set back makes it ask at once", async () => {
  await refresh(NOW);
  await refresh(NOW - 86_400_000);
  expect(ask).toHaveBeenCalledTimes(2);
});

test("while one asks, others go by what is known; at first each asks, since nothing is", async () => {
  revoke("a");
  await Promise.all([refresh(NOW), refresh(NOW)]);
  expect(ask).toHaveBeenCalledTimes(2);
  await Promise.all([refresh(NOW + 30_000), refresh(NOW + 30_000)]);
  expect(ask).toHaveBeenCalledTimes(3);
});

test("what was revoked here counts at once, and hides nothing that was revoked elsewhere", async () => {
  await refresh(NOW);
  revoke("elsewhere");
  revoke("here");
  revocations.add({ id: "here", expiresAt: NOW + 86_400_000 }, NOW);
  expect([has("here"), has("elsewhere")]).toEqual([true, false]);
  await refresh(NOW + 30_000);
  expect(has("elsewhere")).toBe(true);
});

test("what is known counts on while the directory cannot be asked, and it is asked again after 5 seconds", async () => {
  revoke("a");
  await refresh(NOW);
  ask.mockRejectedValueOnce(new Error("the disk"));
  await refresh(NOW + 30_000);
  expect([has("a"), failed.mock.calls.length]).toEqual([true, 1]);
  revoke("b");
  await refresh(NOW + 34_999);
  expect(has("b")).toBe(false);
  await refresh(NOW + 35_000);
  expect(has("b")).toBe(true);
});

test("those that would have ended are forgotten in the end, and no other: a server lives for months", () => {
  revocations.add({ id: "long", expiresAt: NOW + 400 * 86_400_000 }, NOW);
  for (let day = 0; day < 100; day += 1) {
    const now = NOW + day * 86_400_000;
    for (let n = 0; n < 1_000; n += 1) revocations.add({ id: `${day}-${n}`, expiresAt: now + 86_400_000 }, now);
    expect(revocations.size).toBeLessThan(2 * LIMITS.revokedTokens);
  }
  expect([has("long"), has("99-999"), has("0-0")]).toEqual([true, true, false]);
});
