// What is on its way from a queue to others, as it travels in JSON.

export interface WireOutboxMessage {
  /** Where it goes; "@directory": to the list of queues. */
  readonly queue: string;
  /** Its name in this outbox; another after it was sent again by hand. */
  readonly message: string;
  readonly kind: string;
  /** The task's own id, if it has one. */
  readonly id: string | null;
  readonly createdAt: number;
  /** `parked`: it was refused too often, and waits for a retry by hand. */
  readonly state: "waiting" | "parked";
  readonly refusals: number;
  /** Why it has not arrived; null: nothing has gone wrong so far. */
  readonly error: string | null;
}
