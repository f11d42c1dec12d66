// Pages through the tasks that match a search. A page is short, or empty, where it has looked at enough, and says how much it was.

import { Search } from "../search/search.ts";
import { TaskPage } from "../tasks/task-page.ts";
import { LATER } from "../turn.ts";
import type { OnQueue } from "./run.ts";

export const search: OnQueue<"search"> = (state, input, now) => {
  if (state.scans.isUsedUp) return LATER;
  const walk = new Search(state, input, now);
  const page = new TaskPage(input);
  for (const { task, before } of walk.matches()) {
    // The next page comes to it again.
    if (!page.take(task)) {
      return { kind: "found", tasks: page.shown(state, now), lookedAt: walk.lookedAt - 1, after: before };
    }
    if (page.size >= input.limit) break;
  }
  return { kind: "found", tasks: page.shown(state, now), lookedAt: walk.lookedAt, after: walk.after };
};
