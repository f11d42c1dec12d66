// The body of each operation, from JSON to checked input. HTTP and sockets read the same words by the same rules.

import { parseClaimToken, type ClaimRef } from "../core/claim-token.ts";
import type { Credit } from "../core/credit.ts";
import { DEFAULT_LANE, LANE_NAME, LIMITS, QUEUE_NAME } from "../core/limits.ts";
import type { ClaimInput, InputOf, LaneChoice, NackItem } from "../core/operation.ts";
import type { Backoff, SettingsPatch } from "../core/settings.ts";
import { arrayOf, Fields, integerIn, matching, type IntegerRange } from "./fields.ts";
import { Invalid } from "./invalid.ts";
import { parseNewTask, taskId } from "./task-fields.ts";

/** One task, or `{tasks: [...]}` with up to 1,000. */
export function parseEnqueue(body: unknown): InputOf<"enqueue"> {
  if (typeof body !== "object" || body === null || !Object.hasOwn(body, "tasks"))
    return { tasks: [parseNewTask(body)] };
  const fields = new Fields(body);
  const tasks = fields.array("tasks", LIMITS.batchTasks, parseNewTask, "tasks");
  fields.end(["tasks"]);
  return { tasks: tasks ?? [] };
}

export function parseClaim(body: unknown): { input: ClaimInput; waitMs: number } {
  const fields = new Fields(body);
  const max = fields.integer("max", { min: 1, max: LIMITS.batchTasks }) ?? 1;
  const waitMs = fields.integer("waitMs", { min: 0, max: LIMITS.waitMs, unit: "ms" }) ?? 0;
  const input = { max, ...claimOptions(fields) };
  fields.end(["max", "waitMs", ...CLAIM_OPTIONS]);
  return { input, waitMs };
}

/** A socket's standing claim. */
export function parseCredit(body: unknown): Credit {
  const fields = new Fields(body);
  const n = required(fields, "n", fields.integer("n", CREDIT), CREDIT_RANGE);
  const release = fields.boolean("release") ?? false;
  const input = claimOptions(fields);
  fields.end(["n", "release", ...CLAIM_OPTIONS]);
  return { n, input, release };
}

const CREDIT: IntegerRange = { min: 0, max: LIMITS.batchTasks };
const CREDIT_RANGE = integerIn(CREDIT);
const CLAIM_OPTIONS = ["claimTimeoutMs", "claimant", "lanes"];

function claimOptions(fields: Fields): Omit<ClaimInput, "max"> {
  const claimTimeoutMs = fields.integer("claimTimeoutMs", CLAIM_TIMEOUT);
  const claimant = fields.text("claimant", LIMITS.claimantLength);
  return {
    lanes: parseLanes(fields),
    ...(claimTimeoutMs === undefined ? {} : { claimTimeoutMs }),
    ...(claimant === undefined ? {} : { claimant }),
  };
}

export const CLAIM_TIMEOUT: IntegerRange = { min: 0, max: LIMITS.claimTimeoutMs, unit: "ms" };
const CLAIM_TIMEOUT_RANGE = integerIn(CLAIM_TIMEOUT);

/** `["high", "low"]` in order of preference, or `{any: [...]}` taking turns. Absent: the default lane. */
function parseLanes(fields: Fields): LaneChoice {
  const value = fields.take("lanes");
  if (value === undefined) return { inOrder: [DEFAULT_LANE] };
  if (Array.isArray(value)) return { inOrder: laneNames(value, "lanes") };
  if (typeof value !== "object" || value === null) throw new Invalid("lanes", value, LANES);
  const choice = new Fields(value, "lanes");
  const any = laneNames(choice.take("any"), "lanes.any");
  choice.end(["any"]);
  return { any };
}

const LANES = `an array of 1 to ${LIMITS.claimLanes} lane names, or {"any": [...]} of as many`;

function laneNames(value: unknown, path: string): string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > LIMITS.claimLanes)
    throw new Invalid(path, value, LANES);
  const names = value.map((name, index) => matching(name, `${path}[${index}]`, LANE_NAME));
  const repeated = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (repeated >= 0) throw new Invalid(`${path}[${repeated}]`, names[repeated], "each lane once");
  return names;
}

export function parseAck(body: unknown): InputOf<"ack"> {
  const fields = new Fields(body);
  const claims = claimsOf(fields, claimRef);
  fields.end(["claims"]);
  return { claims };
}

export function parseNack(body: unknown): InputOf<"nack"> {
  const fields = new Fields(body);
  const claims = claimsOf(fields, nackItem);
  fields.end(["claims"]);
  return { claims };
}

/** Acks and nacks in one commit; at least one of either. */
export function parseSettle(body: unknown): InputOf<"settle"> {
  const fields = new Fields(body);
  const acks = fields.array("acks", LIMITS.batchTasks, claimRef, CLAIM_TOKENS);
  const nacks = fields.array("nacks", LIMITS.batchTasks, nackItem, CLAIM_TOKENS);
  fields.end(["acks", "nacks"]);
  if (acks === undefined && nacks === undefined) fields.refuse("acks", "acks, nacks or both");
  return { acks: acks ?? [], nacks: nacks ?? [] };
}

