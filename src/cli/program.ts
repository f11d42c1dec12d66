// The command line as a whole: its options for all, and its subcommands.

import { Command, Option } from "commander";
import { changeCommand } from "./commands/change.ts";
import { ackCommand, claimCommand, extendCommand, nackCommand } from "./commands/claim.ts";
import { completionCommand } from "./commands/completion.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { costCommand } from "./commands/cost.ts";
import { documentsCommand } from "./commands/documents.ts";
import { consumersCommand, historyCommand } from "./commands/history.ts";
import { eventsCommand } from "./commands/events.ts";
import { addHelp } from "./commands/help.ts";
import { keysCommand } from "./commands/keys.ts";
import {
  cancelCommand,
  deleteCommand,
  pauseCommand,
  purgeCommand,
  redriveCommand,
  releaseCommand,
  resumeCommand,
} from "./commands/manage.ts";
import { modifyCommand } from "./commands/modify.ts";
import { outboxCommand } from "./commands/outbox.ts";
import { peekCommand } from "./commands/peek.ts";
import { overviewCommand, queuesCommand } from "./commands/queues.ts";
import { rewindCommand } from "./commands/rewind.ts";
import { searchCommand } from "./commands/search.ts";
import { sendCommand } from "./commands/send.ts";
import { devCommand, serveCommand } from "./commands/serve.ts";
import { settingsCommand } from "./commands/settings.ts";
import { statsCommand, watchCommand } from "./commands/stats.ts";
import { tokenCommand } from "./commands/token.ts";
import { topCommand } from "./commands/top.ts";
import { exportCommand, importCommand } from "./commands/transfer.ts";
import { tokensCommand } from "./commands/tokens.ts";
import { uiCommand } from "./commands/ui.ts";
import { workCommand } from "./commands/work.ts";
import { DEFAULT_URL } from "./connection.ts";
import type { Subcommand } from "./subcommand.ts";

/** In the order in which the help lists them. */
const SUBCOMMANDS: readonly Subcommand[] = [
  sendCommand,
  claimCommand,
  ackCommand,
  nackCommand,
  extendCommand,
  workCommand,
  peekCommand,
  searchCommand,
  statsCommand,
  watchCommand,
  eventsCommand,
  historyCommand,
  consumersCommand,
  costCommand,
  pauseCommand,
  resumeCommand,
  redriveCommand,
  changeCommand,
  cancelCommand,
  releaseCommand,
  modifyCommand,
  documentsCommand,
  keysCommand,
  outboxCommand,
  settingsCommand,
  queuesCommand,
  overviewCommand,
  topCommand,
  exportCommand,
  importCommand,
  rewindCommand,
  purgeCommand,
  deleteCommand,
  tokenCommand,
  tokensCommand,
  doctorCommand,
  completionCommand,
  devCommand,
  serveCommand,
  uiCommand,
];

/** Throws CommanderError, and writes no error of its own to stderr: whoever parses reports errors in one way. */
export function edgeqProgram(version: string): Command {
  const program = new Command("edgeq")
    .description("A durable task queue at the edge, from the command line.")
    .version(version, "-V, --version")
    .addOption(new Option("--url <url>", "the server").env("EDGEQ_URL").default(DEFAULT_URL))
    .addOption(new Option("--token <token>", "a token for it").env("EDGEQ_TOKEN"))
    .option("--json", "results as JSON on stdout, errors as JSON on stderr")
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      "after",
      `
Exit status: 0 done, 1 failed or refused, 2 wrong arguments, 3 no answer from the server, 4 not allowed, 5 nothing there.
Colours: only on a terminal; NO_COLOR turns them off.

Examples:
  $ edgeq send orders '{"item": "pen"}'
  $ edgeq work orders './handle-order.sh'
  $ edgeq watch orders`,
    );
  for (const subcommand of SUBCOMMANDS) subcommand(program);
  addHelp(program);
  return program;
}
