// Walks a page as its reader would: writes the files that it shows, runs its commands in order in one folder, and checks that
// what it promises to appear does.
//
//   ```ts NAME, ```js NAME   a file to be saved
//   ```sh                    commands to run, the folder they change to being kept for the next
//   ```sh background         a command that goes on; what follows it says when it is up
//   ```sh pack               makes the package: done once for all tests, by test/node/builds.ts
//   ```sh no-run             needs what a test has not, such as an account
//   ```text                  appears in what was printed so far

import { spawn, type ChildProcess } from "node:child_process";
import { copyFile, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { exitOf } from "../../src/serve/child-exit.ts";
import { userEnvironment, type Packed } from "../package/packed.ts";

export interface Block {
  readonly kind: string;
  readonly rest: string;
  readonly body: string;
}

/** The address in the pages; the server of a walk has another port. */
const SHOWN_URL = "http://127.0.0.1:8787";
/** Past this something does not appear. */
const APPEARS_WITHIN_MS = 30_000;

/** The blocks of a page that say what they are, also those within a list. */
export function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^( *)```(\S+)(?: (.*))?\n([\s\S]*?)^\1```$/gm)].map(
    ([, indent = "", kind = "", rest = "", body = ""]) => ({
      kind,
      rest,
      body: body.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }),
  );
}

export class Walk {
  readonly #shell: string;
  readonly #running: ChildProcess[] = [];
  readonly #tarball: string;
  #dir: string;
  readonly #root: string;
  #printed = "";
  #given = "";
  #url = SHOWN_URL;
  #look: (() => void)[] = [];

  private constructor(root: string, tarball: string, shell: string) {
    this.#root = root;
    this.#dir = root;
    this.#tarball = tarball;
    this.#shell = shell;
  }

  /** @param shell which runs the commands: bash, zsh, sh */
  static async begin(pack: Packed, shell = "bash"): Promise<Walk> {
    return new Walk(await realpath(await mkdtemp(join(tmpdir(), "edgeq-walk-"))), pack.tarball, shell);
  }

  /** What a reader has done who comes from the start page: the package is installed, and a server runs. */
  async serving(): Promise<this> {
    await this.#run(this.#withLocalPackages(`npm init -y\nnpm install '${this.#tarball}' workerd`));
    this.#start("npx edgeq dev");
    await this.#appears(`edgeq is at ${SHOWN_URL}`);
    return this;
  }

  /**
   * Does one page, block by block.
   *
   * @param given what its commands take for granted, as shell that each begins with
   * @returns how many blocks were written, run or checked. Throws for what does not go as shown
   */
  async page(path: string, given = ""): Promise<number> {
    this.#given = given;
    let done = 0;
    for (const block of blocksOf(await readFile(join(PROJECT_DIR, path), "utf8"))) {
      if (await this.#do(block)) done += 1;
    }
    return done;
  }

  async end(): Promise<void> {
    for (const child of this.#running) child.kill("SIGTERM");
    await Promise.all(this.#running.map((child) => exitOf(child)));
    await rm(this.#root, { recursive: true, force: true });
  }

  async #do({ kind, rest, body }: Block): Promise<boolean> {
    const shown = body.replaceAll(SHOWN_URL, this.#url);
    if (kind === "sh" && rest === "") await this.#run(this.#withLocalPackages(shown));
    else if (kind === "sh" && rest === "background") this.#start(shown);
    else if (kind === "sh" && rest === "pack") {
      await copyFile(this.#tarball, join(this.#dir, basename(this.#tarball)));
      this.#dir = await this.#folder("edgeq");
    } else if ((kind === "ts" || kind === "js") && rest !== "") await writeFile(join(this.#dir, rest), shown);
    else if (kind === "text") await this.#appears(body.trim());
    else return false;
    return true;
  }

  async #folder(name: string): Promise<string> {
    await this.#run(`mkdir ${name}`);
    return this.#root;
  }

  /** What npm would fetch is there already. */
  #withLocalPackages(commands: string): string {
    const workerd = join(PROJECT_DIR, "node_modules/workerd");
    return commands.replaceAll(/^(npm install .*)\bworkerd\b/gm, `$1${workerd} --offline`);
  }

  async #run(commands: string): Promise<void> {
    const cwd = join(this.#root, ".cwd");
    const child = this.#spawn(`set -e\n${this.#given}\n${commands}\npwd > '${cwd}'`);
    const { code } = await exitOf(child);
    if (code !== 0) throw new Error(`exit status ${code}:\n${commands}\n${this.#printed}`);
    this.#dir = (await readFile(cwd, "utf8")).trim();
  }

  #start(command: string): void {
    this.#running.push(this.#spawn(`exec ${command}`));
  }

  #spawn(script: string): ChildProcess {
    const user = userEnvironment();
    // Guides write `edgeq` where it is installed.
    const path = `${join(this.#root, "node_modules/.bin")}:${user["PATH"]}`;
    const env = { ...user, PATH: path, PORT: "0", EDGEQ_URL: this.#url };
    const child = spawn(this.#shell, ["-c", script], { cwd: this.#dir, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#printed += text;
        for (const look of this.#look) look();
      });
    }
    return child;
  }

  /** Waits for the text; the address in it is where the server really is. */
  async #appears(text: string): Promise<void> {
    const pattern = new RegExp(escaped(text).replaceAll(escaped(SHOWN_URL), String.raw`(http://127\.0\.0\.1:\d+)`));
    const match = await new Promise<RegExpExecArray>((fulfil, reject) => {
      const look = (): void => {
        const found = pattern.exec(this.#printed);
        if (found === null) return;
        clearTimeout(overdue);
        fulfil(found);
      };
      const overdue = setTimeout(
        () => reject(new Error(`not printed:\n${text}\n\nprinted:\n${this.#printed}`)),
        APPEARS_WITHIN_MS,
      );
      this.#look.push(look);
      look();
    }).finally(() => (this.#look = []));
    this.#url = match[1] ?? this.#url;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
