// Task ids, their keys and document keys, by one rule however the call travels. Over HTTP a name is a step of a path, and URL parsers
// take "." and ".." as steps of their own: deleting the task ".." would delete its queue.

import { CALL_LIMITS } from "../protocol/limits.ts";
import { InvalidOptionError } from "./edgeq-error.ts";
import { isWellFormed } from "./payload.ts";

/** Of ids and of keys alike. */
const MAX_LENGTH = CALL_LIMITS.taskIdLength;
const ALLOWED = `well-formed text of 1 to ${MAX_LENGTH} characters, but not "." or ".."`;

/** A body, or a part of one, as far as it names tasks and documents. Of what form the rest is the server judges. */
type Named = Readonly<Record<string, unknown>>;

const LISTS = ["tasks", "insert", "change", "delete", "depend"];

/** Throws InvalidOptionError, naming the field, for an id or a key that the server would refuse or a path would not carry. */
export function checkNames(body: object): void {
  const named = body as Named;
  // An operation on one task or document cannot go without its name; one that names a task may take its key away.
  if ("id" in named) checkName(named["id"], "id");
  if ("key" in named && !("id" in named && isAbsent(named["key"]))) checkName(named["key"], "key");
  for (const [index, id] of itemsOf(named, "ids")) checkName(id, `ids[${index}]`);
  for (const list of LISTS) for (const [index, item] of itemsOf(named, list)) checkItem(item, `${list}[${index}]`);
}

function itemsOf(named: Named, list: string): Iterable<[number, unknown]> {
  const items = named[list];
  return Array.isArray(items) ? items.entries() : [];
}

function checkItem(item: unknown, path: string): void {
  if (typeof item !== "object" || item === null) return;
  const { id, key, document } = item as Named;
  if (id !== undefined) checkName(id, `${path}.id`);
  if (!isAbsent(key)) checkName(key, `${path}.key`);
  checkItem(document, `${path}.document`);
}

function isAbsent(given: unknown): boolean {
  return given === undefined || given === null;
}

function checkName(given: unknown, field: string): void {
  const isText = typeof given === "string" && given.length >= 1 && given.length <= MAX_LENGTH && isWellFormed(given);
  if (!isText || given === "." || given === "..") throw new InvalidOptionError(field, given, ALLOWED);
}
