// A call that may be sent again: its producer has named itself and numbered it, so that the queue takes it once (P10).

import type { WireCall } from "../protocol/wire-call.ts";

/** Its producer is the sender's own name, or an Idempotency-Key, which is a producer of one call. */
export interface NumberedCall extends WireCall {
  /** Whose quota of remembered producers this one counts in; set by the server, never by the caller. Absent: everybody's. */
  readonly owner?: string;
}
