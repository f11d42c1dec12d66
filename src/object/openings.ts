// The one line of this isolate, in which every caller of queues' objects stands: on plain workerd one isolate is all there is.

import { OpeningLine } from "./opening-line.ts";

/** A queue is called, by the stub of object/queue-stub.ts, only once it is open here. */
export const OPENINGS = new OpeningLine({ now: () => performance.now(), sleep: (ms) => scheduler.wait(ms) });
