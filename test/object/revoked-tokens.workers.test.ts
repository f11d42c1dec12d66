// Thousands of revoked tokens: what one more costs, and what there is room for.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";

const DAY_MS = 86_400_000;

test("the 2,000th revocation reads as many rows as the second, and when there is no room those that have ended make it", async () => {
  const directory = env.DIRECTORY.getByName("revocations");
  const revoke = (id: string, expiresAt = Date.now() + DAY_MS) => directory.revoke(id, expiresAt);
  const costOf = async (id: string): Promise<number> => {
    const before = await directory.usage();
    await revoke(id);
    return (await directory.usage()).rowsRead - before.rowsRead;
  };
  await revoke("first");
  const second = await costOf("second");
  for (let n = 3; n < 2_000; n += 1) await revoke(`token-${n}`);
  expect(await costOf("token-2000")).toBe(second);
  expect(await directory.revokedSince(0, LIMITS.revokedTokens)).toHaveLength(2_000);

  const { revokedTokens } = LIMITS;
  Object.assign(LIMITS, { revokedTokens: 2_001 });
  try {
    expect(await revoke("ended", Date.now() - 1)).not.toBeNull();
    expect(await revoke("in its place")).not.toBeNull();
    expect(await revoke("one too many")).toBeNull();
    // Longer than before: it takes its own place.
    expect(await revoke("first", Date.now() + 2 * DAY_MS)).not.toBeNull();
    expect(await revoke("one too many")).toBeNull();
  } finally {
    Object.assign(LIMITS, { revokedTokens });
  }
});
