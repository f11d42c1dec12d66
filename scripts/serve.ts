// `npm run serve`: the queue on plain workerd, with its state on disk. To host it oneself, and to measure on.
//
//   npm run serve -- [--state DIR]      state in DIR instead of .edgeq/serve
//
// HOST and PORT say where. With EDGEQ_KEYS in the environment every request needs a token, and HOST may be any; without,
// the queue is open to everybody, on loopback only.

import { listenAddress } from "./listen-address.ts";
import { quickStart } from "./quick-start.ts";
import { runCommand, untilStopped } from "./run-command.ts";
import { stateDir } from "./state-dir.ts";
import { startWorkerd } from "./workerd-server.ts";

await runCommand(async () => {
  const { EDGEQ_KEYS, EDGEQ_CORS_ORIGINS } = process.env;
  const isOpen = EDGEQ_KEYS === undefined;
  const server = await startWorkerd({
    ...listenAddress(process.env, isOpen),
    stateDir: stateDir(".edgeq/serve"),
    env: {
      ...(isOpen ? { EDGEQ_AUTH: "open" } : { EDGEQ_KEYS }),
      ...(EDGEQ_CORS_ORIGINS === undefined ? {} : { EDGEQ_CORS_ORIGINS }),
    },
  });
  console.log(quickStart(server.url, isOpen));
  return untilStopped(server);
});
