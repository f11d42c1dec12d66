// The operations on documents and on the outbox: over HTTP some of their fields are in the path and the query, elsewhere they
// are the body.

import { DOCUMENT_KEY, DOCUMENT_PREFIX, LIMITS } from "../core/limits.ts";
import type { DocumentsInput } from "../core/document.ts";
import type { InputOf } from "../core/operation.ts";
import type { OutboxInput } from "../core/outbox-message.ts";
import { Fields, matching } from "./fields.ts";
import { parseDocument } from "./parse-modify.ts";

const DEFAULT_PAGE = 100;
const OUTBOX_CURSOR = /^([@A-Za-z0-9][A-Za-z0-9._-]{0,79})~([0-9a-z]{1,11})$/;
const CURSOR = "a cursor, as the page before answered it";

export function parseGetDocument(body: unknown): InputOf<"getDocument"> {
  const fields = new Fields(body);
  const key = documentKey(fields.take("key"));
  fields.end(["key"]);
  return { key };
}

export function parsePutDocument(body: unknown): InputOf<"putDocument"> {
  const key = documentKey(new Fields(body).take("key"));
  const { key: _key, ...content } = body as Readonly<Record<string, unknown>>;
  return { key, ...parseDocument(content) };
}

export function parseDeleteDocument(body: unknown): InputOf<"deleteDocument"> {
  const fields = new Fields(body);
  const key = documentKey(fields.take("key"));
  const version = fields.integer("version", { min: 1, max: Number.MAX_SAFE_INTEGER });
  fields.end(["key", "version"]);
  return { key, ...(version === undefined ? {} : { version }) };
}

export function parseListDocuments(fields: Fields): DocumentsInput {
  const allowed = `what document keys begin with: ${DOCUMENT_PREFIX.source}`;
  const prefix = fields.matching("prefix", DOCUMENT_PREFIX, allowed) ?? "";
  const limit = fields.integer("limit", { min: 1, max: LIMITS.pageDocuments }) ?? DEFAULT_PAGE;
  const after = fields.matching("cursor", DOCUMENT_KEY, CURSOR) ?? "";
  fields.end(["prefix", "limit", "cursor"]);
  return { prefix, limit, after };
}

export function parseListOutbox(fields: Fields): OutboxInput {
  const limit = fields.integer("limit", { min: 1, max: LIMITS.pageOutbox }) ?? DEFAULT_PAGE;
  const cursor = OUTBOX_CURSOR.exec(fields.matching("cursor", OUTBOX_CURSOR, CURSOR) ?? "");
  fields.end(["limit", "cursor"]);
  const [, receiver = "", seq = ""] = cursor ?? [];
  return { limit, after: cursor === null ? null : { queue: receiver, seq: Number.parseInt(seq, 36) } };
}

export function documentKey(value: unknown): string {
  return matching(value, "key", DOCUMENT_KEY);
}
