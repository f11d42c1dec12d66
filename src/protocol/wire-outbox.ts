// Messages on their way from a queue to others, as they travel in JSON.

export interface WireOutboxMessage {
  /** Where it goes; "@directory": to the list of queues. */
  readonly queue: string;
  /** Its name in this outbox; another after it was sent again by hand. */
  readonly message: string;
  readonly kind: string;
  /** The id that the task brings along, if it has one of its own. */
  readonly id: string | null;
  readonly createdAt: number;
  /** `waiting`: it is sent until it arrives. `parked`: it was refused too often, and waits for a retry by hand. */
  readonly state: "waiting" | "parked";
  /** How often its receiver has refused it. */
  readonly refusals: number;
  /** Why it has not arrived; null: nothing has gone wrong so far. */
  readonly error: string | null;
}
