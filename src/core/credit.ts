// The credit of a consumer on a socket: it asks for tasks as they become ready, and says how many it will hold at one time.

import { DEFAULT_LANE } from "./limits.ts";
import type { ClaimInput } from "./operation.ts";

export interface Credit {
  /** The most tasks that it holds, pushed or claimed, before it has settled some. 0 to 1,000; 0: none are pushed. */
  readonly n: number;
  /** How they are claimed. */
  readonly input: Omit<ClaimInput, "max">;
  /** Whether what it holds comes back at once when its socket closes. */
  readonly release: boolean;
}

export const NO_CREDIT: Credit = { n: 0, input: { lanes: { inOrder: [DEFAULT_LANE] } }, release: false };
