// The links below a list that goes on: to its next page, and back to its first.

import { go, withQuery } from "./router.ts";

interface PagesProps {
  /** Where this page begins; null: it is the first. */
  readonly cursor: string | null;
  /** Where the next begins; null: there is none. */
  readonly next: string | null;
  /** How much is on a page. */
  readonly size: number;
}

export function Pages({ cursor, next, size }: PagesProps) {
  if (cursor === null && next === null) return null;
  return (
    <nav class="pages" aria-label="Pages">
      {cursor === null ? null : <a href={withQuery({ cursor: null })}>First page</a>}
      {next === null ? (
        <span class="muted">This is the end</span>
      ) : (
        <a
          href={withQuery({ cursor: next })}
          onClick={(event) => {
            event.preventDefault();
            go(withQuery({ cursor: next }));
            scrollTo(0, 0);
          }}
        >
          Next {size}
        </a>
      )}
    </nav>
  );
}
