// The command line as its users have it: with arguments, stdin and an environment of its own. Most tests run it to its end in a
// thread, which is the same to it and takes a third of the processor; those of signals, terminals and programs that it starts need a process.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { Worker } from "node:worker_threads";
import { built } from "../node/built.ts";

/** As it is published: a process of one bundled file starts in two thirds of the time that one of the sources takes. */
const MAIN = await built("cli");

export interface CliOptions {
  readonly url?: string;
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

interface ProcessOptions extends CliOptions {
  /** Somebody sits at it, and can be asked: see `answer`. */
  readonly isAttended?: boolean;
}

/** Has the command take its stdin, a pipe, for a terminal. */
const ATTENDED = { NODE_OPTIONS: "--import=data:text/javascript,process.stdin.isTTY=true" };

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs; what it has said so far, and how it will have ended. */
export class RunningCli {
  readonly ended: Promise<CliResult>;
  readonly #child: ChildProcess;
  #stdout = "";
  #stderr = "";
  readonly #watchers = new Set<() => void>();

  constructor(args: readonly string[], { url, input = "", env = {}, isAttended = false }: ProcessOptions) {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: {
        NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
        ...(isAttended ? ATTENDED : {}),
        ...environmentOf(url, env),
      },
      stdio: "pipe",
    });
    this.#child = child;
    child.stdin.on("error", () => {});
    if (!isAttended) child.stdin.end(input);
    child.stdout.setEncoding("utf8").on("data", (said: string) => {
      this.#stdout += said;
      this.#tell();
    });
    child.stderr.setEncoding("utf8").on("data", (said: string) => {
      this.#stderr += said;
      this.#tell();
    });
    this.ended = new Promise((fulfil, reject) => {
      child.once("error", reject);
      child.once("close", (status) => {
        fulfil({ status, stdout: this.#stdout, stderr: this.#stderr });
        this.#tell();
      });
    });
  }

  /** Fulfilled with the match when the command has said something of the form. Rejected when it ends without. */
  async says(form: RegExp): Promise<RegExpExecArray> {
    const said = (): RegExpExecArray | null => form.exec(this.#stdout) ?? form.exec(this.#stderr);
    const before = said();
    if (before !== null) return before;
    const { promise, resolve: fulfil } = Promise.withResolvers<void>();
    const watch = (): void => {
      if (said() !== null) fulfil();
    };
    this.#watchers.add(watch);
    await Promise.race([promise, this.ended]);
    this.#watchers.delete(watch);
    const match = said();
    if (match === null) throw new Error(`the command ended without saying ${form.source}: ${this.#stderr}`);
    return match;
  }

  /** What is typed in answer to a question. */
  answer(typed: string): void {
    this.#child.stdin?.end(`${typed}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  #tell(): void {
    for (const watch of this.#watchers) watch();
  }
}

/** Runs a command to its end, in a thread. */
export async function runCli(args: readonly string[], { url, input, env = {} }: CliOptions = {}): Promise<CliResult> {
  const thread = new Worker(MAIN, {
    argv: [...args],
    env: environmentOf(url, env),
    // Not those of the tests.
    execArgv: [],
    // Without input stdin has ended. One that ends unread keeps the thread.
    stdin: input !== undefined,
    stdout: true,
    stderr: true,
  });
  thread.stdin?.end(input);
  const [stdout, stderr, [status]] = await Promise.all([
    text(thread.stdout),
    text(thread.stderr),
    once(thread, "exit"),
  ]);
  return { status: status as number, stdout, stderr };
}

function environmentOf(url: string | undefined, env: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", ...(url === undefined ? {} : { EDGEQ_URL: url }), ...env };
}
