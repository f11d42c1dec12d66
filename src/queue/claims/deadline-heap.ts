// The earliest of many deadlines: a binary heap that knows where each item is, so that an item has one entry however often
// its deadline moves, and leaves when it ends.

interface Entry<Item> {
  at: number;
  /** Of those of one instant, the lowest comes first. */
  order: number;
  readonly item: Item;
}

export class DeadlineHeap<Item> {
  readonly #entries: Entry<Item>[] = [];
  readonly #places = new Map<Item, number>();
  /** Entries moved since it was made: what tests hold its cost to. */
  moves = 0;

  get size(): number {
    return this.#entries.length;
  }

  /** Gives the item this deadline, instead of one that it has. Without an order, those of one instant come in any. */
  set(item: Item, at: number, order = 0): void {
    const place = this.#places.get(item);
    if (place === undefined) {
      this.#entries.push({ at, order, item });
      this.#settle(this.#entries.length - 1);
      return;
    }
    const entry = this.#entries[place];
    if (entry === undefined || entry.at === at) return;
    entry.at = at;
    entry.order = order;
    this.#settle(place);
  }

  /** The item's deadline; undefined: it has none. */
  at(item: Item): number | undefined {
    const place = this.#places.get(item);
    return place === undefined ? undefined : this.#entries[place]?.at;
  }

  delete(item: Item): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    const last = this.#entries.pop();
    if (last === undefined || place === this.#entries.length) return;
    this.#entries[place] = last;
    this.#settle(place);
  }

  peek(): Readonly<Entry<Item>> | undefined {
    return this.#entries[0];
  }

  pop(): Readonly<Entry<Item>> | undefined {
    const first = this.#entries[0];
    if (first !== undefined) this.delete(first.item);
    return first;
  }

  /** The earliest and, roughly, those that come next: not more than `count`. */
  soonest(count: number): Item[] {
    return this.#entries.slice(0, count).map(({ item }) => item);
  }

  /** In no order. */
  items(): Item[] {
    return [...this.#places.keys()];
  }

  clear(): void {
    this.#entries.length = 0;
    this.#places.clear();
  }

  /** Moves the entry at a place up or down to where it belongs. */
  #settle(place: number): void {
    const entry = this.#entries[place];
    if (entry === undefined) return;
    let index = place;
    for (let parent = (index - 1) >> 1; index > 0 && this.#isAfter(parent, entry); parent = (index - 1) >> 1) {
      this.#move(parent, index);
      index = parent;
    }
    for (;;) {
      const left = 2 * index + 1;
      const other = this.#entries[left + 1];
      const sooner = other !== undefined && this.#isAfter(left, other) ? left + 1 : left;
      if (!this.#isBefore(sooner, entry)) break;
      this.#move(sooner, index);
      index = sooner;
    }
    this.#entries[index] = entry;
    this.#places.set(entry.item, index);
  }

  #move(from: number, to: number): void {
    const entry = this.#entries[from];
    if (entry === undefined) return;
    this.#entries[to] = entry;
    this.#places.set(entry.item, to);
    this.moves += 1;
  }

  #isAfter(index: number, { at, order }: Entry<Item>): boolean {
    const entry = this.#entries[index];
    return entry !== undefined && (entry.at === at ? entry.order > order : entry.at > at);
  }

  #isBefore(index: number, { at, order }: Entry<Item>): boolean {
    const entry = this.#entries[index];
    return entry !== undefined && (entry.at === at ? entry.order < order : entry.at < at);
  }
}
