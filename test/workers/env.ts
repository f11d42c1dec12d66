// The Worker's bindings and exports, as the tests that run beside it in workerd see them.

import type { Env as WorkerEnv } from "../../src/http/route.ts";
import type * as main from "../../src/index.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {}
    interface GlobalProps {
      mainModule: typeof main;
    }
  }
}

export { env } from "cloudflare:workers";
