// A table that scrolls by itself where the page is too narrow for it.

import type { ComponentChildren } from "preact";

/** The title of a column: of numbers, which are set flush right, or for screen readers alone. */
type Head = string | { readonly title: string; readonly is: "number" | "hidden" };

interface TableProps {
  /** What screen readers call it. */
  readonly label: string;
  readonly heads: readonly Head[];
  readonly name?: string;
  /** The rows. */
  readonly children: ComponentChildren;
}

export function Table({ label, heads, name, children }: TableProps) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table class={name}>
        <thead>
          <tr>
            {heads
              .map((head) => (typeof head === "string" ? { title: head } : head))
              .map((head) => (
                <HeadCell key={head.title} {...head} />
              ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function HeadCell({ title, is }: { readonly title: string; readonly is?: "number" | "hidden" }) {
  return (
    <th scope="col" class={is === "number" ? is : undefined}>
      {is === "hidden" ? <span class="hidden">{title}</span> : title}
    </th>
  );
}

/** Titles of columns of numbers. */
export function numbers(...titles: readonly string[]): Head[] {
  return titles.map((title) => ({ title, is: "number" }));
}
