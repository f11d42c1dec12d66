// One that takes part, as a process of its own, so that it can be killed: `node actor.ts role name url folder seed`. It goes on
// until it is ended. Each line on its stdin sets its wall clock off by so many ms.

import { createInterface } from "node:readline";
import { Random } from "../../simulation/random.ts";
import { HistoryFile } from "../history.ts";
import { recordWire } from "../wire-recorder.ts";
import { consumeWithClient } from "./client-consumer.ts";
import { consumeOverFrames } from "./frame-consumer.ts";
import { consumeOverHttp } from "./http-consumer.ts";
import { manage } from "./manager.ts";
import { produceWithClient, produceWithFetch, produceWithKeys } from "./producers.ts";

export interface Actor {
  readonly name: string;
  readonly url: string;
  readonly random: Random;
  /** A token that no other task has. */
  token(): string;
  /** Fulfilled after about so many ms, at random. */
  pause(ms: number): Promise<void>;
}

export const ROLES = {
  "client-producer": (actor: Actor) => produceWithClient(actor, false),
  "socket-producer": (actor: Actor) => produceWithClient(actor, true),
  "fetch-producer": produceWithFetch,
  "keyed-producer": produceWithKeys,
  "socket-consumer": (actor: Actor) => consumeWithClient(actor, true),
  "polling-consumer": (actor: Actor) => consumeWithClient(actor, false),
  "frame-consumer": consumeOverFrames,
  "http-consumer": consumeOverHttp,
  manager: manage,
} as const satisfies Readonly<Record<string, (actor: Actor) => Promise<void>>>;

export type Role = keyof typeof ROLES;

if (import.meta.main) {
  const [role, name = "", url = "", folder = "", seed = "0"] = process.argv.slice(2);
  recordWire(new HistoryFile(folder, name), name);
  stepWithStdin();
  const random = new Random(Number(seed));
  let tokens = 0;
  await ROLES[role as Role]({
    name,
    url,
    random,
    token: () => `${name}-${(tokens += 1)}`,
    pause: (ms) => new Promise((fulfil) => setTimeout(fulfil, ms * (0.5 + random.next()))),
  });
}

/** What this process takes for the time of day, as when somebody sets the machine's clock. Timers run on as they do then. */
function stepWithStdin(): void {
  const realNow = Date.now.bind(Date);
  let offsetMs = 0;
  Date.now = () => realNow() + offsetMs;
  createInterface(process.stdin).on("line", (line) => (offsetMs = Number(line)));
}
