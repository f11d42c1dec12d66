// How many different names a JSON text has. A parser makes something of its own for each, a hidden class or an entry of a dictionary,
// so they cost ten times what other values do. Asked only of texts that have more names than that, mostly the same again and again.

import { endOfString } from "./json-string.ts";

/** Whether the objects of `text` have more than `limit` different names, as they are written. */
export function hasMoreNames(text: string, limit: number): boolean {
  const names = new Set<string>();
  let name = "";
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) {
      const end = endOfString(text, index);
      // Never closed: the parser will say so.
      if (end === -1) return false;
      // With its opening quote: V8 hashes text that is digits alone to its number, by which a sender can make a set slow.
      name = text.slice(index, end);
      index = end;
    } else if (code === 0x3a) {
      names.add(name);
      if (names.size > limit) return true;
    }
  }
  return false;
}
