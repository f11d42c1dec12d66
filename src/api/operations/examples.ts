// The subject of the examples of all operations: one queue, one task, one document. Tests send the examples to a queue that
// holds these, and put the token that a claim gave them in the place of this one.

export const EXAMPLE = {
  queue: "orders",
  id: "order-7",
  /** Of a task that is claimed. */
  heldId: "order-8",
  key: "progress",
  claim: "k3x9a-1-c393bde45a206c5c-1ar4np2jzep",
  otherClaim: "k3x9a-1-0f1e2d3c4b5a6978-1ar4np2jzeq",
} as const;

const NOW = 1_795_429_196_063;

export const EXAMPLE_TASK = {
  id: EXAMPLE.id,
  version: 1,
  lane: "main",
  priority: 0,
  headers: {},
  encoding: "json",
  payload: { order: 7 },
  attempts: 0,
  maxAttempts: null,
  enqueuedAt: NOW,
  visibleAt: NOW,
  expiresAt: null,
  error: null,
  origin: null,
} as const;

export const EXAMPLE_BROWSED = {
  ...EXAMPLE_TASK,
  state: "ready",
  claimedUntil: null,
  claimant: null,
  diedAt: null,
} as const;

/** Of a task that is looked at alone. */
export const EXAMPLE_SHOWN = { ...EXAMPLE_BROWSED, pastAttempts: [] } as const;

export const EXAMPLE_DOCUMENT = {
  key: EXAMPLE.key,
  version: 1,
  createdAt: NOW,
  updatedAt: NOW,
  value: { done: 3 },
} as const;

export const EXAMPLE_KEY = {
  key: "tenant-42",
  ready: 3,
  delayed: 1,
  claimed: 2,
  hasMore: false,
  limited: { by: "concurrency", until: null },
  credit: null,
  override: { concurrency: null, rate: null, weight: null, paused: false },
  blockedBy: [],
} as const;
