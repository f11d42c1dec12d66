// A route: a method and a path, the action that a token must allow for it, and what answers.

import type { InputOf, OperationName } from "../core/operation.ts";
import type { ObjectBindings } from "../object/object-bindings.ts";
import type { QueueStub } from "../object/queue-stub.ts";
import type { Action } from "../protocol/action.ts";
import type { Asker } from "./asker.ts";
import type { Endpoint } from "../api/operation.ts";

export interface Env extends ObjectBindings {
  /** "open": everybody may do everything. For one's own machine only. */
  readonly EDGEQ_AUTH?: string | null;
  /** JSON `{"<key id>": "<secret>", ...}`: the keys that tokens may be signed with. */
  readonly EDGEQ_KEYS?: string | null;
  /** Issuers whose tokens are taken too, as JSON text or as what it stands for. See identity/issuer-settings.ts. */
  readonly EDGEQ_ISSUERS?: unknown;
  /** Hosts, separated by commas, by which an open server may be called beside the loopback ones: `queue.test:8787`. Default: none. */
  readonly EDGEQ_ALLOWED_HOSTS?: string | null;
  /** Origins whose pages may call this server, separated by commas, or "*", which an open server does not take. Default: none. */
  readonly EDGEQ_CORS_ORIGINS?: string | null;
  /** Which requests leave a line in the log: "off" (default), "failures", "all", or a share from 0 to 1 beside the failures. */
  readonly EDGEQ_LOG?: string | null;
}

/**
 * Answers a request.
 *
 * @param url the request's own: each time that the platform is asked for it, it writes it anew
 */
export type Fetch = (request: Request, env: Env, ctx: ExecutionContext, url?: string) => Promise<Response>;

/** One request on its way to its queue. */
export interface Call extends Asker {
  readonly request: Request;
  /** The request's own: each time that the platform is asked for it, it writes it anew. */
  readonly url: string;
  readonly env: Env;
  readonly ctx: ExecutionContext;
  /** From now on it only waits, and is no more counted among the requests under way. */
  readonly waits: () => void;
  /** The queue's name, checked; "" on routes that name none. */
  readonly queueName: string;
  readonly queue: QueueStub;
  /**
   * Before `queue` is called by itself: it waits until the queue's object may be opened.
   *
   * @throws {HttpError} `overloaded`
   */
  opened(): Promise<void>;
  /**
   * Runs an operation on the queue; its answer as JSON text.
   *
   * @throws {HttpError} what refused it
   */
  answer<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<string>;
  /** The parameters of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

export interface Route {
  /** In the log. Absent: it is not an operation of the API. */
  readonly name?: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As itty-router reads it; `:queue` is checked before `handle` sees it. */
  readonly path: string;
  /** null: open to all, even while nobody else is let in for want of a secret. */
  readonly action: Action | null;
  /** Actions any one of which will do as well. */
  readonly orActions?: readonly Action[];
  /** A token for some queues will do: the route leaves out what it does not allow. Default: false. */
  readonly isFiltered?: boolean;
  /** Where the token is. Default: in the Authorization header, or in the dashboard's cookie. */
  readonly tokenOf?: (request: Request) => string | null;
  readonly handle: (call: Call) => Promise<Response> | Response;
}

/** The route of what is declared. */
export function routeOf(
  { name, method, path, action }: Endpoint,
  handle: Route["handle"],
  more: Pick<Route, "isFiltered" | "orActions" | "tokenOf"> = {},
): Route {
  return { name, method, path, action, handle, ...more };
}
