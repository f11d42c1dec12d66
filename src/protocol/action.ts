// The actions that a token may allow; every route names one of them.

/**
 * Each action stands for itself alone; none includes another, so a token says in full what it may do.
 *
 * - `enqueue`: write tasks.
 * - `claim`: claim, ack, nack and extend; it reads the payloads of what it claims. Write documents, and modify: its inserts
 *   need `enqueue` on each queue they go to, its changes and deletes of what is not claimed need `manage`.
 * - `browse`: look at tasks, documents, settings, statistics and the outbox without changing anything.
 * - `manage`: settings, pause, purge, redrive, delete; change and cancel tasks, take claims away; send parked messages again.
 * - `admin`: what concerns all queues at once, such as listing them, only with a pattern that matches every queue; and putting a queue
 *   back to an earlier moment.
 */
export const ACTIONS = ["enqueue", "claim", "browse", "manage", "admin"] as const;
export type Action = (typeof ACTIONS)[number];
