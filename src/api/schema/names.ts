// The values that many operations take, each declared once: one rule for a field, whatever the way in.

import { parseClaimToken, type ClaimRef } from "../../core/claim-token.ts";
import { DOCUMENT_KEY, LANE_NAME, LIMITS, QUEUE_NAME } from "../../core/limits.ts";
import { Invalid } from "../invalid.ts";
import { boolean, integer, matching, oneOf, text } from "./scalars.ts";
import { mapped, type Schema } from "./schema.ts";

export const claimant = text(LIMITS.claimantLength);
export const claimTimeoutMs = integer({ min: 0, max: LIMITS.claimTimeoutMs, unit: "ms" });
export const delayMs = integer({ min: 0, max: LIMITS.delayMs, unit: "ms" });
/** The instant itself is held to the longest delay by the queue, which has the clock; this bounds the number. */
export const instant = integer({ min: 0, max: 8_640_000_000_000_000, unit: "ms since 1970" });
export const documentKey = matching(DOCUMENT_KEY);
export const flag = boolean();
export const laneName = matching(LANE_NAME);
export const queueName = matching(QUEUE_NAME);
export const taskState = oneOf("ready", "delayed", "claimed", "dead");
export const version = integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
/** 0: it does not exist. */
export const versionOrNone = integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

export const taskId = nameInPath("id", LIMITS.taskIdLength);
export const taskKey = nameInPath("key", LIMITS.keyLength);

/** Any text that a path can name: "." and ".." in a URL are steps, so that deleting the one would delete something else. */
function nameInPath(what: string, maxLength: number): Schema<string> {
  return mapped(text(maxLength), (name, path) => {
    if (name === "." || name === "..") throw new Invalid(path, name, `any ${what} but "." and ".."`);
    return name;
  });
}

const TOKEN = "a claim token, as a claim answered it";

export const claimToken: Schema<ClaimRef, string> = {
  parse: (value, path) => {
    const ref = typeof value === "string" ? parseClaimToken(value) : null;
    if (ref === null) throw new Invalid(path, value, TOKEN);
    return ref;
  },
  allowed: TOKEN,
  json: { type: "string" },
};

/** How many a page holds that does not say. */
export const DEFAULT_PAGE = 100;
export const CURSOR = "a cursor, as the page before answered it";

/** How many things a page, or a call that goes through them, may hold. */
export function countUpTo(max: number): Schema<number> {
  return integer({ min: 1, max });
}
