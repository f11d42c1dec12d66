// The operations on documents: over HTTP the key is in the path and a page's fields are in the query, elsewhere they are
// the body.

import type { DocumentsInput } from "../core/document.ts";
import { DOCUMENT_KEY, DOCUMENT_PREFIX, LIMITS } from "../core/limits.ts";
import type { InputOf } from "../core/operation.ts";
import { Fields, matching } from "./fields.ts";
import { parseDocument } from "./parse-modify.ts";

const DEFAULT_PAGE = 100;

export function parseGetDocument(body: unknown): InputOf<"getDocument"> {
  const fields = new Fields(body);
  const key = takeKey(fields);
  fields.end(["key"]);
  return { key };
}

export function parsePutDocument(body: unknown): InputOf<"putDocument"> {
  const key = takeKey(new Fields(body));
  const { key: _key, ...document } = body as Readonly<Record<string, unknown>>;
  return { key, ...parseDocument(document) };
}

export function parseDeleteDocument(body: unknown): InputOf<"deleteDocument"> {
  const fields = new Fields(body);
  const key = takeKey(fields);
  const version = fields.integer("version", { min: 1, max: Number.MAX_SAFE_INTEGER });
  fields.end(["key", "version"]);
  return { key, ...(version === undefined ? {} : { version }) };
}

/** Prefix, limit and cursor of a page, and nothing beside them. */
export function parseListDocuments(fields: Fields): DocumentsInput {
  const allowedPrefix = `what document keys begin with: ${DOCUMENT_PREFIX.source}`;
  const prefix = fields.matching("prefix", DOCUMENT_PREFIX, allowedPrefix) ?? "";
  const limit = fields.integer("limit", { min: 1, max: LIMITS.pageDocuments }) ?? DEFAULT_PAGE;
  const after = fields.matching("cursor", DOCUMENT_KEY, "a cursor, as the page before answered it") ?? "";
  fields.end(["prefix", "limit", "cursor"]);
  return { prefix, limit, after };
}

function takeKey(fields: Fields): string {
  return matching(fields.take("key"), fields.pathOf("key"), DOCUMENT_KEY);
}
