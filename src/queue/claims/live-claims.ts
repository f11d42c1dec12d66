// The claims that a restart finds: what the claims rows name and the task rows still bear out.

import { DEFAULT_LANE } from "../../core/limits.ts";
import type { ClaimStatements, LiveEntry } from "../../store/claim-statements.ts";
import type { Run, Runs } from "../arrivals/runs.ts";
import type { GoneRows } from "../tasks/gone-rows.ts";

/** Every claimed task but those that were acked. Reads the claims and the tasks they name, nothing else (P12). */
export function* liveClaims(
  rows: ClaimStatements,
  runs: Runs,
  gone: Pick<GoneRows, "has">,
): Generator<LiveEntry & { readonly inRun: Run | null }> {
  for (const entry of rows.liveEntries()) if (!gone.has(entry.seq)) yield { ...entry, inRun: null };
  for (const { slot, seq, expiresAt, count, runSeq, run } of rows.runEntries()) {
    const inRun = runs.keep(runs.of(runSeq, run));
    for (let key = seq; key < seq + count && key < runSeq + run; key += 1) {
      if (inRun.settled.has(key - runSeq)) continue;
      yield { ...PLAIN, slot, seq: key, expiresAt, inRun };
    }
  }
}

/** What every task of a run is. */
const PLAIN = {
  version: 1,
  attempts: 0,
  maxAttempts: null,
  visibleAt: null,
  lane: DEFAULT_LANE,
  priority: 0,
  bytes: 0,
  hasId: 0,
} as const;
