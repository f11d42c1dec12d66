// Faults planted in what keys may have, and when. Most of them are found by the simulation of keys too: `--by keys`.

import type { Mutant } from "../mutant.ts";

const plant = (name: string, file: string, search: string, replace: string): Mutant => ({
  name,
  file: `src/queue/${file}`,
  search,
  replace,
  suites: ["rules", "keys"],
});

export const KEY_MUTANTS: readonly Mutant[] = [
  plant(
    "a key's place is released twice",
    "claims/claim-places.ts",
    "place.key.claimed -= 1;",
    "place.key.claimed -= 2;",
  ),
  plant(
    "a rate is forgotten at eviction",
    "keys/keys.ts",
    "for (const [key, at] of row.charged) this",
    "for (const [key, at] of row.charged.slice(1)) this",
  ),
  plant(
    "a key's order is lost at a nack",
    "claims/end-attempt.ts",
    'return visibleAt !== null && taskKeyOf(lane) !== null && state.keys.settings.order !== "none";',
    "return visibleAt === null && taskKeyOf(lane) !== null;",
  ),
  plant(
    "a blocked key is never freed",
    "keys/blocked-key.ts",
    "row.blockedBy.filter((other) => other !== id)",
    "row.blockedBy",
  ),
  plant(
    "a new key starts at zero virtual time",
    "keys/key-ring.ts",
    "const began = Math.max(this.#turn, this.#inLine.at(level) ?? known?.endsAt ?? 0);",
    "const began = known?.endsAt ?? 0;",
  ),
  plant(
    "a new key goes before those whose turn it is",
    "keys/key-ring.ts",
    "Math.max(this.#present, this.#turnsOf(level)?.endsAt ?? 0)",
    "this.#turnsOf(level)?.endsAt ?? 0",
  ),
  plant(
    "a key's weight is left out",
    "keys/key-choice.ts",
    "this.#turnOf(ring, level.lane, task.seq) / this.#keys.weightOf(key.name)",
    "this.#turnOf(ring, level.lane, task.seq)",
  ),
  plant(
    "a turn stays as long as it was thought",
    "keys/key-ring.ts",
    "known.endsAt += (tookMs - thoughtMs) / weight;",
    "void (thoughtMs / weight);",
  ),
  plant(
    "a turn of tasks without a key stays as long as it was thought",
    "state.ts",
    "else if (turnMs === 0) return;",
    "else return;",
  ),
  plant("a key without tasks stays known", "keys/rings.ts", "    this.known -= 1;\n", ""),
  plant(
    "a task that comes up is given out under two claims",
    "keys/head-stream.ts",
    "if (claims.get(place.seq) === undefined && !gone.has(place.seq)) {",
    "if (!gone.has(place.seq)) {",
  ),
  plant(
    "what is kept of a key is not dropped when it changes",
    "keys/key-heads.ts",
    "if (!isPassed) this.drop(level);",
    "void level;",
  ),
  plant(
    "a key waits for a task that is gone",
    "ready/levels.ts",
    "if (this.heads.changed(level, visibleAt, seq)) this.rings.changed(level);",
    "this.heads.changed(level, visibleAt, seq);",
  ),
  plant(
    "a task that was acked is offered again while its row is there",
    "keys/head-stream.ts",
    "if (claims.get(place.seq) === undefined && !gone.has(place.seq)) {",
    "if (claims.get(place.seq) === undefined) {",
  ),
  plant("a restart forgets which tasks were acked", "state.ts", "this.gone.load(acked);", "void acked;"),
  plant(
    "a claim's row is overwritten while it says which tasks were acked",
    "claims/claim-table.ts",
    "if (!this.#telling.has(slot)) this.#telling.set(slot, null);",
    "void slot;",
  ),
  plant(
    "what is kept of a key holds a task whose row has gone",
    "state.ts",
    "for (const row of rows) this.levels.removed(row);",
    "void rows;",
  ),
];
