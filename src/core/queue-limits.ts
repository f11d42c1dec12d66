// What a queue takes from all of its callers together. Those of a token, in api/grant.ts, have the same names.

/** null: only the bounds that hold for every queue. Rates let a second's worth through at once. */
export interface QueueLimits {
  /** Requests by HTTP, sockets and bindings. 1 to 1,000,000 a second. */
  readonly requestsPerSecond: number | null;
  /** Tasks enqueued, or inserted by modify. 1 to 1,000,000 a second. */
  readonly tasksPerSecond: number | null;
  /** Rows written, whatever for, as the platform bills them. Counted when they have been written. 1 to 1,000,000 a second. */
  readonly rowsPerSecond: number | null;
  /** Claims that wait at one time. 0 to 10,000. */
  readonly parkedClaims: number | null;
  /** Sockets open at one time. 0 to 32,768. */
  readonly sockets: number | null;
}

export const NO_LIMITS: QueueLimits = {
  requestsPerSecond: null,
  tasksPerSecond: null,
  rowsPerSecond: null,
  parkedClaims: null,
  sockets: null,
};
