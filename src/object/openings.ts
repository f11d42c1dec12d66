// The one line of this isolate, in which every caller of queues' objects stands. On Cloudflare objects are elsewhere, and nobody does.

import { env } from "cloudflare:workers";
import { OpeningLine } from "./opening-line.ts";

/** Set by plain workerd's configuration, and by `npm start`: the objects are in the Worker's own process, in one thread with it. */
const { EDGEQ_ONE_THREAD: isOneThread = null } = env as { readonly EDGEQ_ONE_THREAD?: string | null };

/** A queue is called, by the stub of object/queue-stub.ts, only once it is open here. */
export const OPENINGS: Pick<OpeningLine, "isOpen" | "opened" | "openedAtLast"> =
  isOneThread === null
    ? { isOpen: () => true, opened: () => Promise.resolve(null), openedAtLast: () => Promise.resolve() }
    : new OpeningLine({ now: () => performance.now(), sleep: (ms) => scheduler.wait(ms) });
