// `edgeq help` and `edgeq tokens help`: what a command takes. Commander's own shows the whole help for a command that is not there.

import type { Command } from "commander";
import { didYouMean } from "../did-you-mean.ts";
import { UsageError } from "../exit-status.ts";

/** Adds it to the program, and to each command that has commands of its own. */
export function addHelp(command: Command): void {
  const groups = command.commands.filter(({ commands }) => commands.length > 0);
  // `edgeq nosuch --help`, too.
  command.on("beforeHelp", () => {
    const [name = ""] = command.args;
    if (/^[^-]/.test(name)) subcommandOf(command, name);
  });
  command
    .helpCommand(false)
    .command("help")
    .argument("[command...]", "whose help is shown, such as: send")
    .description("show what a command takes")
    .action((path: readonly string[]) => path.reduce(subcommandOf, command).outputHelp());
  for (const group of groups) addHelp(group);
}

function subcommandOf(command: Command, name: string): Command {
  const found = command.commands.find((sub) => sub.name() === name);
  if (found !== undefined) return found;
  const meant = didYouMean(
    name,
    command.commands.map((sub) => sub.name()),
  );
  throw new UsageError(`unknown command '${name}'${meant === null ? "" : ` (Did you mean ${meant}?)`}`);
}
