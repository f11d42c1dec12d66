// The rights of a token, or of the props of a binding: which actions, on which queues. Knows nothing of signatures and of HTTP.

import { LANE_NAME, LIMITS } from "../core/limits.ts";
import { thousands } from "../core/thousands.ts";
import { shown } from "./invalid.ts";
import { ACTIONS, type Action } from "../protocol/action.ts";

export interface Grant {
  /** Names of queues, in which `*` stands for any characters, or none. */
  readonly queues: readonly string[];
  readonly can: readonly Action[];
  /** The only lanes it reaches, for `enqueue` and `claim` alone. Absent: all, and whatever else `can` says. */
  readonly lanes?: readonly string[];
  /** Requests a second: by HTTP counted by each isolate, over sockets by the queue. Absent: no limit. */
  readonly requestsPerSecond?: number;
  /** Tasks a second that it enqueues, or inserts by modify; counted likewise. Absent: no limit. */
  readonly tasksPerSecond?: number;
  /** Claims that wait at one time, counted by each isolate. Absent: LIMITS.parkedClaimsOfToken. */
  readonly parkedClaims?: number;
  /** Sockets open to one queue at one time. Absent: LIMITS.socketsOfToken. */
  readonly sockets?: number;
  /** Writes only to queues that exist, and only to the one that it asks. Absent: a first write creates a queue. */
  readonly createsQueues?: false;
  /** Settles only what was claimed with a grant of the same owner that is limited so, too. Absent: whatever it holds the token of. */
  readonly ownClaims?: true;
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
export const EVERYTHING: Grant = { queues: ["*"], can: ACTIONS };

/** The characters of queue names, and `*`; one star more than a name has characters is never of use. */
export const QUEUE_PATTERN = /^[A-Za-z0-9._*-]{1,81}$/;

export type GrantResult = { readonly kind: "grant"; readonly grant: Grant } | { readonly kind: "invalid"; why: string };

/** The grant in a token's claims; strict, so that a mistake in making a token shows at its first use. Never throws. */
export function grantOf(claims: Readonly<Record<string, unknown>>): GrantResult {
  const { queues, can, lanes } = claims;
  if (!isTexts(queues) || queues.length > LIMITS.tokenQueues || !queues.every((queue) => QUEUE_PATTERN.test(queue))) {
    const allowed = `an array of 1 to ${LIMITS.tokenQueues} queue names, in which * stands for any characters`;
    return invalid("queues", queues, allowed);
  }
  if (!isTexts(can) || !can.every(isAction)) return invalid("can", can, `an array of ${ACTIONS.join(", ")}`);
  const bounds: Bounds = {};
  for (const [name, { is, allowed }] of Object.entries(BOUNDS)) {
    const value = claims[name];
    if (value === undefined) continue;
    if (!is(value)) return invalid(name, value, allowed);
    Object.assign(bounds, { [name]: value });
  }
  if (lanes === undefined) return { kind: "grant", grant: { queues, can, ...bounds } };
  if (!isTexts(lanes) || lanes.length > LIMITS.tokenLanes || !lanes.every((lane) => LANE_NAME.test(lane)))
    return invalid("lanes", lanes, `an array of 1 to ${LIMITS.tokenLanes} lane names`);
  // The others are about a queue as a whole.
  if (!can.every((action) => LANE_ACTIONS.includes(action)))
    return invalid("can", can, `an array of ${LANE_ACTIONS.join(", ")}, with lanes`);
  return { kind: "grant", grant: { queues, can, lanes, ...bounds } };
}

/** What of claims says what is granted. */
export function rightsIn(grant: Grant): Pick<Grant, "queues" | "can" | "lanes" | keyof Bounds> {
  const { endsAt: _endsAt, owner: _owner, subject: _subject, tokenIds: _tokenIds, ...rights } = grant;
  return rights;
}

type Bounds = Pick<
  Grant,
  "requestsPerSecond" | "tasksPerSecond" | "parkedClaims" | "sockets" | "createsQueues" | "ownClaims"
>;

/** What bounds a grant beyond whom and what it reaches. */
const BOUNDS: {
  readonly [Name in keyof Bounds]-?: { readonly is: (value: unknown) => boolean; readonly allowed: string };
} = {
  requestsPerSecond: rate(),
  tasksPerSecond: rate(),
  parkedClaims: count(LIMITS.parkedClaims),
  sockets: count(LIMITS.sockets),
  createsQueues: { is: (value) => value === false, allowed: "false, or absent" },
  ownClaims: { is: (value) => value === true, allowed: "true, or absent" },
};

/** The names of the claims that say what is granted. */
export const RIGHTS: readonly string[] = ["queues", "can", "lanes", ...Object.keys(BOUNDS)];

function rate(): { is: (value: unknown) => boolean; allowed: string } {
  const allowed = `a number above 0, at most ${thousands(LIMITS.tokenRequests)}`;
  return { is: (value) => typeof value === "number" && value > 0 && value <= LIMITS.tokenRequests, allowed };
}

function count(most: number): { is: (value: unknown) => boolean; allowed: string } {
  const allowed = `an integer from 0 to ${thousands(most)}`;
  return {
    is: (value) => typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most,
    allowed,
  };
}

const LANE_ACTIONS: readonly Action[] = ["enqueue", "claim"];

/** @param queueName "" for what concerns all queues: only a pattern of nothing but stars matches that */
export function allows({ queues, can }: Grant, action: Action, queueName: string): boolean {
  return can.includes(action) && queues.some((pattern) => matchesPattern(pattern, queueName));
}

/** What of the rights `asked` are not among the `own` ones; null: all are. A pattern is covered by one that is as wide. */
export function beyond(asked: Grant, own: Grant): string | null {
  // A star of what is asked can only be matched by one of what is there, and so stands for no more.
  const isCovered = (queue: string): boolean => own.queues.some((pattern) => matchesPattern(pattern, queue));
  if (!asked.queues.every((queue) => isCovered(queue))) return "queues";
  if (!asked.can.every((action) => own.can.includes(action))) return "can";
  const { lanes } = own;
  if (lanes !== undefined && asked.lanes?.every((lane) => lanes.includes(lane)) !== true) return "lanes";
  if (own.ownClaims === true && asked.ownClaims !== true) return "ownClaims";
  return (
    COUNTED.find((name) => (asked[name] ?? Number.POSITIVE_INFINITY) > (own[name] ?? Number.POSITIVE_INFINITY)) ?? null
  );
}

const COUNTED = ["requestsPerSecond", "tasksPerSecond", "parkedClaims", "sockets"] as const;

function isAction(text: string): text is Action {
  return (ACTIONS as readonly string[]).includes(text);
}

function invalid(claim: string, given: unknown, allowed: string): GrantResult {
  const texts = Array.isArray(given) ? given.join(",") : given;
  return { kind: "invalid", why: `${claim}: given ${JSON.stringify(shown(texts))}, allowed: ${allowed}` };
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

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");
}
