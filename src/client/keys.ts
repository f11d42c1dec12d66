// The keys of a queue: how each stands, what holds it back, and what is set for one alone.

import type { WireKey, WireKeyPatch } from "../protocol/wire-key.ts";
import type { WireOperations } from "../protocol/wire-operations.ts";
import type { CallControl, Caller } from "./caller.ts";
import { split } from "./claims.ts";

type OnOne = "getKey" | "setKey" | "resetKey" | "unblockKey";

export class Keys {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** How a key stands. One without tasks has zeros. Rejects with QueueNotFoundError. */
  get(key: string, control: CallControl = {}): Promise<WireKey> {
    return this.#on("getKey", { key }, control);
  }

  /**
   * Keys that have tasks or something set, a page of `limit` (1 to 1,000, default 100), and the cursor of the next.
   *
   * @param options `limited`: only keys that this holds back, "any": whatever does. Such a page may be empty and not the last.
   */
  async list(
    options: WireOperations["listKeys"]["body"] & CallControl = {},
  ): Promise<WireOperations["listKeys"]["answer"]> {
    const { control, body } = split(options);
    return (await this.#caller.call("listKeys", body, control)).answer;
  }

  /**
   * Sets for one key what is given instead of the queue's settings, and leaves the rest; null takes an override away.
   *
   * @param override `concurrency` (1 to 10,000), `rate`, `weight` (turns for one of another's, 1 to 100), `paused`
   */
  set(key: string, override: WireKeyPatch, control: CallControl = {}): Promise<WireKey> {
    return this.#on("setKey", { ...override, key }, control);
  }

  /** Takes away all that is set for one key. */
  reset(key: string, control: CallControl = {}): Promise<WireKey> {
    return this.#on("resetKey", { key }, control);
  }

  /** Dead tasks block the key no more, and stay dead; a rest that a consumer asked for ends. */
  unblock(key: string, control: CallControl = {}): Promise<WireKey> {
    return this.#on("unblockKey", { key }, control);
  }

  async #on<Name extends OnOne>(
    operation: Name,
    body: WireOperations[Name]["body"],
    control: CallControl,
  ): Promise<WireKey> {
    return (await this.#caller.call(operation, body, control)).answer;
  }
}
