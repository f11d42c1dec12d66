// How many producers each owner has, and who has the most: known without looking at every owner, of whom there may be as many as
// producers.

export class OwnerCounts {
  readonly #counts = new Map<string, number>();
  /** Owners by how many they have, from 1 on; a place may be empty. */
  readonly #owners: Set<string>[] = [];
  /** Of all owners. */
  all = 0;

  constructor(counts: Iterable<{ readonly owner: string; readonly producers: number }> = []) {
    for (const { owner, producers } of counts) this.add(owner, producers);
  }

  of(owner: string): number {
    return this.#counts.get(owner) ?? 0;
  }

  /** @param producers so many more; or fewer */
  add(owner: string, producers: number): void {
    const before = this.of(owner);
    const after = Math.max(0, before + producers);
    this.all += after - before;
    this.#owners[before - 1]?.delete(owner);
    if (after === 0) {
      this.#counts.delete(owner);
      return;
    }
    this.#counts.set(owner, after);
    while (this.#owners.length < after) this.#owners.push(new Set());
    this.#owners[after - 1]?.add(owner);
  }

  /** Who has the most: this one, if it has as many as any. */
  most(owner: string): string {
    while (this.#owners.at(-1)?.size === 0) this.#owners.pop();
    if (this.of(owner) >= this.#owners.length) return owner;
    const [found = owner] = this.#owners.at(-1) ?? [];
    return found;
  }
}
