// The options by which a command says what a token is to hold.

import type { Command } from "commander";
import { LANE_ACTIONS, RIGHTS } from "../api/grant.ts";
import { ACTIONS } from "../protocol/action.ts";
import { UsageError } from "./exit-status.ts";
import { namedValues } from "./named-values.ts";

export interface TokenOptions {
  readonly queue: readonly string[];
  readonly can: readonly string[];
  readonly lane?: readonly string[];
  readonly limit?: readonly string[];
  readonly expires: string;
  readonly subject?: string;
  readonly keyId?: string;
}

/** Each has an option of its own. */
const REACH: readonly string[] = ["queues", "can", "lanes"] satisfies (keyof typeof RIGHTS)[];
const LIMITED = Object.keys(RIGHTS).filter((name) => !REACH.includes(name));

export function withTokenOptions(command: Command): Command {
  return command
    .requiredOption("--queue <patterns...>", "queues, in which * stands for any characters")
    .requiredOption("--can <actions...>", ACTIONS.join(", "))
    .option("--lane <names...>", `the only lanes it reaches, to ${LANE_ACTIONS.join(" and ")}`)
    .option("--limit <name=value...>", LIMITED.join(", "))
    .option("--expires <duration>", "how long it is good, to 3650d", "30d")
    .option("--subject <name>", "whose it is, for the log")
    .option("--key-id <id>", "which key signs it; default the last");
}

/** What it is to hold, unchecked but for the names. */
export function rightsAsked({ queue, can, lane, limit = [] }: TokenOptions): Record<string, unknown> {
  const limits = namedValues(limit, []);
  const unknown = Object.keys(limits).find((name) => !LIMITED.includes(name));
  if (unknown !== undefined) throw new UsageError(`--limit: given ${unknown}, allowed: ${LIMITED.join(", ")}`);
  return { queues: split(queue), can: split(can), ...(lane === undefined ? {} : { lanes: split(lane) }), ...limits };
}

/** Several may be given apart or with commas. */
function split(texts: readonly string[]): string[] {
  return texts.join(",").split(",");
}
