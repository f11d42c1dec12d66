// Lists that the server answers page by page, put together.

import { everyAnswer } from "../client/every-answer.ts";

type Page<Name extends string, Item> = { readonly [name in Name]: readonly Item[] } & {
  /** null: it is the last. */
  readonly cursor: string | null;
};

/** What is asked for of a page; the first is asked for without a cursor. */
interface Asked {
  readonly limit: number;
  readonly cursor?: string;
}

/** The items of successive pages, `most` in all. @param name of the items in a page */
export async function itemsOfPages<Name extends string, Item>(
  name: Name,
  most: number,
  pageAt: (asked: Asked) => Promise<Page<Name, Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  const ask = (from: Pick<Asked, "cursor">): ReturnType<typeof pageAt> =>
    pageAt({ limit: Math.min(1_000, most - items.length), ...from });
  for await (const page of everyAnswer(ask)) {
    items.push(...page[name]);
    if (items.length >= most) break;
  }
  return items;
}

/** The path of a page, and its query. @param more parameters of the query */
export function pagePath(path: string, { limit, cursor }: Asked, more = ""): string {
  return `${path}?limit=${limit}${more}${cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
}
