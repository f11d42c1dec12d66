// A map that forgets, for what can be made or asked for again.

/** Puts an entry last; of more than `most` the first goes, which was put there longest ago. */
export function putLast<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const [first = key] = map.keys();
  map.delete(first);
}
