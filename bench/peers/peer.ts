// The seam of the bench: what a queue must offer to be measured. The workloads know a queue only
// through this file; each peer (and edgeq, over HTTP and over sockets) translates it at its own edge.

/** A queue product in one setting of durability. */
export interface Peer {
  /** What `--only` matches and the tables print: product, then the setting that matters. */
  readonly name: string;
  /** One sentence: what has been fsynced when the product answers. */
  readonly durability: string;
  /** Null when it can run here; otherwise what is missing and what would bring it. */
  missing(): string | null;
  /** Starts the product's server as a child process on a free loopback port, its data below `dir`. */
  start(dir: string): Promise<RunningPeer>;
}

export interface RunningPeer {
  /** The versions of server and client, as a reader would cite them. */
  readonly version: string;
  /** An empty queue under a name that was never used before; one per workload. */
  openQueue(name: string): Promise<PeerQueue>;
  /** Ends clients and server; called once, also after a failure. */
  stop(): Promise<void>;
}

export interface PeerQueue {
  /** Resolves once the product has answered that the task is taken. Called with 64 in flight. */
  enqueueOne(payload: string): Promise<void>;
  /** The same for many tasks by the product's own way for many; null if it has none. */
  readonly enqueueMany: ((payloads: readonly string[]) => Promise<void>) | null;
  /** How many tasks one claim may take; empty if the product has no claim that a caller controls. */
  readonly claimSizes: readonly number[];
  /** A claimer for one of `claimSizes`; every lane of a workload opens its own. */
  openClaimer(size: number): Promise<Claimer>;
  /** Starts the product's own recommended consumer, set up for throughput. One at a time. */
  consume(handle: (payload: string) => void): Promise<Consumer>;
  /** Drops what is left in the queue and closes its clients. */
  close(): Promise<void>;
}

export interface Claimer {
  /** Claims up to `size` tasks and acks them all; answers how many, 0 when the queue is empty. */
  claimAndAck(): Promise<number>;
  close(): Promise<void>;
}

export interface Consumer {
  /** Resolves when every task handled so far has been acked and the product has taken the acks. */
  allAcked(): Promise<void>;
  stop(): Promise<void>;
}
