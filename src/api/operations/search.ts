// Tasks found by what is said of them.

import { LIMITS } from "../../core/limits.ts";
import type { SearchInput, SearchTerm } from "../../core/search.ts";
import { parseSearch } from "../../protocol/search-query.ts";
import { BROWSE_CURSOR, browseCursor, browsePlace } from "../browse-cursor.ts";
import { Invalid } from "../invalid.ts";
import { operation } from "../operation.ts";
import { renderTasks } from "../render.ts";
import { anyNumberOf } from "../schema/lists.ts";
import { countUpTo, CURSOR, DEFAULT_PAGE } from "../schema/names.ts";
import { defaulted, object, optional, required } from "../schema/object.ts";
import { matching, text } from "../schema/scalars.ts";
import { mapped } from "../schema/schema.ts";
import { count, cursorField } from "./answer-fields.ts";
import { EXAMPLE_BROWSED } from "./examples.ts";
import { browsedTask } from "./task-answer.ts";

const query = mapped(text(LIMITS.searchLength), (written, path): readonly SearchTerm[] => {
  const parsed = parseSearch(written);
  if (parsed.kind === "terms") return parsed.terms;
  throw new Invalid(path, parsed.term, parsed.allowed);
});

export const search = operation({
  name: "search",
  about: "Pages through the tasks that match.",
  action: "browse",
  method: "POST",
  path: "/search",
  body: object(
    {
      query: optional(query, "all", "Terms with spaces between them, all of which a task must match."),
      limit: defaulted(countUpTo(LIMITS.pageTasks), DEFAULT_PAGE),
      cursor: optional(matching(BROWSE_CURSOR, CURSOR), "the first page", "Of a page with the same `query`."),
    },
    ({ query: terms = [], limit, cursor }): SearchInput => {
      const after = cursor === undefined ? 0 : browsePlace(cursor);
      if (after === null) throw new Invalid("cursor", cursor, CURSOR);
      return { terms, limit, after };
    },
  ),
  answer: object({
    tasks: required(anyNumberOf(browsedTask)),
    lookedAt: required(count, "Tasks, and rows that are none, that were looked at for this page."),
    cursor: cursorField,
  }),
  problems: ["invalid-request", "queue-not-found"],
  repeat: "always",
  example: {
    body: { query: "state:ready payload.order:7", limit: 10 },
    answer: { tasks: [EXAMPLE_BROWSED], lookedAt: 16, cursor: null },
  },
  isLarge: true,
  render: ({ tasks, lookedAt, after }) => renderTasks(tasks, { lookedAt, cursor: browseCursor(after) }),
});
