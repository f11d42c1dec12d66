// A list in parts, for what takes only so many at once.

/** Its items in their order, `size` a part; the last may have fewer. */
export function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) =>
    items.slice(part * size, (part + 1) * size),
  );
}
