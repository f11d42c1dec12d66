// What a token may allow: the actions that every route names one of.

/**
 * Each action stands for itself alone; none includes another, so a token says in full what it may do.
 *
 * - `enqueue`: write tasks.
 * - `claim`: claim, ack, nack and extend; it reads the payloads of what it claims.
 * - `browse`: look at tasks, settings and statistics without changing anything.
 * - `manage`: settings, pause, purge, redrive, delete; change and cancel tasks.
 * - `admin`: what concerns all queues at once, such as listing them; only with a pattern that matches every queue.
 */
export const ACTIONS = ["enqueue", "claim", "browse", "manage", "admin"] as const;
export type Action = (typeof ACTIONS)[number];
