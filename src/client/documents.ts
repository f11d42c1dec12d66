// The documents of a queue: small JSON values under keys, for what must change in one commit with the tasks (see modify).

import type { WireDocument } from "../protocol/wire-document.ts";
import type { CallControl, Caller } from "./caller.ts";
import { jsonValue } from "./payload.ts";
import { foundOrNull } from "./problem-error.ts";

export class Documents {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** The document under `key`; null when there is none. */
  get(key: string, control: CallControl = {}): Promise<WireDocument | null> {
    return foundOrNull(this.#caller.ask("getDocument", { ...control, key }));
  }

  /**
   * Writes a document of at most 256 KiB.
   *
   * @param options `version`: it must be at that version, 0: it must not exist; absent: whatever it is. Rejects with
   *   VersionConflictError.
   */
  async put(
    key: string,
    value: unknown,
    options: { readonly version?: number } & CallControl = {},
  ): Promise<WireDocument> {
    return this.#caller.ask("putDocument", { ...options, key, value: jsonValue(value, "value") });
  }

  /** Takes a document out. Rejects with VersionConflictError, or when there is none. */
  async delete(key: string, options: { readonly version?: number } & CallControl = {}): Promise<void> {
    await this.#caller.ask("deleteDocument", { ...options, key });
  }

  /** Documents whose keys begin with `prefix`, in the order of their keys: a page of `limit`, and the cursor of the next. */
  list(
    options: { readonly prefix?: string; readonly limit?: number; readonly cursor?: string } & CallControl = {},
  ): Promise<{ readonly documents: readonly WireDocument[]; readonly cursor: string | null }> {
    return this.#caller.ask("listDocuments", options);
  }
}
