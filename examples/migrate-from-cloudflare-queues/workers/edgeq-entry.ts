// The one file that moving a consumer adds: its handler, exported once more, for edgeq to call.

import { queueConsumer } from "edgeq/worker";
import worker from "./worker.ts";

export default worker;
export const EdgeqConsumer = queueConsumer(worker);
