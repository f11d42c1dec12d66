// A claim as it is held in memory: a task, and the claim call that took it.

import type { ClaimRow } from "../../store/claim-statements.ts";
import type { LIVE } from "../../store/task-row.ts";
import type { Run } from "../arrivals/runs.ts";
import type { Place } from "../ready/level.ts";
import type { Entry } from "./deadline-heap.ts";

/** A claimed task. `version` and `attempts` are the row's own, as they were when it was claimed. */
export interface Claim {
  seq: number;
  /** The run it is part of; null: its row is its own. */
  inRun: Run | null;
  readonly slot: Slot;
  version: number;
  readonly attempts: number;
  readonly maxAttempts: number | null;
  /** With its place, what a claim is to the facts. */
  readonly state: typeof LIVE;
  visibleAt: number | null;
  lane: string;
  priority: number;
  /** Of that lane and priority. */
  place: Place;
  /** Of the payload in its own row, when it was claimed; in a run, 0. */
  readonly bytes: number;
  readonly hasId: boolean;
  expiresAt: number;
  /** Where keys take turns by claimed milliseconds: how long it was thought to be claimed. 0: nobody needs to know. */
  readonly turnMs: number;
  /** Those that are held of the same call, in the order of its tasks. null: none before it, or none after. */
  before: Claim | null;
  after: Claim | null;
}

/**
 * One claim call: its row in `claims`, and the tasks of it that are still held, as a list that goes from claim to claim: most calls take
 * one task, and a map for each would take longer than all else that is kept of it. `expiresAt`: the deadline that the call gave all of
 * them. `charged`: while that matters, the row is not overwritten.
 */
export interface Slot extends Pick<ClaimRow, "slot" | "nonce" | "claimant" | "holder" | "expiresAt" | "claimedAt"> {
  charged: ClaimRow["charged"];
  first: Claim | null;
  last: Claim | null;
  /** Where it stands among the deadlines; null: nowhere. */
  deadline: Entry<Slot> | null;
}

/** A claim call of which nothing is held yet. */
export function slotOf(call: Omit<Slot, "first" | "last" | "deadline">): Slot {
  const { slot, nonce, claimant, holder, expiresAt, claimedAt, charged } = call;
  return { slot, nonce, claimant, holder, expiresAt, claimedAt, charged, first: null, last: null, deadline: null };
}

/** The claims of a call that are still held, in order. */
export function* heldOf(slot: Slot): Generator<Claim> {
  for (let claim = slot.first; claim !== null; claim = claim.after) yield claim;
}
