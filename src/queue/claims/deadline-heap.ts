// The earliest of many deadlines: a binary heap whose entries know where they are, so that an item has one entry however often
// its deadline moves, and leaves when it ends.

export interface Entry<Item> {
  at: number;
  /** Of those of one instant, the lowest comes first. */
  order: number;
  readonly item: Item;
  /** Its index in the heap. */
  place: number;
}

/** A map is one. */
interface EntryOf<Item> {
  get(item: Item): Entry<Item> | undefined;
  set(item: Item, entry: Entry<Item>): unknown;
  delete(item: Item): unknown;
}

export class DeadlineHeap<Item> {
  readonly #entries: Entry<Item>[] = [];
  readonly #entryOf: EntryOf<Item>;
  /** Entries moved since it was made: what tests hold its cost to. */
  moves = 0;

  /** @param entryOf where entries are found by their items; items that have a place for it need no map */
  constructor(entryOf: EntryOf<Item> = new Map<Item, Entry<Item>>()) {
    this.#entryOf = entryOf;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Gives the item this deadline, instead of one that it has. Without an order, those of one instant come in any. */
  set(item: Item, at: number, order = 0): void {
    const known = this.#entryOf.get(item);
    if (known === undefined) {
      const entry = { at, order, item, place: this.#entries.length };
      this.#entryOf.set(item, entry);
      this.#entries.push(entry);
      this.#settle(entry);
      return;
    }
    if (known.at === at) return;
    known.at = at;
    known.order = order;
    this.#settle(known);
  }

  /** The item's deadline; undefined: it has none. */
  at(item: Item): number | undefined {
    return this.#entryOf.get(item)?.at;
  }

  delete(item: Item): void {
    if (this.#entries.length === 0) return;
    const entry = this.#entryOf.get(item);
    if (entry === undefined) return;
    this.#entryOf.delete(item);
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    last.place = entry.place;
    this.#settle(last);
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
    return this.#entries.map(({ item }) => item);
  }

  clear(): void {
    for (const { item } of this.#entries) this.#entryOf.delete(item);
    this.#entries.length = 0;
  }

  /** Moves an entry from its place up or down to where it belongs. */
  #settle(entry: Entry<Item>): void {
    let index = entry.place;
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
    entry.place = index;
  }

  #move(from: number, to: number): void {
    const entry = this.#entries[from];
    if (entry === undefined) return;
    this.#entries[to] = entry;
    entry.place = to;
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
