// The keys of a queue: how each stands, what holds it back, and what is set for one alone.

import type { WireKey, WireKeyPatch } from "../protocol/wire-key.ts";
import type { WireOperations } from "../protocol/wire-operations.ts";
import type { CallControl, Caller } from "./caller.ts";

type List = WireOperations["listKeys"];

export class Keys {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** How a key stands. One without tasks has zeros. Rejects with QueueNotFoundError. */
  get(key: string, control: CallControl = {}): Promise<WireKey> {
    return this.#caller.ask("getKey", { ...control, key });
  }

  /**
   * Keys that have tasks or something set, a page of `limit` (1 to 1,000, default 100), and the cursor of the next.
   *
   * @param options `limited`: only keys that this holds back, "any": whatever does. Such a page may be empty and not the last.
   */
  list(options: List["body"] & CallControl = {}): Promise<List["answer"]> {
    return this.#caller.ask("listKeys", options);
  }

  /**
   * Sets for one key what is given instead of the queue's settings, and leaves the rest; null takes an override away.
   *
   * @param options `concurrency` (1 to 10,000), `rate`, `weight` (turns for one of another's, 1 to 100), `paused`
   */
  set(key: string, options: WireKeyPatch & CallControl): Promise<WireKey> {
    return this.#caller.ask("setKey", { ...options, key });
  }

  /** Takes away all that is set for one key. */
  reset(key: string, control: CallControl = {}): Promise<WireKey> {
    return this.#caller.ask("resetKey", { ...control, key });
  }

  /** Dead tasks block the key no more, and stay dead; a rest that a consumer asked for ends. */
  unblock(key: string, control: CallControl = {}): Promise<WireKey> {
    return this.#caller.ask("unblockKey", { ...control, key });
  }
}
