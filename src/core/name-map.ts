// A map by names that clients choose, of which there may be any number. V8 hashes text of digits alone to its number, without a seed, so
// that names can be chosen which all fall into one place of a plain map (docs/decisions/0014-faults-of-the-platform.md).

/** No name has it: names hold no control characters. */
const MARK = "\u0000";

export class NameMap<Value> {
  readonly #values = new Map<string, Value>();

  get size(): number {
    return this.#values.size;
  }

  get(name: string): Value | undefined {
    return this.#values.get(marked(name));
  }

  set(name: string, value: Value): void {
    this.#values.set(marked(name), value);
  }

  delete(name: string): void {
    this.#values.delete(marked(name));
  }

  clear(): void {
    this.#values.clear();
  }

  /** In the order in which they were first set, as a map's. */
  *keys(): Generator<string> {
    for (const key of this.#values.keys()) yield key.startsWith(MARK) ? key.slice(1) : key;
  }

  values(): Iterable<Value> {
    return this.#values.values();
  }
}

/** Only where it is needed: a name that begins with a letter is none of digits. */
function marked(name: string): string {
  const first = name.charCodeAt(0);
  return first >= 0x30 && first <= 0x39 ? MARK + name : name;
}
