// Small JSON values beside the tasks of a queue, changed in the same commits as they are.

import { DOCUMENT_KEY, DOCUMENT_PREFIX, LIMITS } from "../../core/limits.ts";
import type { InputOf } from "../../core/operation.ts";
import { thousands } from "../../core/thousands.ts";
import { operation, operationOn } from "../operation.ts";
import { renderDocument, renderDocuments } from "../render.ts";
import { anyNumberOf } from "../schema/lists.ts";
import { countUpTo, CURSOR, DEFAULT_PAGE, documentKey, version, versionOrNone } from "../schema/names.ts";
import { defaulted, NOTHING, object, optional, required } from "../schema/object.ts";
import { anyJson, freeText, matching } from "../schema/scalars.ts";
import { at, count, cursorField } from "./answer-fields.ts";
import { documentValue } from "./document-value.ts";
import { EXAMPLE, EXAMPLE_DOCUMENT } from "./examples.ts";

const PATH = "/documents/:key";
const KEY = { key: required(documentKey, "The document's name.") };

const document = object({
  key: required(freeText()),
  version: required(count, "Rises with every write, and is never used twice."),
  createdAt: required(at),
  updatedAt: required(at),
  value: required(anyJson()),
});

const prefix = matching(DOCUMENT_PREFIX, `what document keys begin with: ${DOCUMENT_PREFIX.source}`);

export const listDocuments = operation({
  name: "listDocuments",
  about: "Documents in the order of their keys.",
  action: "browse",
  method: "GET",
  path: "/documents",
  body: object(
    {
      prefix: optional(prefix, "all"),
      limit: defaulted(countUpTo(LIMITS.pageDocuments), DEFAULT_PAGE),
      cursor: optional(matching(DOCUMENT_KEY, CURSOR), "the first page"),
    },
    ({ cursor: after = "", ...input }): InputOf<"listDocuments"> => ({ ...input, after }),
  ),
  answer: object({ documents: required(anyNumberOf(document)), cursor: cursorField }),
  problems: ["invalid-request", "queue-not-found"],
  example: { body: { prefix: "pro", limit: 10 }, answer: { documents: [EXAMPLE_DOCUMENT], cursor: null } },
  isLarge: true,
  render: ({ documents, after }) => renderDocuments(documents, after),
});

export const getDocument = operationOn(KEY, {
  name: "getDocument",
  about: "One document.",
  action: "browse",
  method: "GET",
  path: PATH,
  body: NOTHING,
  answer: document,
  problems: ["invalid-request", "queue-not-found", "document-not-found"],
  example: { body: { key: EXAMPLE.key }, answer: EXAMPLE_DOCUMENT },
  isLarge: true,
  render: ({ document: found }) => renderDocument(found),
});

export const putDocument = operationOn(KEY, {
  name: "putDocument",
  about: "Writes a document.",
  action: "claim",
  method: "PUT",
  path: PATH,
  body: object({
    value: required(documentValue, `At most ${thousands(LIMITS.documentBytes)} bytes as JSON.`),
    version: optional(versionOrNone, "any", "The version that it must be at; 0: it must not exist."),
  }),
  answer: document,
  problems: ["invalid-request", "payload-too-large", "version-conflict", "queue-full"],
  // Sent again it would undo what others wrote in between.
  repeat: "never",
  example: { body: { key: EXAMPLE.key, value: { done: 3 } }, answer: EXAMPLE_DOCUMENT },
  isLarge: true,
  render: ({ document: written }) => renderDocument(written),
});

export const deleteDocument = operationOn(KEY, {
  name: "deleteDocument",
  about: "Deletes a document.",
  action: "claim",
  method: "DELETE",
  path: PATH,
  body: object({ version: optional(version, "any", "The version that it must be at.") }),
  answer: object({ key: required(freeText()) }),
  problems: ["invalid-request", "queue-not-found", "document-not-found", "version-conflict"],
  // Sent again it would be refused for what it had done itself.
  repeat: "never",
  example: { body: { key: EXAMPLE.key }, answer: { key: EXAMPLE.key } },
});
