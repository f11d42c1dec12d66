// What the two runs of the parity test are told and what they tell: the words between the test and the Worker under it.

/** What a message asks of its consumer, attempt by attempt; past the end of the plan it is left alone. */
export interface Instruction {
  readonly key: string;
  readonly plan: readonly (readonly Step[])[];
}

export type Step =
  | "ack"
  | "retry"
  | "retry in 1 s"
  | "ack all"
  | "retry all"
  | "retry all in 1 s"
  | "throw"
  | "reject in waitUntil";

export type SampleName = "text" | "bytes" | "json" | "v8";

export interface Sending {
  readonly queue: string;
  /** A body of this kind, instead of instructions. */
  readonly sample?: SampleName;
  readonly messages?: readonly Instruction[];
  readonly delaySeconds?: number;
}

export interface Observation {
  readonly queue: string;
  readonly at: number;
  readonly messages: readonly { readonly key: string; readonly attempts: number; readonly body: string }[];
}
