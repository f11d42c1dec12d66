// The Worker: its object classes and its fetch. Wiring only.

import type { Env } from "./http/route.ts";
import { fetchRoute } from "./http/router.ts";

export { DirectoryObject } from "./object/directory-object.ts";
export { QueueObject } from "./object/queue-object.ts";

export default {
  fetch: fetchRoute,
} satisfies ExportedHandler<Env>;
