// The number by which a call is known when it is sent again.

export interface WireCall {
  /** 16 hexadecimal digits: 64 random bits, new for each process that sends. */
  readonly producer: string;
  /** From 1, another for each call of this producer to this queue; the same when the call is sent again. */
  readonly number: number;
  /** Calls below this number will not be sent again: the queue need not remember their answers. Absent: unknown. */
  readonly from?: number;
  /**
   * True: the call is refused with `call-forgotten` if the queue remembers nothing of its producer, since it may have been made
   * before that was forgotten. Absent: false.
   */
  readonly known?: boolean;
}
