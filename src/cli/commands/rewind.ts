// edgeq rewind: puts a queue back to an earlier moment, or notifies it that it was put back.

import type { WireOperations } from "../../client/index.ts";
import { confirm } from "../confirm.ts";
import { requestJson, type GlobalOptions } from "../connection.ts";
import { EXIT, UsageError } from "../exit-status.ts";
import { parseInstant } from "../instant.ts";
import { action, type Subcommand } from "../subcommand.ts";

interface RewindOptions {
  readonly to?: string;
  readonly done?: boolean;
  readonly yes?: boolean;
}

type Incarnation = WireOperations["reincarnate"]["answer"];

export const rewindCommand: Subcommand = (program) =>
  program
    .command("rewind")
    .summary("put a queue back to an earlier moment")
    .description(
      "Puts a queue back to a moment within the last 30 days, on Cloudflare. All that was answered since is lost. Elsewhere, put " +
        "back a copy of the state with the server stopped, start it, and tell the queue with --done. Asks first.",
    )
    .argument("<queue>")
    .option("--to <time>", "the moment: 2026-11-27T09:30:00Z, or ms since 1970")
    .option("--done", "the queue was put back already: claims made before settle nothing from now on")
    .option("-y, --yes", "do not ask")
    .addHelpText(
      "after",
      "\nExamples:\n  $ edgeq rewind orders --to 2026-11-27T09:30:00Z\n  $ edgeq rewind orders --done --yes",
    )
    .action(
      action(async (terminal, connection, options: RewindOptions, name: string) => {
        const { path, body, question } = asked(options, name);
        if (options.yes !== true && !(await confirm(question))) {
          terminal.note("nothing was changed");
          return EXIT.failed;
        }
        const begun = await send(name, path, body, connection);
        const known = new Date(begun.knownUntil).toISOString();
        terminal.result(
          { queue: name, ...begun },
          () => `${name} is in incarnation ${begun.incarnation}; it knows of ids up to ${known}`,
        );
        return EXIT.ok;
      }),
    );

interface Asked {
  readonly path: "rewind" | "reincarnate";
  readonly body: object;
  readonly question: string;
}

function asked({ to, done }: RewindOptions, name: string): Asked {
  if ((to === undefined) !== (done === true)) throw new UsageError("give either --to or --done");
  if (to === undefined) {
    const question = `Was ${name} put back? Claims made before will settle nothing.`;
    return { path: "reincarnate", body: {}, question };
  }
  const at = parseInstant("--to", to);
  const question = `Put ${name} back to ${new Date(at).toISOString()}, and lose all that happened since?`;
  return { path: "rewind", body: { to: at }, question };
}

function send(queue: string, path: string, body: object, connection: GlobalOptions): Promise<Incarnation> {
  return requestJson(`/v1/queues/${encodeURIComponent(queue)}/${path}`, connection, { method: "POST", body });
}
