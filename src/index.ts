// The Worker: its object classes, its entrypoints for bindings, and its fetch. Wiring only.

import type { Env } from "./http/route.ts";
import { fetchRoute } from "./http/router.ts";

export { CloudflareQueue, type CloudflareQueueProps } from "./binding/cloudflare-queue.ts";
export { queueConsumer } from "./binding/queue-consumer.ts";
export type { ServiceOutcome } from "./binding/call-operation.ts";
export { QueueService, type QueueServiceProps } from "./binding/queue-service.ts";
export { DirectoryObject } from "./object/directory-object.ts";
export { QueueObject } from "./object/queue-object.ts";

export default {
  fetch: fetchRoute,
} satisfies ExportedHandler<Env>;
