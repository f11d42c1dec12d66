// The sender of a request: the rights of its token, and which of its requests are counted.

import { EVERYTHING, type Grant } from "../api/grant.ts";
import type { Quota } from "../api/quota.ts";

export interface Asker {
  /** The route's own action has been checked by the time that the route is called, what else a body asks for has not. */
  readonly grant: Grant;
  /** null: nothing is counted. */
  readonly quota: Quota | null;
}

/** On an open server, and on routes that are open to all. */
export const EVERYBODY: Asker = { grant: EVERYTHING, quota: null };
