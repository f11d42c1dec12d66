// Ends of claims: done, given back, kept longer. An answer for each claim, in the order of the request.

import { LIMITS } from "../../core/limits.ts";
import type { InputOf, NackItem } from "../../core/operation.ts";
import { thousands } from "../../core/thousands.ts";
import { operation } from "../operation.ts";
import { renderResults, renderSettled } from "../render-results.ts";
import { anyNumberOf, arrayOf } from "../schema/lists.ts";
import { claimTimeoutMs, claimToken, delayMs, flag } from "../schema/names.ts";
import { object, optional, required } from "../schema/object.ts";
import { anyText } from "../schema/scalars.ts";
import { mapped, type Schema } from "../schema/schema.ts";
import { EXAMPLE } from "./examples.ts";
import { extendResult, itemResult } from "./task-answer.ts";

const TOKENS = "claim tokens";

/** Payloads of what is settled in one commit: SQLite takes about a millisecond a megabyte to free them, and eight to write them. */
const FREED = `${LIMITS.turnFreedBytes / 1_048_576} MiB`;
const REWRITTEN = `${LIMITS.turnRewrittenBytes / 1_048_576} MiB`;

/** An error for people: a longer one is cut, and half a surrogate pair becomes U+FFFD, so that no failure is lost over its text. */
const errorText = mapped(anyText(), (error) => error.slice(0, LIMITS.errorLength).toWellFormed());

/** A claim token alone, or an object that holds it. */
function tokenOr<Value, Wire>(
  item: Schema<Value, Wire>,
  ofToken: (claim: ReturnType<typeof claimToken.parse>) => Value,
): Schema<Value, string | Wire> {
  return {
    parse: (value, path) =>
      typeof value === "string" ? ofToken(claimToken.parse(value, path)) : item.parse(value, path),
    allowed: claimToken.allowed,
    json: { anyOf: [claimToken.json, item.json] },
  };
}

const token = tokenOr(
  object({ claim: required(claimToken) }, ({ claim }) => claim),
  (claim) => claim,
);
const claims = required(
  arrayOf(token, LIMITS.batchTasks, TOKENS),
  "As `claim` answered them; each a token, or `{claim}`.",
);

const nackItem = object(
  {
    claim: required(claimToken),
    delayMs: optional(delayMs, "the queue's backoff", "When the task is offered again."),
    error: optional(
      errorText,
      "none",
      `Why; cut after ${thousands(LIMITS.errorLength)} characters, and half a surrogate pair becomes U+FFFD.`,
    ),
    release: optional(
      flag,
      "`false`",
      "Offered at once, the attempt not counted; from the 17th time on after 1 ms, then twice as long each time, at most 1 s. Not with `delayMs`, `snooze` or `dead`.",
    ),
    snooze: optional(
      flag,
      "`false`",
      "With `delayMs`: offered again after it, the attempt not counted. Not with `release`, `dead` or `error`.",
    ),
    limitKey: optional(
      flag,
      "`false`",
      "With `delayMs`: all tasks of its key rest until then, the attempt not counted. Not with `release`, `snooze`, `dead` or `error`.",
    ),
    dead: optional(flag, "`false`", "No further attempt. Not with `delayMs`."),
  },
  (item, refuse): NackItem => {
    const { delayMs: delay, error, release, snooze, dead, limitKey } = item;
    if (limitKey === true) {
      if (delay === undefined) refuse("limitKey", "limitKey together with delayMs");
      if (release === true || snooze === true || dead === true)
        refuse("limitKey", "limitKey, or release, or snooze, or dead: one of them");
      if (error !== undefined) refuse("limitKey", "limitKey or error, not both");
    }
    if (snooze === true) {
      if (delay === undefined) refuse("snooze", "snooze together with delayMs");
      if (release === true || dead === true) refuse("snooze", "snooze, or release, or dead: one of them");
      // `error` says why the last attempt failed, and a snooze is no failure.
      if (error !== undefined) refuse("snooze", "snooze or error, not both");
    }
    if (release === true && (delay !== undefined || dead === true))
      refuse("release", "release, or delayMs, or dead: one of them");
    if (dead === true && delay !== undefined) refuse("dead", "delayMs or dead, not both");
    return item;
  },
);

const nackItems = arrayOf(
  tokenOr(nackItem, (claim): NackItem => ({ claim })),
  LIMITS.batchTasks,
  TOKENS,
);

const results = object({ results: required(anyNumberOf(itemResult)) });

export const ack = operation({
  name: "ack",
  about: `The tasks are done, and gone. In one commit up to ${FREED} of payloads; beyond that in several.`,
  action: "claim",
  method: "POST",
  path: "/ack",
  body: object({ claims }),
  answer: results,
  problems: ["invalid-request"],
  repeat: "always",
  example: { body: { claims: [EXAMPLE.claim] }, answer: { results: [{ claim: EXAMPLE.claim, ok: true }] } },
  render: renderResults,
});

export const nack = operation({
  name: "nack",
  about: `The tasks are given back: after a delay, untouched, or dead. In one commit up to ${REWRITTEN} of payloads; beyond that in several.`,
  action: "claim",
  method: "POST",
  path: "/nack",
  body: object({
    claims: required({ ...nackItems, docs: nackItem.fields }, "Each a token, or an object of the fields below."),
  }),
  answer: results,
  problems: ["invalid-request"],
  repeat: "always",
  example: {
    body: { claims: [{ claim: EXAMPLE.claim, delayMs: 60_000, error: "the printer is out of paper" }] },
    answer: { results: [{ claim: EXAMPLE.claim, ok: true }] },
  },
  render: renderResults,
});

export const extend = operation({
  name: "extend",
  about: "The claims last longer, counted from now; or end sooner.",
  action: "claim",
  method: "POST",
  path: "/extend",
  body: object({ claims, claimTimeoutMs: required(claimTimeoutMs, "How long from now on.") }),
  answer: object({ results: required(anyNumberOf(extendResult)) }),
  problems: ["invalid-request"],
  repeat: "always",
  example: {
    body: { claims: [EXAMPLE.claim], claimTimeoutMs: 60_000 },
    answer: { results: [{ claim: EXAMPLE.claim, ok: true, claimedUntil: 1_795_429_256_063 }] },
  },
  render: renderResults,
});

export const settle = operation({
  name: "settle",
  about: `Acks and nacks in one commit, or in several if the payloads of what is acked are more than ${FREED}, or of what is given back more than ${REWRITTEN}; at least one of either.`,
  action: "claim",
  method: "POST",
  path: "/settle",
  body: object(
    {
      acks: optional(arrayOf(token, LIMITS.batchTasks, TOKENS), "`[]`", "Done, as in ack."),
      nacks: optional({ ...nackItems, docs: nackItem.fields }, "`[]`", "Given back, as in nack."),
    },
    ({ acks, nacks }, refuse): InputOf<"settle"> => {
      if (acks === undefined && nacks === undefined) refuse("acks", "acks, nacks or both");
      return { acks: acks ?? [], nacks: nacks ?? [] };
    },
  ),
  answer: object({ acks: required(anyNumberOf(itemResult)), nacks: required(anyNumberOf(itemResult)) }),
  problems: ["invalid-request"],
  repeat: "always",
  example: {
    body: { acks: [EXAMPLE.claim], nacks: [{ claim: EXAMPLE.otherClaim, error: "the printer is out of paper" }] },
    answer: { acks: [{ claim: EXAMPLE.claim, ok: true }], nacks: [{ claim: EXAMPLE.otherClaim, ok: true }] },
  },
  render: renderSettled,
});
