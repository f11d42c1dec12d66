// Takes ready tasks for a while: once, or (a socket's credit) for as long as it is asked.

import type { Credit } from "../../core/credit.ts";
import { DEFAULT_LANE, LIMITS } from "../../core/limits.ts";
import type { ClaimInput, LaneChoice } from "../../core/operation.ts";
import { Invalid } from "../invalid.ts";
import { operation } from "../operation.ts";
import { renderTasks } from "../render.ts";
import { claimant, claimTimeoutMs, flag, laneName } from "../schema/names.ts";
import { defaulted, object, optional, required } from "../schema/object.ts";
import { integer } from "../schema/scalars.ts";
import type { Schema } from "../schema/schema.ts";
import { EXAMPLE, EXAMPLE_TASK } from "./examples.ts";
import { claimedTasks } from "./task-answer.ts";

const LANES = `an array of 1 to ${LIMITS.claimLanes} lane names, or {"any": [...]} of as many`;

function laneNames(value: unknown, path: string): string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > LIMITS.claimLanes)
    throw new Invalid(path, value, LANES);
  const names = value.map((name, index) => laneName.parse(name, `${path}[${index}]`));
  const repeated = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (repeated >= 0) throw new Invalid(`${path}[${repeated}]`, names[repeated], "each lane once");
  return names;
}

const names: Schema<string[], readonly string[]> = {
  parse: laneNames,
  allowed: LANES,
  json: { type: "array", items: laneName.json, minItems: 1, maxItems: LIMITS.claimLanes, uniqueItems: true },
};
const taking = object({ any: required(names) });

/** In order of preference, or taking turns. */
const lanes: Schema<LaneChoice, readonly string[] | { readonly any: readonly string[] }> = {
  parse: (value, path) => {
    if (Array.isArray(value)) return { inOrder: laneNames(value, path) };
    if (typeof value !== "object" || value === null) throw new Invalid(path, value, LANES);
    return taking.parse(value, path);
  },
  allowed: LANES,
  json: { anyOf: [names.json, taking.json] },
};

const OPTIONS = {
  claimTimeoutMs: optional(
    claimTimeoutMs,
    "the queue's",
    "How long the claim lasts. Then the attempt has failed and the task is ready again.",
  ),
  claimant: optional(claimant, "none", "A label for people, shown while browsing."),
  lanes: defaulted(lanes, [DEFAULT_LANE], "In the order of preference, or taking turns."),
};

export const claim = operation({
  name: "claim",
  about: "Takes ready tasks for a while; until then they are nobody else's.",
  action: "claim",
  method: "POST",
  path: "/claim",
  body: object(
    {
      max: defaulted(
        integer({ min: 1, max: LIMITS.batchTasks }),
        1,
        "Fewer come when fewer are ready, or when the answer would pass `answerBytes` ([limits](#limits)).",
      ),
      waitMs: defaulted(integer({ min: 0, max: LIMITS.waitMs, unit: "ms" }), 0, "How long to wait for a first task."),
      ...OPTIONS,
    },
    ({ waitMs, ...input }): ClaimInput => (waitMs === 0 ? input : { ...input, waitMs }),
  ),
  answer: claimedTasks,
  problems: ["invalid-request", "queue-paused", "too-many-claims", "overloaded"],
  // Tasks in an answer that was lost come back after their claim timeout, whether it is sent again or not.
  repeat: "always",
  example: {
    body: { max: 10, claimTimeoutMs: 60_000, lanes: ["urgent", "main"], claimant: "worker-1" },
    answer: {
      tasks: [{ ...EXAMPLE_TASK, version: 2, attempts: 1, claim: EXAMPLE.claim, claimedUntil: 1_795_429_256_063 }],
    },
  },
  isLarge: true,
  refuseInFrame: ({ waitMs }) => {
    if (waitMs !== undefined) throw new Invalid("waitMs", waitMs, "0 or absent in a frame; to wait, grant credit");
  },
  render: ({ tasks, nextAt = null }) => renderTasks(tasks, nextAt === null ? {} : { nextAt }),
});

const credit = object(
  {
    n: required(integer({ min: 0, max: LIMITS.batchTasks }), "The most tasks that the socket holds at one time."),
    release: defaulted(flag, false, "Whether what the socket holds comes back at once when it closes."),
    ...OPTIONS,
  },
  ({ n, release, ...input }): Credit => ({ n, input, release }),
);

/** A socket's standing claim. */
export function parseCredit(body: unknown): Credit {
  return credit.parse(body, "");
}
