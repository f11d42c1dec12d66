// The ways in which tasks live, that costs are counted for. Every profile is a million tasks a day, evenly:
// rounds of a hundred tasks, and as much time passes between rounds as that rate gives.

export interface Profile {
  readonly name: string;
  readonly way: "http" | "socket";
  /** Tasks in one enqueue call. */
  readonly enqueueIn: number;
  /** Tasks in one claim and in its ack; over a socket, what credit lets it hold. */
  readonly claimIn: number;
  /** Of a hundred tasks, those that fail once: nacked, offered again after the queue's backoff. */
  readonly failures: number;
  /** null: no delay. */
  readonly delayMs: number | null;
  /** Tasks bring ids of their own, which are remembered for the dedupe window (5 minutes by default). */
  readonly hasOwnIds: boolean;
  /** Enqueues are numbered, as the client does by default: one that is sent again is made once. */
  readonly isNumbered: boolean;
  /** Rows a task that the issue set as goal; null: none. */
  readonly rowsGoal: number | null;
}

const plain = { way: "http", failures: 0, delayMs: null, hasOwnIds: false, isNumbered: false, rowsGoal: null } as const;
const numbered = { ...plain, isNumbered: true } as const;
const delayMs = 5_000;

export const profiles: readonly Profile[] = [
  { ...plain, name: "one by one", enqueueIn: 1, claimIn: 1, rowsGoal: 3 },
  { ...numbered, name: "one by one, numbered", enqueueIn: 1, claimIn: 1, rowsGoal: 4 },
  { ...plain, name: "enqueued singly, claimed and acked in tens", enqueueIn: 1, claimIn: 10, rowsGoal: 2.11 },
  { ...plain, name: "in tens", enqueueIn: 10, claimIn: 10, rowsGoal: 2.11 },
  { ...numbered, name: "in tens, numbered", enqueueIn: 10, claimIn: 10, rowsGoal: 0.4 },
  { ...plain, name: "in hundreds", enqueueIn: 100, claimIn: 100, rowsGoal: 2.02 },
  { ...numbered, name: "in hundreds, numbered", enqueueIn: 100, claimIn: 100, rowsGoal: 0.05 },
  { ...plain, name: "in hundreds, claimed and acked one by one", enqueueIn: 100, claimIn: 1 },
  { ...plain, name: "one by one, 1 % fail once", enqueueIn: 1, claimIn: 1, failures: 1 },
  { ...plain, name: "in hundreds, 1 % fail once", enqueueIn: 100, claimIn: 100, failures: 1 },
  { ...plain, name: "one by one, delayed", enqueueIn: 1, claimIn: 1, delayMs },
  { ...plain, name: "in hundreds, delayed", enqueueIn: 100, claimIn: 100, delayMs },
  { ...plain, name: "one by one, own ids", enqueueIn: 1, claimIn: 1, hasOwnIds: true },
  { ...plain, name: "in hundreds, own ids", enqueueIn: 100, claimIn: 100, hasOwnIds: true },
  { ...plain, name: "one by one over sockets", way: "socket", enqueueIn: 1, claimIn: 1 },
  { ...numbered, name: "one by one over sockets, numbered", way: "socket", enqueueIn: 1, claimIn: 1 },
  { ...plain, name: "in hundreds over sockets", way: "socket", enqueueIn: 100, claimIn: 100 },
];

export const roundTasks = 100;
/** A million tasks in a day. */
export const roundMs = (roundTasks * 86_400_000) / 1_000_000;
