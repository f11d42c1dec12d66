// Where the local servers listen: HOST and PORT of the environment, checked. An open queue is for this machine alone.

import { createServer, isIPv4 } from "node:net";
import { CommandError, SettingError } from "./command-error.ts";

export interface ListenAddress {
  /** Default 127.0.0.1. */
  readonly host: string;
  /** Default 8787; 0: any that is free. */
  readonly port: number;
}

const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_PORT = 8787;

/**
 * @param isOpen whether everybody who reaches the queue may do everything
 * @throws {SettingError} when PORT is not a port, or an open queue would be reached from other machines
 */
export function listenAddress(env: NodeJS.ProcessEnv, isOpen: boolean): ListenAddress {
  const { HOST: host = DEFAULT_HOST, PORT = String(DEFAULT_PORT) } = env;
  if (!/^\d{1,5}$/.test(PORT) || Number(PORT) > 65_535)
    throw new SettingError(`PORT: given ${JSON.stringify(PORT)}, allowed: 0 to 65535`);
  if (isOpen && !isLoopback(host)) {
    throw new SettingError(
      `HOST: given ${JSON.stringify(host)}, allowed: a loopback address (127.0.0.1, ::1, localhost), since this queue would be open to everybody. ` +
        "To serve other machines, set EDGEQ_KEYS and run `edgeq serve` (`npm run serve` in a checkout)",
    );
  }
  return { host, port: Number(PORT) };
}

/**
 * The port itself, or one that is free for 0.
 *
 * @throws {CommandError} when it is taken, or the host is not this machine's
 */
export function freePort({ host, port }: ListenAddress): Promise<number> {
  return new Promise((fulfil, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => reject(new CommandError(whyNot(error, host, port))));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => fulfil(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}

function whyNot(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code !== "EADDRINUSE") return `cannot listen on ${host}:${port}: ${error.message}`;
  return `${host}:${port} is taken: stop what listens there, or choose another PORT`;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
