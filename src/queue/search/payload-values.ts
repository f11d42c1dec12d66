// The parts of a payload that a search compares: all of it as text, or the values at a path.

import { parseDigits } from "../../core/parse-digits.ts";
import type { TaskRow } from "../../store/task-row.ts";

/** One payload, parsed once however many terms look into it. */
export class SearchedPayload {
  /** Bytes have none. */
  readonly text: string;
  #value: unknown = NOT_PARSED;

  constructor({ payload }: Pick<TaskRow, "payload">) {
    this.text = typeof payload === "string" ? payload : "";
  }

  /** Whether one of the values at a path such as `customer.id` is so, as text; an array on the way stands for each of its items. */
  hasValue(path: string, isSo: (text: string) => boolean): boolean {
    for (const value of valuesAt(this.#parsed(), path.split("."))) {
      if (isSo(typeof value === "string" ? value : JSON.stringify(value))) return true;
    }
    return false;
  }

  /** undefined: it is no JSON. Text payloads that hold JSON are looked into like JSON. */
  #parsed(): unknown {
    if (this.#value === NOT_PARSED) {
      try {
        this.#value = parseDigits(this.text, this.text.length);
      } catch {
        this.#value = undefined;
      }
    }
    return this.#value;
  }
}

const NOT_PARSED = Symbol("not parsed");

/**
 * Name by name, each value once: in arrays within objects within arrays a name may be an item's place or a member of an item, so
 * that the ways to a value are many more than the values.
 */
function valuesAt(value: unknown, names: readonly string[]): ReadonlySet<unknown> {
  let found: ReadonlySet<unknown> = new Set(value === undefined ? [] : [value]);
  for (const name of names) {
    const next = new Set<unknown>();
    for (const one of found) {
      if (!Array.isArray(one)) addMember(next, one, name);
      else {
        const items: readonly unknown[] = one;
        if (/^\d+$/.test(name) && Number(name) < items.length) next.add(items[Number(name)]);
        for (const item of items) if (!Array.isArray(item)) addMember(next, item, name);
      }
    }
    found = next;
  }
  return found;
}

function addMember(found: Set<unknown>, value: unknown, name: string): void {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return;
  found.add((value as Readonly<Record<string, unknown>>)[name]);
}
