// edgeq completion: what a shell completes at the Tab key, made from the commands themselves.

import type { Command } from "commander";
import { UsageError } from "../exit-status.ts";
import { action, type Subcommand } from "../subcommand.ts";

export const completionCommand: Subcommand = (program) =>
  program
    .command("completion")
    .summary("let a shell complete commands and options")
    .description("Prints a script by which a shell completes commands and options.")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText(
      "after",
      `
Examples:
  $ source <(edgeq completion bash)                                     # in ~/.bashrc
  $ source <(edgeq completion zsh)                                      # in ~/.zshrc, after compinit
  $ edgeq completion fish > ~/.config/fish/completions/edgeq.fish`,
    )
    .action(
      action((terminal, _connection, _options: object, shell: string) => {
        const script = SCRIPTS[shell];
        if (script === undefined) {
          throw new UsageError(`shell: given ${JSON.stringify(shell)}, allowed: ${Object.keys(SCRIPTS).join(", ")}`);
        }
        const text = script(wordsOf(program));
        terminal.result({ shell, script: text }, () => text.trimEnd());
        return Promise.resolve();
      }),
    );

/** What may follow some words: subcommands and options, each with what it is for. */
interface Words {
  /** Of a subcommand, such as "documents put"; "": of the program. */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly Word[];
}

interface Word {
  readonly word: string;
  readonly about: string;
}

function wordsOf(command: Command, path = ""): Words[] {
  const shown = command.commands.filter((sub) => sub.name() !== "help");
  const commands = shown.map((sub) => ({ word: sub.name(), about: sub.summary() || sub.description() }));
  const options = command.options.map(({ long, short, description }) => ({
    word: long ?? short ?? "",
    about: description,
  }));
  const own = { path, commands, options: [...options, { word: "--help", about: "shows what it takes" }] };
  return [own, ...shown.flatMap((sub) => wordsOf(sub, path === "" ? sub.name() : `${path} ${sub.name()}`))];
}

const SCRIPTS: Readonly<Record<string, (words: readonly Words[]) => string>> = {
  bash: (words) => `${posixTable(words)}
_edgeq() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [ -n "$(_edgeq_words "\${path:+$path }$word")" ] && path="\${path:+$path }$word"
  done
  COMPREPLY=($(compgen -W "$(_edgeq_words "$path")" -- "$current"))
}
complete -o default -F _edgeq edgeq
`,
  zsh: (words) => `#compdef edgeq
${posixTable(words)}
_edgeq() {
  local path_="" word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [ -n "$(_edgeq_words "\${path_:+$path_ }$word")" ] && path_="\${path_:+$path_ }$word"
  done
  compadd -- \${=$(_edgeq_words "$path_")}
  _files
}
compdef _edgeq edgeq
`,
  fish: (words) =>
    [
      "complete -c edgeq -f",
      ...words.flatMap(({ path, commands, options }) => {
        const condition =
          path === ""
            ? "__fish_use_subcommand"
            : path
                .split(" ")
                .map((name) => `__fish_seen_subcommand_from ${name}`)
                .join("; and ");
        return [
          ...commands.map(
            ({ word, about }) => `complete -c edgeq -n ${quoted(condition)} -a ${word} -d ${quoted(about)}`,
          ),
          ...options
            .filter(({ word }) => word.startsWith("--"))
            .map(
              ({ word, about }) => `complete -c edgeq -n ${quoted(condition)} -l ${word.slice(2)} -d ${quoted(about)}`,
            ),
        ];
      }),
      "",
    ].join("\n"),
};

/** A function that answers with the words that may follow a path, and with nothing for what is no path. */
function posixTable(words: readonly Words[]): string {
  const cases = words.map(({ path, commands, options }) => {
    const all = [...commands, ...options].map(({ word }) => word);
    return `    ${quoted(path)}) echo ${quoted(all.join(" "))} ;;`;
  });
  return ["_edgeq_words() {", '  case "$1" in', ...cases, "  esac", "}"].join("\n");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
