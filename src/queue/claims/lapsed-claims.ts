// Claims that have run out and have not been ended yet. The next claim ends them before it chooses, so they hold nothing back.

import { taskKeyOf } from "../../core/stored-lane.ts";
import type { ClaimTable } from "./claim-table.ts";

export interface LapsedClaims {
  readonly all: number;
  readonly ofKey: (key: string) => number;
}

/** Looks at the claims only if one of them has run out. */
export function lapsedClaims(claims: ClaimTable, now: number): LapsedClaims {
  const byKey = new Map<string, number>();
  let all = 0;
  const deadline = claims.nextDeadline();
  if (deadline !== null && deadline <= now) {
    for (const { lane, expiresAt } of claims.values()) {
      if (expiresAt > now) continue;
      all += 1;
      const key = taskKeyOf(lane);
      if (key !== null) byKey.set(key, (byKey.get(key) ?? 0) + 1);
    }
  }
  return { all, ofKey: (key) => byKey.get(key) ?? 0 };
}
