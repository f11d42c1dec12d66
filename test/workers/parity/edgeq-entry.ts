// All that a consumer adds to be fed by edgeq: its handler, exported once more as an entrypoint.

import { queueConsumer } from "../../../src/binding/queue-consumer.ts";
import worker from "./cloudflare-worker.ts";

export default worker;
export const EdgeqConsumer = queueConsumer(worker);
