// Every bound that a sender, a consumer or an owner can meet, once, with its unit and its reason. The bounds of the inside stand
// in core/limits.ts.

import {
  BATCH_TASKS,
  CONSUMER_LIMITS,
  ERROR_LENGTH,
  JSON_DEPTH,
  MAX_WAIT_MS,
  PRODUCER_CALLS,
  SOCKET_LIMITS,
} from "./call-limits.ts";

export { QUEUE_NAME } from "./call-limits.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;

export const PUBLIC_LIMITS = {
  batchTasks: BATCH_TASKS,
  waitMs: MAX_WAIT_MS,
  producerCalls: PRODUCER_CALLS,
  ...SOCKET_LIMITS,
  ...CONSUMER_LIMITS,
  /** A producer's id is an idempotency key (a UUID, an order number, a hash), stored in an index. */
  taskIdLength: 128,
  documentKeyLength: 128,
  /** Names are object names, path segments and log fields: short, and safe in all three. */
  queueNameLength: 80,
  /** Lanes are named like queues, shorter because the name is stored in each task. */
  laneLength: 40,
  /** As long as a task's id. */
  keyLength: 128,
  /** More at a time than one key has consumers. */
  keyConcurrency: 10_000,
  /** Turns that a key gets for one of another's: a key that waits for a hundred still has its turn soon. */
  keyWeight: 100,
  taskCost: 1_000,
  /** A rate beyond what a queue does in its period limits nothing. */
  rateLimit: 1_000_000,
  /** A month: what upstreams count their quotas by. */
  ratePeriodMs: 31 * DAY_MS,
  errorLength: ERROR_LENGTH,
  /** Attempts that a task remembers, the latest, and the characters of the error of each: 8 KB in its row at most, of plain text. */
  pastAttempts: 16,
  attemptErrorLength: 256,
  contentTypeLength: 128,
  /** Headers are for routing and tracing, not for payload. */
  headerCount: 32,
  headerNameLength: 64,
  headerValueLength: 1_024,
  /** One row of SQLite in an object may hold 2 MB; half of it leaves room for headers and encoding. */
  payloadBytes: 1_048_576,
  /** A sixth of an object's 128 MB, since a body is held as text and as rows at once. */
  bodyBytes: 16 * 1_048_576,
  /**
   * What the texts of one request take in memory, where a character beyond Latin-1 makes each of its text take two bytes, and numbers
   * are written out: a call to an object carries 32 MiB.
   */
  carriedBytes: 30 * 1_048_576,
  /** A body comes whole within this: 16 MiB at 2.3 Mbit/s. One that is larger than 64 KiB, or of no declared length, is timed. */
  bodyMs: 60 * SECOND_MS,
  /**
   * Requests that an isolate has under way, waits not counted: 0.3 s of work at 3,000 requests a second. One queue has three
   * quarters of them, so that others are still let in.
   */
  requestsUnderWay: 1_024,
  queueRequestsUnderWay: 768,
  /**
   * Bytes that a queue's object, or an isolate of the Worker, holds at once because somebody waits for them: three quarters of an
   * object's memory. core/held-bytes.ts says who has which part.
   */
  heldBytes: 96 * 1_048_576,
  /** A client that takes no 256 KiB of an answer within this is given up: 210 kbit/s. */
  unreadAnswerMs: 10 * SECOND_MS,
  /** What is read on of a body whose request was refused, so that the refusal arrives: a reset would overtake it. */
  refusedBodyBytes: 32 * 1_048_576,
  refusedBodies: 128,
  refusedBodyMs: 5 * SECOND_MS,
  /**
   * Values in one JSON text, counted by its brackets, braces and commas: parsing 16 MiB of `[],` would take 500 MB. The largest
   * payload has room for 700,000.
   */
  jsonValues: 1_000_000,
  /**
   * Different names in the objects of one JSON text. V8 makes a hidden class, or an entry of a dictionary, for each: 100,000 take
   * 30 to 80 ms, a million up to 1.7 s. The largest payload has room for 80,000 members with names
   * of 8 characters.
   */
  jsonNames: 100_000,
  jsonDepth: JSON_DEPTH,
  /** Lanes that one claim may name. */
  claimLanes: 32,
  /** Lanes of one queue that hold tasks: each is a line of its statistics, and a few probes to look for what has run out. */
  lanes: 10_000,
  /**
   * What the tasks of one answer take in memory as text, by an upper bound: a call to an object carries 32 MiB, and a claim's
   * tasks are claimed before its answer is carried.
   */
  answerBytes: 24 * 1_048_576,
  /** Parked claims in one object; each holds a request open. */
  parkedClaims: 10_000,
  /** Of one token, unless it says otherwise: half, so that no one token keeps all others from waiting. */
  parkedClaimsOfToken: 5_000,
  /** Sockets of one object: the platform's own limit. */
  sockets: 32_768,
  /** Of one token, unless it says otherwise: a quarter, so that no one token keeps all others out. */
  socketsOfToken: 8_192,
  /** Sockets to the directory: it looks at each of them when a queue reports. */
  overviewSockets: 1_000,
  /** Of one token: a quarter, so that no one token keeps all others out. */
  overviewSocketsOfToken: 250,
  /** Sockets of one object that watch how it is, and as many that watch its facts: a turn notifies all of them. */
  watchers: 1_000,
  /** Of one token: a quarter, so that no one token keeps all others from watching. */
  watchersOfToken: 250,
  /** A frame of a socket: a payload of the largest size as base64, or a hundred of common size, and room for the rest. */
  frameBytes: 2 * 1_048_576,
  /** A request's own name: a number or a short text. */
  requestIdLength: 64,
  /** Tasks pushed in one frame. Larger pushes let one consumer hoard tasks that it cannot start. */
  pushTasks: 100,
  /** Payload bytes after which a frame of pushed or claimed tasks takes no further one. */
  frameTaskBytes: 524_288,
  /** A reader is asked to show that it reads each time this much has been sent to it. */
  syncBytes: 262_144,
  /** Unread bytes at which nothing more is pushed to a socket; enough to keep a fast reader a round trip away busy. */
  pushWindowBytes: 1_048_576,
  /** Unread bytes at which a socket's requests are refused. */
  answerWindowBytes: 8 * 1_048_576,
  /** Unread bytes at which a socket is closed. */
  unreadBytes: 24 * 1_048_576,
  retentionMs: 366 * DAY_MS,
  dedupeMs: 7 * DAY_MS,
  backoffMs: 12 * HOUR_MS,
  backoffFactor: 10,
  maxAttempts: 1_000,
  /** Claims in flight live in memory, about 250 bytes each. */
  maxInFlight: 120_000,
  maxBacklog: 100_000_000,
  /** Of a budget: more than an object can write in an hour, and than anybody would spend on one in a day. */
  budgetRows: 1_000_000_000_000,
  budgetUsd: 1_000_000,
  priority: 100,
  /** An object holds 10 GB; the rest is headroom for acks, claims and the outbox, which must never be refused. */
  storageBytes: 9_000_000_000,
  pageTasks: 1_000,
  /** Queues to which one redrive may send changed dead letters back, and that its answer lists. */
  redriveOrigins: 100,
  /** Dead-letter queues that a task passes through, one after another: it carries its way back, of up to 2 KB a queue. */
  deadLetterStages: 16,
  pageQueues: 1_000,
  pageKeys: 1_000,
  /** Tasks that one page of browsing may look at; a page may come back short, with a cursor. */
  pageScan: 10_000,
  /** Characters of a search: what people type, with room for some ids. */
  searchLength: 1_024,
  /**
   * Bytes of payloads, each once for each term that looks into it, headers and errors after which one search reads no further ones; it
   * comes back short, with a cursor.
   */
  searchBytes: 4 * 1_048_576,
  /** Proxies refuse headers of 8 to 16 KB. */
  tokenLength: 8_192,
  /** Patterns in one token: every one may be tried for a request. */
  tokenQueues: 50,
  /** Lanes that a token may be limited to: as many as one claim may name. */
  tokenLanes: 32,
  /** Characters of what names a token: a UUID has 36. */
  tokenIdLength: 128,
  /** How long a token that the server makes may be good. */
  tokenMs: 315_360_000_000,
  /** Revoked tokens that are remembered: each isolate holds them all. Beyond that their key is to be taken out. */
  revokedTokens: 10_000,
  /** Requests per second that a token may be limited to. */
  tokenRequests: 100_000,
  /** Issuers of tokens: each may be asked for its keys. */
  issuers: 8,
  /** Keys of one issuer, and the bytes of their list: one in use and some that follow, a hundred times what is usual. */
  issuerKeys: 100,
  issuerKeysBytes: 262_144,
  /** Rules of one issuer, each of which may be tried for a token, and what one of them may ask for. */
  grantRules: 100,
  grantConditions: 32,
  /** One in use, one coming, and some whose tokens have yet to expire. */
  signingKeys: 16,
  /** Tasks and documents that one modify may name: what it reads is held in memory until it is decided. */
  modifyReferences: 100,
  /** Documents are counters, cursors and summaries beside the tasks, rewritten whole at each change. */
  documentBytes: 262_144,
  pageDocuments: 1_000,
  pageOutbox: 1_000,
  /** Records of a page of an export, and their bytes: control characters in JSON are six times as long. */
  exportRecords: 1_000,
  exportBytes: 2 * 1_048_576,
  /** How far back a queue can be put: Cloudflare keeps what was for 30 days. */
  rewindMs: 30 * DAY_MS,
  pageConsumers: 1_000,
  /** Steps of one answer about history: a day by minute. */
  historyPoints: 1_440,
  /** Messages of one queue that have not arrived at others: to count them once takes some 10 ms. */
  outboxMessages: 40_000,
  /** An Idempotency-Key: a UUID or a hash fits, as in task ids. */
  producerLength: 128,
  /** What is stored of a producer's calls, written again with each turn: 44 bytes a call, 4 where they follow one another, more where ids were known. */
  producerBytes: 65_536,
  /**
   * Producers of one token that a queue remembers, and all producers. A token that has more forgets its own first; only when
   * five tokens have filled theirs does anybody's make way for another's.
   */
  producersOfToken: 10_000,
  producers: 50_000,
} as const;

export const LANE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
/** Document keys: `.`, `:`, `_`, `-` and `/` part what prefixes list; in a path `/` is escaped, as in task ids. */
export const DOCUMENT_KEY = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
export const DOCUMENT_PREFIX = /^[A-Za-z0-9._:/-]{0,128}$/;
export const DEFAULT_LANE = "main";
