// One server from its start to its end, the same for `edgeq dev`, `edgeq serve` and `npm run serve`: where it listens, who
// may use it, what is printed, and the exit status.

import { parseIssuers } from "../http/identity/issuer-settings.ts";
import { parseSigningKeys } from "../http/signing-keys.ts";
import { SettingError } from "./command-error.ts";
import { endWhenSetBack } from "./end-when-set-back.ts";
import { keepRunning } from "./keep-running.ts";
import { listenAddress } from "./listen-address.ts";
import type { Served } from "./quick-start.ts";
import { workerSettings } from "./worker-settings.ts";
import { startServer } from "./workerd-server.ts";

export interface ServeOptions {
  /** Where workerd's configuration is, beside the Worker's module. Asked once the settings are right: in a checkout it is built. */
  readonly configPath: () => Promise<string>;
  /** Folder of the databases, made if it is not there. */
  readonly stateDir: string;
  /** HOST and PORT say where; EDGEQ_ALLOWED_HOSTS, EDGEQ_CORS_ORIGINS and EDGEQ_LOG are handed on; EDGEQ_KEYS and EDGEQ_ISSUERS are, unless the server is open. */
  readonly env: NodeJS.ProcessEnv;
  /** True: everybody who reaches it may do everything, so it listens on loopback only. */
  readonly isOpen: boolean;
  readonly quickStart: (served: Served) => string;
}

/**
 * Serves until SIGINT, SIGTERM or SIGHUP; a server that ends by itself is started again, and so is one whose clock is set back.
 *
 * @returns 0, the exit status
 * @throws {SettingError} when one of these is not what it may be
 * @throws {CommandError} when the server cannot start
 */
export async function serve({ configPath, stateDir, env, isOpen, quickStart }: ServeOptions): Promise<number> {
  const checked = {
    ...listenAddress(env, isOpen),
    stateDir,
    env: {
      ...(isOpen ? { EDGEQ_AUTH: "open" } : checkedIdentity(env)),
      ...workerSettings(env),
    },
  };
  const options = { ...checked, configPath: await configPath() };
  let port: number | null = null;
  return keepRunning(async () => {
    // Where it was, whatever port it was given first.
    const server = await startServer(port === null ? options : { ...options, port });
    if (port === null) console.log(quickStart({ url: server.url, isOpen, stateDir }));
    port = server.port;
    void endWhenSetBack(server, () => server.kill());
    return server;
  });
}

/** A server whose keys are malformed would refuse every request: better no server than one that looks healthy. */
function checkedIdentity({ EDGEQ_KEYS, EDGEQ_ISSUERS }: NodeJS.ProcessEnv): Record<string, string> {
  if (EDGEQ_KEYS === undefined && EDGEQ_ISSUERS === undefined) {
    throw new SettingError(
      'EDGEQ_KEYS is not set: set it to your keys, {"k1": "32 random bytes or more"}, or use `edgeq dev` for a queue open to this machine',
    );
  }
  const keys = EDGEQ_KEYS === undefined ? null : parseSigningKeys(EDGEQ_KEYS);
  if (keys?.kind === "malformed") throw new SettingError(`EDGEQ_KEYS: ${keys.why}`);
  const issuers = EDGEQ_ISSUERS === undefined ? null : parseIssuers(EDGEQ_ISSUERS);
  if (issuers?.kind === "malformed") throw new SettingError(`EDGEQ_ISSUERS: ${issuers.why}`);
  return {
    ...(EDGEQ_KEYS === undefined ? {} : { EDGEQ_KEYS }),
    ...(EDGEQ_ISSUERS === undefined ? {} : { EDGEQ_ISSUERS }),
  };
}
