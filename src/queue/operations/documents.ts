// Documents: small JSON values in the queue's own database, so that their change commits with that of the tasks.

import { LIMITS } from "../../core/limits.ts";
import type { Refusal } from "../../core/operation.ts";
import type { Document } from "../../core/document.ts";
import { createdQueue } from "../created-queue.ts";
import type { QueueState } from "../state.ts";
import { bytesOf, documentBytes, storageRefusal } from "./storage-room.ts";
import type { ByName, OnQueue } from "./run.ts";

export const getDocument: OnQueue<"getDocument"> = (state, input) => {
  const document = state.documents.get(input.key);
  return document === undefined ? { kind: "document-not-found", key: input.key } : { kind: "document", document };
};

/** Writes a document; at a given version only, if one is given (0: only if there is none). Creates the queue. */
export const putDocument: ByName<"putDocument"> = (state, input, now, name) => {
  const before = state.existing() === null ? undefined : state.documents.versions([input.key])[0];
  if (input.version !== undefined && input.version !== (before?.version ?? 0)) return conflict(input.key, before);
  const grownBytes = (): number => bytesOf(input.value) - (before === undefined ? 0 : documentBytes(state, input.key));
  const tooLarge = storageRefusal(state, grownBytes);
  if (tooLarge !== null) return tooLarge;
  createdQueue(state, name, now);
  return { kind: "document", document: writeDocument(state, input.key, input.value, before, now) };
};

/** Deletes a document; at a given version only, if one is given. */
export const deleteDocument: OnQueue<"deleteDocument"> = (state, input) => {
  const [before] = state.documents.versions([input.key]);
  if (before === undefined) return { kind: "document-not-found", key: input.key };
  if (input.version !== undefined && input.version !== before.version) return conflict(input.key, before);
  state.documents.delete(input.key);
  state.keepKeys(before.version);
  return { kind: "done", key: input.key };
};

export const listDocuments: OnQueue<"listDocuments"> = (state, input) => {
  const { prefix = "", limit } = input;
  const documents: Document[] = [];
  let bytes = 0;
  let after = input.after;
  for (;;) {
    // Each may be of the largest size: a few at a time.
    const page = state.documents.page(prefix, after, Math.min(WINDOW, limit - documents.length));
    if (page.length === 0) return { kind: "documents", documents, after: null };
    for (const document of page) {
      documents.push(document);
      bytes += document.value.length;
      after = document.key;
      if (documents.length >= limit || bytes > LIMITS.claimBytes - LIMITS.documentBytes)
        return { kind: "documents", documents, after };
    }
  }
};

const WINDOW = 16;

/** Writes the value, one version on. Whether it may be written has been decided. */
export function writeDocument(
  state: QueueState,
  key: string,
  value: string,
  before: Pick<Document, "version" | "createdAt"> | undefined,
  now: number,
): Document {
  // Drawn from the keys, which are never given out twice: a document that was deleted and made again has no version of
  // its former life.
  const version = Math.max(state.sequence.take(now), (before?.version ?? 0) + 1);
  const document = { key, version, createdAt: before?.createdAt ?? now, updatedAt: now, value };
  state.documents.put(document);
  return document;
}

function conflict(key: string, found: Pick<Document, "version"> | undefined): Refusal {
  return { kind: "document-conflict", key, version: found?.version ?? 0 };
}
