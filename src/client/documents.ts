// The documents of a queue: small JSON values under keys, for what must change in one commit with the tasks (see modify).

import type { WireDocument } from "../protocol/wire-document.ts";
import type { CallControl, Caller } from "./caller.ts";
import { split } from "./claims.ts";
import { encodePayload } from "./payload.ts";
import { ProblemError } from "./problem-error.ts";

export class Documents {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** The document under `key`; null when there is none. */
  async get(key: string, control: CallControl = {}): Promise<WireDocument | null> {
    try {
      return (await this.#caller.call("getDocument", { key }, control)).answer;
    } catch (error) {
      if (error instanceof ProblemError && error.code.endsWith("-not-found")) return null;
      throw error;
    }
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
    const { control, body } = split(options);
    const { payload } = encodePayload(value);
    return (await this.#caller.call("putDocument", { ...body, key, value: payload }, control)).answer;
  }

  /** Takes a document out. Rejects with VersionConflictError, or when there is none. */
  async delete(key: string, options: { readonly version?: number } & CallControl = {}): Promise<void> {
    const { control, body } = split(options);
    await this.#caller.call("deleteDocument", { ...body, key }, control);
  }

  /** Documents whose keys begin with `prefix`, in the order of their keys: a page of `limit`, and the cursor of the next. */
  async list(
    options: { readonly prefix?: string; readonly limit?: number; readonly cursor?: string } & CallControl = {},
  ): Promise<{ readonly documents: readonly WireDocument[]; readonly cursor: string | null }> {
    const { control, body } = split(options);
    return (await this.#caller.call("listDocuments", body, control)).answer;
  }
}
