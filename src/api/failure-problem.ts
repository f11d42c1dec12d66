// The answer to a call that failed, where the platform says why: its object has too much to do, no room left or another version, or
// the account has reached a limit of what it may spend. The same over HTTP, in a socket's frames and over a binding.

import { isStorageFull } from "../core/storage-full.ts";
import { problem, type Problem } from "../protocol/problem.ts";

/**
 * What Cloudflare refuses work with, in the words of its errors: the account's spending limit, or one of the daily limits of the free
 * plan. See https://developers.cloudflare.com/durable-objects/platform/spend-management/.
 */
const SPENT = /account's spending cap|exceeded allowed .* in durable objects free tier/i;
/** Nobody knows when a limit is lifted: a request every five minutes costs next to nothing, and finds out soon. */
const SPENT_RETRY_MS = 300_000;

/**
 * A deploy leaves objects of one version beside a Worker of another for minutes. The object lacks a method, or a socket, that the
 * Worker asks for, in workerd's words; or its database has been migrated by a later version already, in those of
 * store/migrations.ts.
 */
const OF_OTHER_VERSION =
  /RPC receiver does not implement the method|does not export a fetch\(\) function|made by a later version/;
export const OTHER_VERSION = "The queue's object is of another version than the Worker";
export const SOON_REPLACED = "A deploy replaces it within minutes; nothing was changed";
const DEPLOY_RETRY_MS = 10_000;

/** Room is made by people. */
const ROOM_RETRY_MS = 10_000;

/** null: an error of the server's own, about which there is nothing to say but that it happened. */
export function failureProblem(error: unknown): Problem | null {
  if (typeof error !== "object" || error === null) return null;
  const message = "message" in error && typeof error.message === "string" ? error.message : "";
  if (SPENT.test(message)) {
    const detail = `Cloudflare refuses work until the limit is raised or its period ends: ${message}`;
    return problem("spend-limit", detail, { retryAfterMs: SPENT_RETRY_MS });
  }
  if (OF_OTHER_VERSION.test(message)) {
    const detail = `${OTHER_VERSION}: ${message}. ${SOON_REPLACED}`;
    return problem("overloaded", detail, { retryAfterMs: DEPLOY_RETRY_MS });
  }
  if (isStorageFull(error)) return storageFullProblem();
  // The platform marks the errors of calls to an object that it turned away.
  if ("overloaded" in error && error.overloaded === true) {
    return problem("overloaded", "The queue's object has too much to do");
  }
  return null;
}

/**
 * What grows is refused, and what is acked goes. The object may have to start again, so that nobody knows how far a call that takes
 * several turns had come.
 */
export function storageFullProblem(): Problem {
  const detail = "The disk is full, or the queue's storage: nothing can be written until there is room";
  return problem("storage-full", detail, { retryAfterMs: ROOM_RETRY_MS });
}

/** When the same call is worth another try: what the problem says, or soon. null: it would be refused again. */
export function retryAfterMsOf({ retryAfterMs }: Problem, isRetryable: boolean): number | null {
  return isRetryable ? (retryAfterMs ?? SOON_MS) : null;
}

const SOON_MS = 1_000;