/** A claim token alone, or with what is to become of its task. */
function nackItem(value: unknown, path: string): NackItem {
  if (typeof value === "string") return { claim: claimRef(value, path) };
  const fields = new Fields(value, path);
  const claim = claimRef(fields.take("claim"), fields.pathOf("claim"));
  const delayMs = fields.integer("delayMs", { min: 0, max: LIMITS.delayMs, unit: "ms" });
  const error = fields.freeText("error")?.slice(0, LIMITS.errorLength).toWellFormed();
  const release = fields.boolean("release");
  const snooze = fields.boolean("snooze");
  const dead = fields.boolean("dead");
  fields.end(["claim", "delayMs", "error", "release", "snooze", "dead"]);
  if (snooze === true) {
    if (delayMs === undefined) fields.refuse("snooze", "snooze together with delayMs");
    if (release === true || dead === true) fields.refuse("snooze", "snooze, or release, or dead: one of them");
    // `error` says why the last attempt failed, and a snooze is no failure.
    if (error !== undefined) fields.refuse("snooze", "snooze or error, not both");
  }
  if (release === true && (delayMs !== undefined || dead === true))
    fields.refuse("release", "release, or delayMs, or dead: one of them");
  if (dead === true && delayMs !== undefined) fields.refuse("dead", "delayMs or dead, not both");
  return {
    claim,
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(error === undefined ? {} : { error }),
    ...(release === undefined ? {} : { release }),
    ...(snooze === undefined ? {} : { snooze }),
    ...(dead === undefined ? {} : { dead }),
  };
}

export function parseExtend(body: unknown): InputOf<"extend"> {
  const fields = new Fields(body);
  const claims = claimsOf(fields, claimRef);
  const timeout = fields.integer("claimTimeoutMs", CLAIM_TIMEOUT);
  const claimTimeoutMs = required(fields, "claimTimeoutMs", timeout, CLAIM_TIMEOUT_RANGE);
  fields.end(["claims", "claimTimeoutMs"]);
  return { claims, claimTimeoutMs };
}

export function claimRef(value: unknown, path: string): ClaimRef {
  const ref = typeof value === "string" ? parseClaimToken(value) : null;
  if (ref === null) throw new Invalid(path, value, "a claim token, as a claim answered it");
  return ref;
}

export function parseRedrive(body: unknown): InputOf<"redrive"> {
  const fields = new Fields(body);
  const ids = fields.array("ids", LIMITS.batchTasks, taskId, "task ids");
  const limit = fields.integer("limit", { min: 1, max: LIMITS.batchTasks });
  fields.end(["ids", "limit"]);
  if (ids === undefined) return { limit: limit ?? LIMITS.batchTasks };
  if (limit !== undefined) fields.refuse("limit", "ids or limit, not both");
  return { ids: [...new Set(ids)], limit: ids.length };
}

const SETTING_FIELDS = [
  "claimTimeoutMs",
  "maxAttempts",
  "backoff",
  "deadLetterQueue",
  "retentionMs",
  "dedupeMs",
  "maxBacklog",
  "maxInFlight",
  "paused",
];

/** What is absent stays as it is; null stands for "none" where a setting may be without value. */
export function parseSettings(body: unknown): SettingsPatch {
  const fields = new Fields(body);
  const patch = {
    claimTimeoutMs: fields.integer("claimTimeoutMs", CLAIM_TIMEOUT),
    maxAttempts: orNull(fields, "maxAttempts", () =>
      fields.integer("maxAttempts", { min: 1, max: LIMITS.maxAttempts }),
    ),
    backoff: parseBackoff(fields),
    deadLetterQueue: orNull(fields, "deadLetterQueue", () => fields.matching("deadLetterQueue", QUEUE_NAME)),
    retentionMs: orNull(fields, "retentionMs", () =>
      fields.integer("retentionMs", { min: 1_000, max: LIMITS.retentionMs, unit: "ms" }),
    ),
    dedupeMs: fields.integer("dedupeMs", { min: 0, max: LIMITS.dedupeMs, unit: "ms" }),
    maxBacklog: orNull(fields, "maxBacklog", () => fields.integer("maxBacklog", { min: 1, max: LIMITS.maxBacklog })),
    maxInFlight: fields.integer("maxInFlight", { min: 1, max: LIMITS.maxInFlight }),
    paused: fields.boolean("paused"),
  };
  fields.end(SETTING_FIELDS);
  return withoutUndefined(patch);
}

function parseBackoff(parent: Fields): Partial<Backoff> | undefined {
  if (!parent.has("backoff")) return undefined;
  const fields = new Fields(parent.take("backoff"), "backoff");
  const backoff = {
    minMs: fields.integer("minMs", { min: 0, max: LIMITS.backoffMs, unit: "ms" }),
    maxMs: fields.integer("maxMs", { min: 0, max: LIMITS.backoffMs, unit: "ms" }),
    factor: fields.number("factor", { min: 1, max: LIMITS.backoffFactor }),
    jitter: fields.number("jitter", { min: 0, max: 1 }),
  };
  fields.end(["minMs", "maxMs", "factor", "jitter"]);
  return withoutUndefined(backoff);
}

function orNull<Value>(fields: Fields, name: string, parse: () => Value): Value | null {
  return fields.isNull(name) ? (fields.take(name) as null) : parse();
}

function withoutUndefined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** @param allowed made beforehand: writing numbers as people do takes longer than all else here */
function required<Value>(fields: Fields, name: string, value: Value | undefined, allowed: string): Value {
  if (value === undefined) throw new Invalid(fields.pathOf(name), undefined, allowed);
  return value;
}

const CLAIM_TOKENS = "claim tokens";
const CLAIMS_RANGE = arrayOf(LIMITS.batchTasks, CLAIM_TOKENS);

function claimsOf<Item>(fields: Fields, parse: (item: unknown, path: string) => Item): Item[] {
  const claims = fields.array("claims", LIMITS.batchTasks, parse, CLAIM_TOKENS);
  return required(fields, "claims", claims, CLAIMS_RANGE);
}
