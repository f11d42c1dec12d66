// What a grant lacks for one very request, whatever way it came: what its input causes in other queues needs a right there, and a
// grant that names lanes reaches no others.

import { DEFAULT_LANE } from "../core/limits.ts";
import type { InputOf, OperationName } from "../core/operation.ts";
import { allows, type Grant } from "./grant.ts";
import type { Demand, Operation } from "./operation.ts";

/** A lane that is not the grant's; null: the operation is about more than lanes. */
export interface LackingLane extends Demand {
  readonly lane: string | null;
}
export type Lacking = Demand | LackingLane;

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

/** null: nothing. The operation's own action has been looked at before its input was read. */
export function lackingFor<Name extends OperationName>(
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
  return demands?.(input, queue).find((demand) => !allows(grant, demand.action, demand.queue)) ?? null;
}

/** For the detail of a `forbidden`: "enqueue on queue a, lane b". */
export function lackingText(lacking: Lacking): string {
  const of = `${lacking.action} on queue ${lacking.queue}`;
  if (!("lane" in lacking)) return of;
  return lacking.lane === null ? `${of} beyond its lanes` : `${of}, lane ${lacking.lane}`;
}
