// `npm run serve`: the queue on plain workerd, with its state on disk. To host it oneself, and to measure on.
//
//   npm run serve -- [--state DIR]      state in DIR instead of .edgeq/serve
//
// HOST and PORT say where. With EDGEQ_KEYS or EDGEQ_ISSUERS in the environment every request needs a token, and HOST may be any; without,
// the queue is open to everybody, on loopback only.

import { quickStartWithCurl } from "../src/serve/quick-start.ts";
import { runCommand } from "../src/serve/run-command.ts";
import { serve } from "../src/serve/serve.ts";
import { bundle } from "./bundle.ts";
import { stateDir } from "./state-dir.ts";

await runCommand(async () =>
  serve({
    stateDir: stateDir(".edgeq/serve"),
    env: process.env,
    isOpen: process.env["EDGEQ_KEYS"] === undefined && process.env["EDGEQ_ISSUERS"] === undefined,
    quickStart: quickStartWithCurl,
    configPath: async () => (await bundle()).configPath,
  }),
);
