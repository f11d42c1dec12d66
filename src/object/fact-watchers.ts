// Sockets that watch facts: each is sent them after the commit of the turn that they are part of, so that none is sent that never happened.
// No timer and no row is for them; a queue that nobody tails keeps no fact.

import { NameMap } from "../core/name-map.ts";
import { FACT_KINDS, wants, type TaskFactKind } from "../core/task-fact.ts";
import type { Problem } from "../protocol/problem.ts";
import type { Queue } from "../queue/queue.ts";
import type { Connection } from "./connection.ts";
import { watchRefusal } from "./watchers.ts";

export class FactWatchers {
  readonly #queue: Queue;
  readonly #tailing = new Set<Connection>();

  constructor(queue: Queue) {
    this.#queue = queue;
  }

  refusal(connection: Connection): Problem | null {
    return watchRefusal(this.#tailing, connection);
  }

  add(connection: Connection): void {
    this.#tailing.add(connection);
    this.#wantTheirs();
  }

  delete(connection: Connection): void {
    if (this.#tailing.delete(connection)) this.#wantTheirs();
  }

  committed(): void {
    if (this.#tailing.size === 0) return;
    const { facts, beyond } = this.#queue.tail.take();
    const texts = facts.map((fact) => JSON.stringify(fact));
    for (const connection of this.#tailing) {
      const filter = connection.facts.tailed ?? {};
      const theirs = texts.filter((_text, index) => {
        const fact = facts[index];
        return fact !== undefined && wants(filter, fact.kind, fact.lane ?? null);
      });
      const missed = beyond.filter(({ kind, lane }) => wants(filter, kind, lane));
      connection.tellFacts(
        theirs,
        missed.reduce((sum, { times }) => sum + times, 0),
      );
    }
  }

  /** Asked of each fact, so that it takes as long for many filters as for one. */
  #wantTheirs(): void {
    /** The lanes of each kind; null: all. */
    const wanted = new Map<TaskFactKind, NameMap<true> | null>();
    for (const { facts } of this.#tailing) {
      const { kinds = FACT_KINDS, lanes } = facts.tailed ?? {};
      for (const kind of kinds) {
        const known = wanted.get(kind);
        if (lanes === undefined) wanted.set(kind, null);
        else if (known === undefined) wanted.set(kind, setOf(lanes));
        else if (known !== null) for (const lane of lanes) known.set(lane, true);
      }
    }
    const isWanted = (kind: TaskFactKind, lane: string | null): boolean => {
      const lanes = wanted.get(kind);
      return lanes !== undefined && (lanes === null || lane === null || lanes.get(lane) === true);
    };
    this.#queue.tail.want(wanted.size === 0 ? null : isWanted);
  }
}

function setOf(names: readonly string[]): NameMap<true> {
  const set = new NameMap<true>();
  for (const name of names) set.set(name, true);
  return set;
}
