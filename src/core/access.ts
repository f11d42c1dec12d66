// Who may do what: actions, and the grant that names queues and actions. What carries a grant (a token, a binding's props)
// and how it is checked for forgery is not known here.

/** What may be allowed. `admin` is for what concerns all queues; each action stands for itself alone. */
export const ACTIONS = ["enqueue", "claim", "browse", "manage", "admin"] as const;
export type Action = (typeof ACTIONS)[number];

export interface Grant {
  /** Names, or beginnings of names that end in `*`; `*` alone is every queue. */
  readonly queues: readonly string[];
  readonly can: readonly Action[];
}

/** A queue's name, whole or begun and ended by `*`. */
export const QUEUE_PATTERN = /^(?:\*|[A-Za-z0-9][A-Za-z0-9._-]{0,79}\*?)$/;

/** Patterns that one grant may hold. */
export const GRANT_QUEUES = 100;

/** Whether the grant allows `action` on the queue. What concerns all queues at once is asked with the name "". */
export function isAllowed(grant: Grant, action: Action, queueName: string): boolean {
  if (!grant.can.includes(action)) return false;
  return queueName === "" || grant.queues.some((pattern) => isMatch(pattern, queueName));
}

function isMatch(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
