// The Worker's bindings, typed, for the tests that run beside it in workerd.

import type { Env as WorkerEnv } from "../../src/http/route.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {}
  }
}

export { env } from "cloudflare:workers";
