// What a grant lacks for one very request, whatever way it came: what its input causes in other queues needs a right there, a
// grant that names lanes reaches no others, and one of own claims settles no others.

import { isMarkedFor } from "../core/claim-owner.ts";
import type { ClaimRef } from "../core/claim-token.ts";
import { DEFAULT_LANE } from "../core/limits.ts";
import type { InputOf, OperationName } from "../core/operation.ts";
import { allows, type Grant } from "./grant.ts";
import type { Demand, Operation } from "./operation.ts";

/** A lane that is not the grant's; null: the operation is about more than lanes. */
export interface LackingLane extends Demand {
  readonly lane: string | null;
}
/** A claim that was not given to the grant's owner; null: a task that is named without one. */
export interface LackingClaim extends Demand {
  readonly claim: string | null;
}
export type Lacking = Demand | LackingLane | LackingClaim;

/**
 * The lanes that an input names. An operation that is not here reaches into all lanes of its queue, or into its settings and
 * documents. Claims are held by tokens that nobody can guess, so those who settle them are those who got them.
 */
const LANES: { readonly [Name in OperationName]?: (input: InputOf<Name>) => readonly string[] } = {
  enqueue: ({ tasks }) => tasks.map(({ lane = DEFAULT_LANE }) => lane),
  claim: ({ lanes }) => ("any" in lanes ? lanes.any : lanes.inOrder),
  ack: () => [],
  nack: () => [],
  extend: () => [],
  settle: () => [],
};

/** The claims by which an input reaches tasks; null stands for a task that it reaches without one. */
const CLAIMS: { readonly [Name in OperationName]?: (input: InputOf<Name>) => readonly (ClaimRef | null)[] } = {
  ack: ({ claims }) => claims,
  nack: ({ claims }) => claims.map(({ claim }) => claim),
  extend: ({ claims }) => claims,
  settle: ({ acks, nacks }) => [...acks, ...nacks.map(({ claim }) => claim)],
  modify: (input) =>
    [...input.change, ...input.delete, ...input.depend].flatMap((item) => {
      if (!("task" in item)) return [];
      return ["claim" in item.task ? item.task.claim : null];
    }),
};

/** The input of a claim as a grant makes it: what one of own claims takes is marked as its owner's. */
export function claimBy({ ownClaims, owner }: Grant, input: InputOf<"claim">): InputOf<"claim"> {
  return ownClaims === true && owner !== undefined ? { ...input, owner } : input;
}

/** Whether the operation is refused on a queue that does not exist; a claim there takes nothing, and may wait. */
export function mustExist({ createsQueues }: Grant, name: OperationName): boolean {
  return createsQueues === false && name !== "claim";
}

/** null: nothing. The operation's own action has been looked at before its input was read. */
export function lackingFor<Name extends OperationName>(
  grant: Grant,
  operation: Pick<Operation<Name>, "name" | "action" | "demands">,
  input: InputOf<Name>,
  queue: string,
): Lacking | null {
  // As most messages are, each of which is looked at.
  const isBound = grant.lanes !== undefined || grant.ownClaims === true || operation.demands !== undefined;
  return isBound ? lackingIn(grant, operation, input, queue) : null;
}

function lackingIn<Name extends OperationName>(
  grant: Grant,
  { name, action, demands }: Pick<Operation<Name>, "name" | "action" | "demands">,
  input: InputOf<Name>,
  queue: string,
): Lacking | null {
  if (grant.lanes !== undefined) {
    const lanes = LANES[name]?.(input) ?? [null];
    const lane = lanes.find((each) => each === null || !grant.lanes?.includes(each));
    if (lane !== undefined) return { action, queue, lane };
  }
  if (grant.ownClaims === true) {
    const { owner } = grant;
    const isOwn = (claim: ClaimRef | null): boolean =>
      claim !== null && owner !== undefined && isMarkedFor(owner, claim);
    const foreign = CLAIMS[name]?.(input).find((claim) => !isOwn(claim));
    if (foreign !== undefined) return { action, queue, claim: foreign?.token ?? null };
  }
  // What it sends to another queue would create that.
  const isAllowed = (demand: Demand): boolean =>
    allows(grant, demand.action, demand.queue) && (grant.createsQueues !== false || demand.queue === queue);
  return demands?.(input, queue).find((demand) => !isAllowed(demand)) ?? null;
}

/** For the detail of a `forbidden`: "enqueue on queue a, lane b". */
export function lackingText(lacking: Lacking): string {
  const of = `${lacking.action} on queue ${lacking.queue}`;
  if ("claim" in lacking)
    return lacking.claim === null ? `${of} without a claim of its own` : `${of} with another's claim`;
  if (!("lane" in lacking)) return of;
  return lacking.lane === null ? `${of} beyond its lanes` : `${of}, lane ${lacking.lane}`;
}
