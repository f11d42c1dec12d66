// edgeq dev, edgeq serve: the server itself, from the package alone. What runs is the Worker bundled beside the command.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { quickStartWithCli } from "../../serve/quick-start.ts";
import { serve } from "../../serve/serve.ts";
import { statePath } from "../../serve/state-folder.ts";
import { action, type Subcommand } from "../subcommand.ts";

interface ServeCommandOptions {
  readonly state: string;
  readonly port?: string;
  readonly host?: string;
}

const DEFAULT_STATE = ".edgeq/serve";

/** Beside the bundled command; in a checkout, where a build puts it. */
const CONFIG_PATHS = ["../worker/config.capnp", "../../../dist/package/worker/config.capnp"];

export const devCommand: Subcommand = (program) =>
  withOptions(program.command("dev"))
    .summary("run a queue on this machine, open to it")
    .description(
      "Runs a server on this machine, for development and tests. It needs no token and listens on loopback only. " +
        "Data survives a restart.",
    )
    .addHelpText(
      "after",
      `
Needs workerd: npm install --save-dev workerd

Examples:
  $ edgeq dev
  $ edgeq dev --port 9000 --state /tmp/queues`,
    )
    .action(action((_terminal, _connection, options: ServeCommandOptions) => run(options, true)));

export const serveCommand: Subcommand = (program) =>
  withOptions(program.command("serve"))
    .summary("run a server for holders of tokens")
    .description(
      "Runs a server on this machine, for self-hosting. Every request needs a token signed with a key of EDGEQ_KEYS. " +
        "Put TLS in front of it.",
    )
    .addHelpText(
      "after",
      `
Needs workerd: npm install workerd
EDGEQ_KEYS is a JSON object, key id to secret of at least 32 bytes: {"k1": "..."}

Examples:
  $ EDGEQ_KEYS="$(cat keys.json)" edgeq serve --host 0.0.0.0 --state /var/lib/edgeq`,
    )
    .action(action((_terminal, _connection, options: ServeCommandOptions) => run(options, false)));

function withOptions(command: Command): Command {
  return command
    .option("--state <dir>", "folder of the data, made if it is not there", DEFAULT_STATE)
    .option("--port <port>", "where to listen; 0: any that is free; default PORT, else 8787")
    .option("--host <host>", "address to listen on; default HOST, else 127.0.0.1");
}

function run({ state, port, host }: ServeCommandOptions, isOpen: boolean): Promise<number> {
  const configPath = CONFIG_PATHS.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) =>
    existsSync(path),
  );
  if (configPath === undefined) throw new Error("the Worker's bundle is missing from the package");
  return serve({
    configPath: () => Promise.resolve(configPath),
    stateDir: statePath(state),
    env: {
      ...process.env,
      ...(port === undefined ? {} : { PORT: port }),
      ...(host === undefined ? {} : { HOST: host }),
    },
    isOpen,
    quickStart: quickStartWithCli,
  });
}
