// A call that may be sent again: its producer has named itself and numbered it, so that the queue takes it once (P10).

export interface NumberedCall {
  /** Whoever sends: its own name, or an Idempotency-Key, which is a producer of one call. */
  readonly producer: string;
  /** From 1; each call of a producer to a queue has its own, and keeps it when it is sent again. */
  readonly number: number;
  /** Calls below this number will not be sent again: the queue need not remember their answers. Absent: nothing is said. */
  readonly from?: number;
  /** The queue must remember its producer, or else the call is refused: it may have been made before that was forgotten. */
  readonly known?: boolean;
  /** Whose quota of remembered producers this one is in: said by the way in, never by the caller. Absent: everybody's. */
  readonly owner?: string;
}
