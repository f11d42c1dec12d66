// Those who are told facts over sockets, one by one: after the commit of the turn that said them, so that nothing is told that never was.
// No timer and no row is for them; a queue that nobody tails keeps no fact.

import { wants, type FactFilter, type ToldKind } from "../core/task-fact.ts";
import type { Queue } from "../queue/queue.ts";
import type { Connection } from "./connection.ts";

export class FactWatchers {
  readonly #queue: Queue;
  readonly #tailing = new Set<Connection>();

  constructor(queue: Queue) {
    this.#queue = queue;
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

  #wantTheirs(): void {
    const filters: readonly FactFilter[] = [...this.#tailing].map(({ facts }) => facts.tailed ?? {});
    const isWanted = (kind: ToldKind, lane: string | null): boolean =>
      filters.some((filter) => wants(filter, kind, lane));
    this.#queue.tail.want(filters.length === 0 ? null : isWanted);
  }
}
