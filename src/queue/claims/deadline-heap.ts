// The earliest of many deadlines, when most are gone before they come due: a binary heap that forgets lazily.

interface Entry<Item> {
  readonly at: number;
  readonly item: Item;
}

export class DeadlineHeap<Item> {
  #entries: Entry<Item>[] = [];

  get size(): number {
    return this.#entries.length;
  }

  push(at: number, item: Item): void {
    this.#entries.push({ at, item });
    let index = this.#entries.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapUnlessOrdered(parent, index)) break;
      index = parent;
    }
  }

  peek(): Entry<Item> | undefined {
    return this.#entries[0];
  }

  pop(): Entry<Item> | undefined {
    const first = this.#entries[0];
    const last = this.#entries.pop();
    if (last !== undefined && this.#entries.length > 0) {
      this.#entries[0] = last;
      this.#sink();
    }
    return first;
  }

  /** Drops the entries that `keep` refuses; what is dropped is not told. */
  retain(keep: (at: number, item: Item) => boolean): void {
    const kept = this.#entries.filter((entry) => keep(entry.at, entry.item));
    // A sorted array is a heap.
    this.#entries = kept.toSorted((a, b) => a.at - b.at);
  }

  #sink(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const smaller = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (smaller >= this.#entries.length || !this.#swapUnlessOrdered(index, smaller)) return;
      index = smaller;
    }
  }

  #at(index: number): number {
    return this.#entries[index]?.at ?? Number.POSITIVE_INFINITY;
  }

  #swapUnlessOrdered(parent: number, child: number): boolean {
    const above = this.#entries[parent];
    const below = this.#entries[child];
    if (above === undefined || below === undefined || above.at <= below.at) return false;
    this.#entries[parent] = below;
    this.#entries[child] = above;
    return true;
  }
}
