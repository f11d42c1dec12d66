// All who take part: started, killed, stopped for a while, and replaced by others of the same role under a new name.

import { spawn, type ChildProcess } from "node:child_process";
import { exitOf, type Exit } from "../../src/serve/child-exit.ts";
import type { Random } from "../simulation/random.ts";
import type { Role } from "./actors/actor.ts";

const ACTOR = new URL("./actors/actor.ts", import.meta.url).pathname;

/** One of each, and a second of the consumers that hold most. */
const CAST = [
  "client-producer",
  "socket-producer",
  "fetch-producer",
  "keyed-producer",
  "socket-consumer",
  "polling-consumer",
  "frame-consumer",
  "frame-consumer",
  "http-consumer",
  "http-consumer",
  "http-consumer",
  "manager",
] as const satisfies readonly Role[];

interface Member {
  readonly role: Role;
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
}

export class Cast {
  readonly #url: string;
  readonly #folder: string;
  readonly #random: Random;
  readonly #members: Member[] = [];
  #started = 0;
  #isOver = false;
  /** How many ended by themselves, which none should. */
  crashes = 0;

  constructor(url: string, folder: string, random: Random) {
    this.#url = url;
    this.#folder = folder;
    this.#random = random;
    for (const role of CAST) this.#start(role);
    // They must not outlive who started them.
    process.once("exit", () => this.#members.forEach(({ child }) => child.kill("SIGKILL")));
  }

  /** kill -9, and another takes its place. */
  async killOne(): Promise<string> {
    const member = this.#random.pick(this.#members);
    await this.#end(member);
    this.#start(member.role);
    return member.role;
  }

  /** SIGSTOP; call the answer to let it go on. */
  stopOne(): { readonly role: string; readonly goOn: () => void } {
    const { role, child } = this.#random.pick(this.#members);
    child.kill("SIGSTOP");
    return { role, goOn: () => void child.kill("SIGCONT") };
  }

  /** Sets the wall clock of one of them off. */
  stepOne(offsetMs: number): string {
    const { role, child } = this.#random.pick(this.#members);
    child.stdin?.write(`${offsetMs}\n`);
    return role;
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all([...this.#members].map((member) => this.#end(member)));
  }

  async #end(member: Member): Promise<void> {
    this.#members.splice(this.#members.indexOf(member), 1);
    member.child.kill("SIGKILL");
    await member.exited;
  }

  async #count({ exited }: Member): Promise<void> {
    const { signal } = await exited;
    if (signal !== "SIGKILL") this.crashes += 1;
  }

  #start(role: Role): void {
    if (this.#isOver) return;
    const name = `${role}-${(this.#started += 1)}`;
    const seed = String(this.#random.below(2 ** 31));
    const child = spawn(process.execPath, [ACTOR, role, name, this.#url, this.#folder, seed], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    // Nobody minds an order to one that has just been killed.
    child.stdin.on("error", () => {});
    const member = { role, child, exited: exitOf(child) };
    this.#members.push(member);
    void this.#count(member);
  }
}
