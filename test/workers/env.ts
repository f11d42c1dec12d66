// The Worker's bindings, as the tests that run beside it in workerd see them.

import type { Env as WorkerEnv } from "../../src/http/route.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {}
  }
}
