// What a token may allow. Each action stands for itself alone; `admin` is for what concerns all queues.

export const ACTIONS = ["enqueue", "claim", "browse", "manage", "admin"] as const;
export type Action = (typeof ACTIONS)[number];
