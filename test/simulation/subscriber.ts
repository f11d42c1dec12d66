// A consumer on a socket: it grants credit, is pushed tasks, loses its connection and comes again.

import type { ClaimedTask } from "../../src/core/task.ts";
import { EVERYTHING } from "../../src/api/grant.ts";
import type { Ledger } from "./ledger.ts";
import type { Wire } from "./simulated-socket.ts";
import type { World } from "./world.ts";

interface Message {
  readonly op?: string;
  readonly sync?: number;
  readonly tasks?: readonly (Omit<ClaimedTask, "payload"> & { readonly payload: unknown })[];
}

/** Who hears what the queue has given out. */
type Listener = Pick<Ledger, "committed" | "givenBack">;

interface Wish {
  readonly lanes: readonly string[];
  readonly claimTimeoutMs: number;
}

export class Subscriber {
  readonly #world: World;
  readonly #ledger: Listener;
  readonly #queue: string;
  readonly #wish: () => Wish;
  readonly #begin: (task: ClaimedTask) => void;
  #lanes: readonly string[] = [];

  /** @param begin works on a task */
  constructor(world: World, ledger: Listener, queue: string, wish: () => Wish, begin: (task: ClaimedTask) => void) {
    this.#world = world;
    this.#ledger = ledger;
    this.#queue = queue;
    this.#wish = wish;
    this.#begin = begin;
  }

  /** For ever. */
  connect(): void {
    const { random } = this.#world;
    const pushed: string[] = [];
    let wire: Wire | null = null;
    const again = (): void => this.#world.later(random.below(2_000) + 10, () => this.connect());
    const client = {
      committed: (text: string) => {
        for (const tasks of tasksIn(text)) {
          pushed.push(...tasks.map(({ claim }) => claim));
          const outcome = { kind: "claimed", tasks };
          const lanes = { any: this.#lanes };
          const claim = { operation: "claim", input: { max: tasks.length, lanes }, outcome };
          this.#ledger.committed(this.#queue, claim as never, this.#world.now);
        }
      },
      received: (text: string) => {
        for (const { op, sync } of messagesIn(text)) {
          if (op === "sync") wire?.send(JSON.stringify({ op: "sync", sync }));
          // Some task ran out: credit is granted anew.
          if (op === "lapsed" && wire !== null) this.#grant(wire);
        }
        for (const tasks of tasksIn(text)) for (const task of tasks) this.#begin(task);
      },
      closed: again,
      ended: () => this.#ledger.givenBack(pushed, this.#queue),
    };
    this.#world.connect(this.#queue, EVERYTHING, client, (opened) => {
      wire = opened;
      this.#grant(opened);
      // Some stay for ever, some are replaced soon.
      if (random.chance(0.5)) return;
      this.#world.later(random.below(5_000), () => {
        if (opened.isOpen) again();
        opened.close();
      });
    });
  }

  #grant(wire: Wire): void {
    const { random } = this.#world;
    const body = { n: 1 + random.below(3), release: random.chance(0.5), ...this.#wish() };
    this.#lanes = body.lanes;
    wire.send(JSON.stringify({ id: 1, op: "credit", body }));
  }
}

function messagesIn(text: string): readonly Message[] {
  const parsed = JSON.parse(text) as Message | readonly Message[];
  return Array.isArray(parsed) ? (parsed as readonly Message[]) : [parsed as Message];
}

/** The tasks of each push in a frame, as a claim answers them. */
function tasksIn(text: string): ClaimedTask[][] {
  return messagesIn(text)
    .filter(({ op }) => op === "tasks")
    .map(({ tasks = [] }) => tasks.map((task) => ({ ...task, payload: JSON.stringify(task.payload) })));
}
