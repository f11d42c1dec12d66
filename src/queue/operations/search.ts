// Pages through the tasks that match a search. A page is short, or empty, where it has looked at enough, and says how much it was.

import type { OutcomeOf } from "../../core/operation.ts";
import type { SearchInput } from "../../core/search.ts";
import { Search } from "../search/search.ts";
import type { QueueState } from "../state.ts";
import { TaskPage } from "../tasks/task-page.ts";
import { LATER } from "../turn.ts";

export function search(state: QueueState, input: SearchInput, now: number): OutcomeOf<"search"> | typeof LATER {
  if (state.existing() === null) return { kind: "queue-not-found" };
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
}
