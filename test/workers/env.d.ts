// The bindings that tests find in `env`, as wrangler.toml gives them.

import type { Env } from "../../src/http/route.ts";
import type * as main from "../../src/index.ts";

declare global {
  namespace Cloudflare {
    // oxlint-disable-next-line typescript/no-empty-object-type
    interface Env extends EdgeqEnv {}
    interface GlobalProps {
      mainModule: typeof main;
    }
  }
}

type EdgeqEnv = Env;
