// The seam of the scenario of keys: a queue whose tasks belong to keys, of which each may be worked on once at a time and in order.

export interface KeyedTask {
  /** Also in the payload, with the number: what a consumer tells a task by. */
  readonly key: number;
  /** Rises within a key. */
  readonly number: number;
}

export interface KeyedQueue {
  enqueue(tasks: readonly KeyedTask[]): Promise<void>;
  /** Hands over each task and acks it when `handle` has resolved. */
  consume(handle: (task: KeyedTask) => Promise<void>): Promise<{ stop(): Promise<void> }>;
  close(): Promise<void>;
}

export interface KeyedSubject {
  readonly name: string;
  /** Null when it can run here; otherwise what is missing. */
  missing(): string | null;
  start(dir: string): Promise<RunningKeyed>;
}

export interface RunningKeyed {
  /** @returns the queue, or why the server has no such thing */
  open(name: string, isKeyed: boolean): Promise<KeyedQueue | string>;
  stop(): Promise<void>;
}

export const keyedPayload = ({ key, number }: KeyedTask): string =>
  `{"key":${key},"number":${number},"pad":"${"x".repeat(60)}"}`;

export const keyedTaskOf = (payload: unknown): KeyedTask => payload as KeyedTask;
