// What wrangler.toml binds and src/worker.ts exports, for the types. `wrangler types` can write this for you.

import type edgeq from "edgeq/worker";
import type { QueueService } from "edgeq/worker";
import type * as worker from "./worker.ts";

/** What edgeq's own fetch is given: its objects and its settings. */
type EdgeqEnv = Parameters<typeof edgeq.fetch>[1];

declare global {
  namespace Cloudflare {
    interface Env extends EdgeqEnv {
      readonly EDGEQ: Service<typeof QueueService>;
      readonly SHIPPED: KVNamespace;
    }
    interface GlobalProps {
      mainModule: typeof worker;
      durableNamespaces: "QueueObject" | "DirectoryObject";
    }
  }
}
