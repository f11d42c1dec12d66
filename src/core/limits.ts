// Every bound of the system in one place: those that people meet, from protocol/limits.ts, and those of the inside, each with its
// unit and its reason. Nothing elsewhere may invent a number of this kind.

import { PUBLIC_LIMITS } from "../protocol/limits.ts";

export const LIMITS = {
  ...PUBLIC_LIMITS,
  /** Plain tasks enqueued together share a row, up to this many and this much: a claim of one of them reads them all. */
  runTasks: 100,
  runBytes: 16_384,
  /** Rows of several tasks, some of them done, that are remembered beside those with claims: what many consumers work on. */
  runsKept: 1_000,
  /** Lanes, and pairs of lane and priority, whose read cursors are kept in memory, beside the lanes that consumers wait for. */
  lanesKept: 10_000,
  levelsKept: 20_000,
  /** Lanes, priorities and keys that one round of housekeeping looks at: a few milliseconds of probes. */
  levelsWalked: 1_000,
  /** Keys with tasks that are known in memory, about 300 bytes each; tasks of further ones wait until others have none. */
  keysKept: 100_000,
  /** Dead tasks that block one key, all in its row: as many as one claim of it may have taken, and a row that is written in a millisecond. */
  keyBlockers: 1_000,
  /** Keys that have used some of their rate and not rested since, each remembered exactly: about 34 MB, and what a wake-up reads of them. */
  ratesKept: 100_000,
  /**
   * Lanes, priorities and keys whose delayed tasks are counted apart, about 250 bytes each; of more, all are counted anew each minute.
   * Beside them as many tasks that wait for their retry in the place of their key's order.
   */
  delayedKept: 20_000,
  /** Payloads up to this size are read along with what a key offers next. */
  aheadBytes: 4_096,
  /** Tasks of keys that were acked and whose rows are yet to go: some of each of a thousand keys, and about 20 ms when they do. */
  ackedRows: 4_096,
  /** Claims' rows that say so and cannot be overwritten: a queue of one consumer has no more of them than it would notice. */
  ackedClaims: 64,
  /** Documents of a page, and dead letters of a redrive: as much as a request body. */
  claimBytes: 16 * 1_048_576,
  /** Tasks pushed under credit are claimed for this long at least: one that ran out at once would be pushed again at once. */
  pushTimeoutMs: 1_000,
  /** Rows that one turn reads and writes, about: tens of milliseconds. What is left goes into the next. */
  turnRows: 20_000,
  /** Rows, and kilobytes of payloads, that pages and redrives look through in one turn before the next of them has to wait. */
  turnScans: 5_000,
  /**
   * Claims, lanes and levels in memory that one turn walks over before no further request begins in it: some 50 ms. The database
   * knows nothing of them, so that rows do not bound them.
   */
  turnWalked: 400_000,
  /** Facts of one turn that watchers are sent one by one: each takes a look at a row. The others are counted. */
  factsOfTurn: 1_000,
  /**
   * Payloads of rows that are written anew in one turn: SQLite writes a row whole, whatever changes of it, which takes some 8 ms a
   * megabyte. What is left goes into the next.
   */
  turnRewrittenBytes: 32 * 1_048_576,
  /** Payloads of rows that go in one turn: SQLite walks through all pages of a large one to free them, about 1 ms a megabyte. */
  turnFreedBytes: 64 * 1_048_576,
  /** Answers after which no further request begins in a turn: thousands of common ones, and sent before the next are made. */
  turnAnswerBytes: 4 * 1_048_576,
  /** Requests and frames that one turn answers, however little each of them takes: some 100 ms. */
  turnJobs: 2_000,
  /** Frames of sockets that are taken before others are heard: some 10 ms of small ones. */
  framesAtOnce: 500,
  /** A frame counts as one more of those for each of so many characters. */
  frameLength: 2_048,
  /** Of those who wait for tasks, how many are answered in one turn: some 100 ms, with what they are sent. */
  turnServed: 500,
  /** Calls and frames that wait for their turn; beyond it a call is refused as overloaded. */
  waitingJobs: 20_000,
  /** Queues that wait to be called while others open their databases: three to six seconds' worth on plain workerd. */
  queuesInLine: 512,
  /** A queue that was called within so long is in memory: plain workerd lets go of an object 10 s after its last call. ms. */
  openQueuesMs: 5_000,
  /** As many are known; of more, those called first are waited for again. */
  openQueues: 10_000,
  /**
   * Of the requests that an isolate may have under way, how many there are before work is refused. Acks and their like still come in.
   * 500 callers of one queue are all served, however late; what 512 have asked for is done within 0.2 s.
   */
  requestsOfWork: 768,
  queueRequestsOfWork: 512,
  /**
   * The same of one queue for a while after that: with half as many, each waits half as long, a refusal that must wait for them too, and
   * nearly as many are done. With a quarter, a quarter fewer are done.
   */
  queueRequestsWhenOverloaded: 256,
  /**
   * How many of the callers that were refused because there was no room are asked to retry in one second, until it is known how many
   * are taken on in one: to refuse all of these again takes a tenth of that second.
   */
  returnsPerSecond: 1_000,
  /** However slow the server is, the times of a thousand callers lie within four seconds. */
  fewestReturnsPerSecond: 250,
  /** Work is refused below the whole bound until times to return are given out this far ahead: the first call of each of 4,000 callers. ms. */
  earlyReturnsMs: 4_000,
  /** The longest wait that one of them is given: more than ten thousand come again sooner than they could be served. ms. */
  returnsWithinMs: 10_000,
  /** Payload bytes of a batch pushed to a Worker; at least one task is. */
  pushBatchBytes: 1_048_576,
  /**
   * Tables that may be set aside at one time, their rows on their way out: each makes every purge and every change of the schema take
   * longer, so that a thousand purges at once took a minute. Further ones wait until some are gone.
   */
  tablesAside: 16,
  /** An export is given up that nobody has asked for that long, an import that nothing has come for. ms. */
  exportSilenceMs: 600_000,
  importSilenceMs: 24 * 3_600_000,
  /** Housekeeping done in one turn (expired claims, expired tasks, forgotten ids) before it yields to requests. */
  sweepBatch: 1_000,
  /** Tokens that an isolate need not verify again; at their longest, 8 MB. */
  verifiedTokens: 1_000,
  /** Producers whose rows need not be read again: at their largest, 16 MB. */
  producersInMemory: 256,
  /** Outbox messages handed to one receiver in one call. */
  outboxBatch: 100,
  /** Bytes handed to one receiver in one call, unless one message is larger: many receivers are served at once. */
  outboxBatchBytes: 1_048_576,
  /** Receivers that one queue serves at once; times the bytes of a batch, what delivery may hold in memory. */
  outboxReceivers: 32,
  /** An answer that takes longer does not come: the receiver is asked again later, and others are served meanwhile. */
  outboxAnswerMs: 30_000,
  /** Calls that one receiver may leave unanswered before it is called no more: the first may have been bad luck. */
  outboxUnanswered: 2,
  /** Receivers that are looked for at one time after a wake. */
  outboxReceiversFound: 1_000,
  /** Refusals of one message before it is parked: with delays that double from 1 s up to 5 min, about an hour. */
  outboxRefusals: 20,
  /** Messages of one sender that are remembered as taken back: more than it has set aside in the time that a queue is put back by. */
  inboxWithdrawn: 100,
  /** Earlier lives of a queue whose tokens it knows to be lost; of older ones it keeps those that tasks are left of. */
  formerLives: 100,
} as const;

export { DEFAULT_LANE, DOCUMENT_KEY, DOCUMENT_PREFIX, LANE_NAME, QUEUE_NAME } from "../protocol/limits.ts";
