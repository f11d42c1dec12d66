// The body of a modify, and of what concerns documents and the outbox, from JSON to checked input.

import { DOCUMENT_KEY, LIMITS, QUEUE_NAME } from "../core/limits.ts";
import type { DocumentRef, ModifyChange, ModifyInput, ModifyInsert, ModifyReference, TaskRef } from "../core/modify.ts";
import type { InputOf } from "../core/operation.ts";
import { Fields, integer, matching } from "./fields.ts";
import { Invalid } from "./invalid.ts";
import { claimRef, CLAIM_TIMEOUT } from "./parse-operation.ts";
import { bounded, changeFields, CHANGE_FIELDS, newTaskFields, taskId } from "./task-fields.ts";

export function parseModify(body: unknown): ModifyInput {
  const fields = new Fields(body);
  const claimant = fields.text("claimant", LIMITS.claimantLength);
  const input = {
    insert: list(fields, "insert", insertItem),
    change: list(fields, "change", changeItem),
    delete: list(fields, "delete", reference),
    // 0: there is no such document.
    depend: list(fields, "depend", (value, path) => reference(value, path, 0)),
  };
  fields.end(["claimant", "insert", "change", "delete", "depend"]);
  const references = input.insert.length + input.change.length + input.delete.length + input.depend.length;
  if (references === 0 || references > LIMITS.modifyReferences) {
    const allowed = `1 to ${LIMITS.modifyReferences} in insert, change, delete and depend together`;
    throw new Invalid("body", `${references} references`, allowed);
  }
  return { ...input, ...(claimant === undefined ? {} : { claimant }) };
}

/** A list that may be empty, since programs gather it. */
function list<Item>(fields: Fields, name: string, parse: (item: unknown, path: string) => Item): Item[] {
  const value = fields.take(name);
  if (value === undefined) return [];
  const path = fields.pathOf(name);
  if (!Array.isArray(value) || value.length > LIMITS.modifyReferences) {
    throw new Invalid(path, value, `an array of at most ${LIMITS.modifyReferences} items`);
  }
  return value.map((item, index) => parse(item, `${path}[${index}]`));
}

function insertItem(value: unknown, path: string): ModifyInsert {
  const fields = new Fields(value, path);
  if (fields.has("document")) {
    const document = documentFields(fields);
    const key = matching(document.take("key"), document.pathOf("key"), DOCUMENT_KEY);
    const content = documentValue(document);
    document.end(["key", "value"]);
    return { document: { key, value: content } };
  }
  const queue = fields.matching("queue", QUEUE_NAME);
  const given = fields.oneOf("onConflict", ["fail", "skip"]);
  if (queue !== undefined && given === "fail") {
    fields.refuse("onConflict", "skip, or absent, with queue: another queue's ids are not known at the commit");
  }
  const onConflict = given ?? (queue === undefined ? "fail" : "skip");
  const task = newTaskFields(fields, ["queue", "onConflict"]);
  return { task, onConflict, ...(queue === undefined ? {} : { queue }) };
}

function changeItem(value: unknown, path: string): ModifyChange {
  const fields = new Fields(value, path);
  if (fields.has("document")) {
    const document = documentFields(fields);
    const ref = documentRef(document, 1);
    const content = documentValue(document);
    document.end(["key", "version", "value"]);
    return { document: ref, value: content };
  }
  const task = taskRef(fields);
  const keep = fields.boolean("keepClaim");
  const claimTimeoutMs = fields.integer("claimTimeoutMs", CLAIM_TIMEOUT);
  const change = changeFields(fields);
  fields.end([...REFERENCE_FIELDS, ...CHANGE_FIELDS, "keepClaim", "claimTimeoutMs"]);
  if (keep !== true) {
    if (claimTimeoutMs !== undefined) fields.refuse("claimTimeoutMs", "absent without keepClaim");
    if (Object.keys(change).length === 0 && "id" in task) {
      throw new Invalid(path, "nothing to change", `at least one of ${CHANGE_FIELDS.join(", ")}`);
    }
    return { task, change };
  }
  if ("id" in task) fields.refuse("keepClaim", "absent without claim");
  if (change.visibleAt !== undefined || change.delayMs !== undefined) {
    fields.refuse("keepClaim", "absent with visibleAt or delayMs: a task that is claimed is not offered");
  }
  return { task, change, keepClaim: claimTimeoutMs === undefined ? {} : { claimTimeoutMs } };
}

function reference(value: unknown, path: string, lowestVersion = 1): ModifyReference {
  const fields = new Fields(value, path);
  if (fields.has("document")) {
    const document = documentFields(fields);
    const ref = documentRef(document, lowestVersion);
    document.end(["key", "version"]);
    return { document: ref };
  }
  const task = taskRef(fields);
  fields.end(REFERENCE_FIELDS);
  return { task };
}

const REFERENCE_FIELDS = ["id", "version", "claim"];

/** `{claim}` of a claimed task, or `{id, version}` of an unclaimed one. */
function taskRef(fields: Fields): TaskRef {
  if (fields.has("claim")) {
    if (fields.has("id") || fields.has("version"))
      fields.refuse("claim", "a claim token alone, without id and version");
    return { claim: claimRef(fields.take("claim"), fields.pathOf("claim")) };
  }
  const id = fields.read("id", taskId);
  if (id === undefined) throw new Invalid(fields.pathOf("id"), undefined, "a task's id (or claim, or document)");
  const version = integer(fields.take("version"), fields.pathOf("version"), VERSION);
  return { id, version };
}

/** The only field of its item. */
function documentFields(fields: Fields): Fields {
  const document = new Fields(fields.take("document"), fields.pathOf("document"));
  fields.end(["document"]);
  return document;
}

function documentRef(fields: Fields, lowestVersion: number): DocumentRef {
  const key = matching(fields.take("key"), fields.pathOf("key"), DOCUMENT_KEY);
  const version = integer(fields.take("version"), fields.pathOf("version"), { ...VERSION, min: lowestVersion });
  return { key, version };
}

const VERSION = { min: 1, max: Number.MAX_SAFE_INTEGER };

function documentValue(fields: Fields): string {
  const path = fields.pathOf("value");
  if (!fields.has("value")) throw new Invalid(path, undefined, "any JSON value");
  return bounded(JSON.stringify(fields.take("value")), path, LIMITS.documentBytes);
}

/** The body of a PUT: `{value, version?}`. */
export function parseDocument(body: unknown): { value: string; version?: number } {
  const fields = new Fields(body);
  const value = documentValue(fields);
  const version = fields.integer("version", { ...VERSION, min: 0 });
  fields.end(["value", "version"]);
  return { value, ...(version === undefined ? {} : { version }) };
}

const DEFAULT_RETRY = 100;

export function parseRetryOutbox(body: unknown): InputOf<"retryOutbox"> {
  const fields = new Fields(body);
  const queue = fields.matching("queue", QUEUE_NAME);
  const limit = fields.integer("limit", { min: 1, max: LIMITS.pageOutbox }) ?? DEFAULT_RETRY;
  fields.end(["queue", "limit"]);
  return { limit, ...(queue === undefined ? {} : { queue }) };
}
