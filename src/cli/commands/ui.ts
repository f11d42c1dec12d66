// edgeq ui: the dashboard of a server elsewhere, on this machine.

import { once } from "node:events";
import { parseCount } from "../duration.ts";
import { UsageError } from "../exit-status.ts";
import { action, type Subcommand } from "../subcommand.ts";

interface UiOptions {
  readonly port: string;
}

const MOST_PORT = 65_535;

export const uiCommand: Subcommand = (program) =>
  program
    .command("ui")
    .summary("open the dashboard of a server")
    .description(
      "Serves the dashboard of the server that --url names, on loopback, until it is interrupted. With --token the page " +
        "may do what the token allows; without one it asks for a token.",
    )
    .option("--port <port>", "where to listen; 0: any that is free", "0")
    .addHelpText(
      "after",
      `
A server shows the same page at its own address.

Examples:
  $ edgeq ui --url https://edgeq.example.workers.dev
  $ EDGEQ_TOKEN="$(cat token)" edgeq ui --url https://edgeq.example.workers.dev --port 9100`,
    )
    .action(
      action(async (terminal, connection, { port }: UiOptions) => {
        const wanted = parseCount("--port", port, 0, MOST_PORT);
        // Loaded on demand: no other command needs the page.
        const { serveDashboard } = await import("../dashboard-server.ts");
        const { url, stop } = await serveDashboard(connection, wanted).catch((error: NodeJS.ErrnoException) => {
          if (error.code === "EADDRINUSE") throw new UsageError(`--port: ${port} is taken`);
          throw error;
        });
        terminal.result({ url, server: connection.url }, () => `The dashboard of ${connection.url} is at ${url}`);
        const end = new AbortController();
        await Promise.race(["SIGINT", "SIGTERM", "SIGHUP"].map((name) => once(process, name, { signal: end.signal })));
        stop();
      }),
    );
