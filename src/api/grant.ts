// The rights of a token, or of the props of a binding: which actions, on which queues. Knows nothing of signatures and of HTTP.

import { LANE_NAME, LIMITS } from "../core/limits.ts";
import { ACTIONS, type Action } from "../protocol/action.ts";
import { invalidText, parsed } from "./invalid.ts";
import { arrayOf } from "./schema/lists.ts";
import { object, optional, required, type Refuse, type ValuesOf } from "./schema/object.ts";
import { integer, literal, matching, number, oneOf } from "./schema/scalars.ts";

/** The characters of queue names, and `*`; one star more than a name has characters is never of use. */
const QUEUE_PATTERN = /^[A-Za-z0-9._*-]{1,81}$/;

/** What a token, the props of a binding, or a rule of an issuer may hold. */
export const RIGHTS = {
  queues: required(
    arrayOf(
      matching(QUEUE_PATTERN, "a queue name, in which * stands for any characters"),
      LIMITS.tokenQueues,
      "queue names",
    ),
    "`*` in them stands for any characters.",
  ),
  can: required(arrayOf(oneOf(...ACTIONS), ACTIONS.length, "actions")),
  lanes: optional(
    arrayOf(matching(LANE_NAME), LIMITS.tokenLanes, "lane names"),
    "all lanes",
    "For `enqueue` and `claim` alone.",
  ),
  requestsPerSecond: optional(
    number({ min: 0.001, max: LIMITS.tokenRequests }),
    "no limit",
    "By HTTP counted by each isolate, over sockets by the queue.",
  ),
  tasksPerSecond: optional(
    number({ min: 0.001, max: LIMITS.tokenRequests }),
    "no limit",
    "Tasks that it enqueues, or inserts by modify; counted likewise.",
  ),
  parkedClaims: optional(
    integer({ min: 0, max: LIMITS.parkedClaims }),
    "half of all",
    "Claims that wait at one time, counted by each isolate.",
  ),
  sockets: optional(integer({ min: 0, max: LIMITS.sockets }), "a quarter of all", "Open to one queue at one time."),
  createsQueues: optional(
    literal(false),
    "a first write creates a queue",
    "It writes only to queues that exist, and only to the one that it asks.",
  ),
  ownClaims: optional(literal(true), "any claim", "It settles only what it has claimed itself."),
};

export type Rights = ValuesOf<typeof RIGHTS>;

export interface Grant extends Rights {
  /** When it ends, ms since 1970; absent: never. */
  readonly endsAt?: number;
  /** Tells whose it is from others with the same rights: the token's subject, or the token. Absent: everybody's. */
  readonly owner?: string;
  /** Who asks, for the log; absent: the token does not say. */
  readonly subject?: string;
  /** By which the token can be revoked: its own id, if it has one, and its fingerprint. */
  readonly tokenIds?: readonly string[];
}

/** The header by which an object learns, from the request that opens a socket to it, what the socket's token allows: a Grant as JSON. */
export const SOCKET_GRANT_HEADER = "edgeq-socket-grant";

/** What everybody may do in the open mode. */
export const EVERYTHING: Grant = { queues: ["*"], can: [...ACTIONS] };

export type GrantResult = { readonly kind: "grant"; readonly grant: Grant } | { readonly kind: "invalid"; why: string };

/** Lanes are reached by two actions; the others are about a queue as a whole. */
export function withinLanes<Of extends Rights>(rights: Of, refuse: Refuse<"can">): Of {
  const isWithin = rights.lanes === undefined || rights.can.every((action) => LANE_ACTIONS.includes(action));
  return isWithin ? rights : refuse("can", `${LANE_ACTIONS.join(" and ")} only, with lanes`);
}

export const LANE_ACTIONS: readonly Action[] = ["enqueue", "claim"];
const rightsAlone = object(RIGHTS, withinLanes);
const NAMES = Object.keys(RIGHTS) as (keyof Rights)[];

/** The grant in a token's claims; strict, so that a mistake in making a token shows at its first use. Never throws. */
export function grantOf(claims: Readonly<Record<string, unknown>>): GrantResult {
  const result = parsed(() => rightsAlone.parse(Object.fromEntries(NAMES.map((name) => [name, claims[name]])), ""));
  return result.kind === "parsed"
    ? { kind: "grant", grant: result.value }
    : { kind: "invalid", why: invalidText(result) };
}

/** What of a grant is in the claims of a token. */
export function rightsIn(grant: Grant): Rights {
  const { endsAt: _endsAt, owner: _owner, subject: _subject, tokenIds: _tokenIds, ...rights } = grant;
  return rights;
}

/** @param queueName "" for what concerns all queues: only a pattern of nothing but stars matches that */
export function allows(
  { queues, can }: { readonly queues: readonly string[]; readonly can: readonly Action[] },
  action: Action,
  queueName: string,
): boolean {
  return can.includes(action) && queues.some((pattern) => matchesPattern(pattern, queueName));
}

/** What of the rights `asked` are not among the `own` ones; null: all are. */
export function beyond(asked: Rights, own: Rights): keyof Rights | null {
  return NAMES.find((name) => !COVERS[name](own, asked)) ?? null;
}

type Covers = (own: Rights, asked: Rights) => boolean;

/** Whether the own rights have what is asked: a rule for each right. */
const COVERS: Readonly<Record<keyof Rights, Covers>> = {
  // A pattern is covered by one that is as wide: a star of what is asked can only be matched by one of what is there.
  queues: (own, asked) => asked.queues.every((queue) => own.queues.some((pattern) => matchesPattern(pattern, queue))),
  can: (own, asked) => asked.can.every((action) => own.can.includes(action)),
  lanes: ({ lanes }, asked) => lanes === undefined || asked.lanes?.every((lane) => lanes.includes(lane)) === true,
  requestsPerSecond: asMany("requestsPerSecond", Number.POSITIVE_INFINITY),
  tasksPerSecond: asMany("tasksPerSecond", Number.POSITIVE_INFINITY),
  parkedClaims: asMany("parkedClaims", LIMITS.parkedClaimsOfToken),
  sockets: asMany("sockets", LIMITS.socketsOfToken),
  createsQueues: (own, asked) => own.createsQueues === undefined || asked.createsQueues === false,
  ownClaims: (own, asked) => own.ownClaims === undefined || asked.ownClaims === true,
};

function asMany(name: "requestsPerSecond" | "tasksPerSecond" | "parkedClaims" | "sockets", withoutIt: number): Covers {
  return (own, asked) => (asked[name] ?? withoutIt) <= (own[name] ?? withoutIt);
}

/** Whether a text is of the form of a pattern. In linear time, whatever the pattern: each piece between two stars is looked for once, from where the last one ended. */
export function matchesPattern(pattern: string, name: string): boolean {
  // As many tokens say, and the open mode for everybody.
  if (pattern === "*") return true;
  const [head = "", ...pieces] = pattern.split("*");
  const tail = pieces.pop();
  if (tail === undefined) return pattern === name;
  if (!name.startsWith(head)) return false;
  let from = head.length;
  for (const piece of pieces) {
    const at = name.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return name.length - tail.length >= from && name.endsWith(tail);
}
