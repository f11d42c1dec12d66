// Lists that the server answers page by page, put together.

interface Page<Item> {
  readonly items: readonly Item[];
  /** null: it is the last. */
  readonly cursor: string | null;
}

/** The items of successive pages, `most` in all. @param pageAt is asked for the first page without a cursor */
export async function itemsOfPages<Item>(
  most: number,
  pageAt: (asked: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const limit = Math.min(1_000, most - items.length);
    const page: Page<Item> = await pageAt(cursor === null ? { limit } : { limit, cursor });
    items.push(...page.items);
    ({ cursor } = page);
  } while (cursor !== null && items.length < most);
  return items;
}
