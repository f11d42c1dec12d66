// The number by which a call is known when it is sent again.

export interface WireCall {
  /** 16 hexadecimal digits: 64 random bits, new for each process that sends. */
  readonly producer: string;
  /** Another for each call of this producer to this queue, rising by 1; the same when the call is sent again. */
  readonly number: number;
  /** The lowest number that may be sent again; absent: not said. */
  readonly from?: number;
  /** True: refused with `call-forgotten`, in place of made, if the queue remembers nothing of the producer; absent: false. */
  readonly known?: boolean;
}
