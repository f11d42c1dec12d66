// What a route is: a method and a path, the action that a token must allow for it, and what answers.

import type { Action } from "../core/action.ts";
import type { ObjectBindings, QueueStub } from "../object/queue-stub.ts";

export interface Env extends ObjectBindings {
  /** "open": everybody may do everything. For one's own machine only. */
  readonly EDGEQ_AUTH?: string;
  /** JSON `{"<key id>": "<secret>", ...}`: the keys that tokens may be signed with. */
  readonly EDGEQ_KEYS?: string;
}

/** One request on its way to its queue. */
export interface Call {
  readonly request: Request;
  readonly env: Env;
  readonly ctx: ExecutionContext;
  /** The queue's name, checked; "" on routes that name none. */
  readonly queueName: string;
  readonly queue: QueueStub;
  /** The parameters of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** In itty-router's words; `:queue` is checked before `handle` sees it. */
  readonly path: string;
  /** null: open to all. */
  readonly action: Action | null;
  readonly handle: (call: Call) => Promise<Response> | Response;
}
